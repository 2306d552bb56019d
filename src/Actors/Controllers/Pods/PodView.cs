using System.Globalization;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Pods;

/// <summary>What a controller of replicas needs to know of a pod, read in one pass over its bytes.</summary>
/// <param name="Stored">The pod.</param>
/// <param name="NodeName">Empty while it is not bound.</param>
/// <param name="ReadySince">When its Ready condition last changed; meaningful when <paramref name="IsReady"/>.</param>
/// <param name="Restarts">The most restarts of any of its containers.</param>
public sealed record PodView(StoredObject Stored, string NodeName, string Phase, bool IsReady, DateTimeOffset? ReadySince, int Restarts)
{
    private const string DeletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";
    private static readonly ViewCache<PodView> Views = new(Read);
    private int _initRestarts;
    private int? _sidecarRestarts;

    /// <summary>What keeps a container from ever running as it is: a crash loop or an image that cannot be had; null while there is no such thing.</summary>
    public ContainerFailure? Failure { get; private init; }

    /// <summary>Counts as a replica: not finished and not on its way out.</summary>
    public bool IsActive => Phase is not ("Succeeded" or "Failed") && Stored.Metadata.DeletionTimestamp is null;

    /// <summary>The most restarts of a container that is no init container.</summary>
    public int AppRestarts { get; private init; }

    /// <summary>The most restarts of an init container that restarts: a sidecar. Read only when it is asked for, and when there were any at all.</summary>
    public int SidecarRestarts => _initRestarts == 0 ? 0 : _sidecarRestarts ??= ReadSidecarRestarts(Stored);

    /// <summary>Pods with a lower cost are deleted first; what is no number counts as 0, nor does one with a plus or with zeros in front.</summary>
    public int DeletionCost =>
        Stored.Metadata.Annotations.TryGetValue(DeletionCostAnnotation, out var text) && text.Length > 0
        && (text[0] is '-' or (>= '1' and <= '9') || text == "0")
        && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    public static PodView Of(StoredObject pod) => Views[pod];

    /// <summary>When the pod counts as available, or null while it is not ready.</summary>
    public DateTimeOffset? AvailableFrom(int minReadySeconds) => (IsReady, minReadySeconds, ReadySince) switch
    {
        (false, _, _) => null,
        (true, 0, _) => DateTimeOffset.MinValue,
        (true, _, { } since) => since.AddSeconds(minReadySeconds),
        _ => null,
    };

    private static PodView Read(StoredObject pod)
    {
        string nodeName = pod.Links.NodeName, phase = "";
        bool ready = false;
        DateTimeOffset? readySince = null;
        int appRestarts = 0, initRestarts = 0;
        ContainerFailure? failure = null;
        var reader = new Utf8JsonReader(pod.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isStatus = reader.ValueTextEquals("status"u8);
            reader.Read();
            if (!isStatus || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("phase"u8))
                {
                    reader.Read();
                    phase = reader.TokenType == JsonTokenType.String ? reader.GetString()! : "";
                }
                else if (reader.ValueTextEquals("conditions"u8))
                {
                    reader.Read();
                    ReadConditions(ref reader, ref ready, ref readySince);
                }
                else if (reader.ValueTextEquals("containerStatuses"u8))
                {
                    reader.Read();
                    appRestarts = ReadContainers(ref reader, ref failure);
                }
                else if (reader.ValueTextEquals("initContainerStatuses"u8))
                {
                    reader.Read();
                    initRestarts = ReadContainers(ref reader, ref failure);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
        }

        return new PodView(pod, nodeName, phase, ready, readySince, Math.Max(appRestarts, initRestarts))
        {
            Failure = failure, AppRestarts = appRestarts, _initRestarts = initRestarts,
        };
    }

    private static int ReadSidecarRestarts(StoredObject pod)
    {
        using var document = JsonDocument.Parse(pod.Utf8);
        var sidecars = document.RootElement.Get("spec").Items("initContainers")
            .Where(container => container.Text("restartPolicy") == "Always").Select(container => container.Text("name")).ToHashSet(StringComparer.Ordinal);
        return document.RootElement.Get("status").Items("initContainerStatuses")
            .Where(status => sidecars.Contains(status.Text("name"))).Select(status => status.Integer("restartCount") ?? 0).DefaultIfEmpty().Max();
    }

    private static void ReadConditions(ref Utf8JsonReader reader, ref bool ready, ref DateTimeOffset? since)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            bool isReady = false, isTrue = false;
            DateTimeOffset? changed = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("type"u8))
                {
                    reader.Read();
                    isReady = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("Ready"u8);
                }
                else if (reader.ValueTextEquals("status"u8))
                {
                    reader.Read();
                    isTrue = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("True"u8);
                }
                else if (reader.ValueTextEquals("lastTransitionTime"u8))
                {
                    reader.Read();
                    changed = reader.TokenType == JsonTokenType.String && reader.TryGetDateTimeOffset(out var time) ? time : null;
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            if (isReady)
            {
                (ready, since) = (isTrue, changed);
            }
        }
    }

    private static int ReadContainers(ref Utf8JsonReader reader, ref ContainerFailure? failure)
    {
        var most = 0;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return most;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var name = "";
            (string Reason, string Message) waiting = ("", "");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isCount, isName, isState) = (reader.ValueTextEquals("restartCount"u8), reader.ValueTextEquals("name"u8), reader.ValueTextEquals("state"u8));
                reader.Read();
                if (isCount && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var count))
                {
                    most = Math.Max(most, count);
                }
                else if (isName && reader.TokenType == JsonTokenType.String)
                {
                    name = reader.GetString()!;
                }
                else if (isState && reader.TokenType == JsonTokenType.StartObject)
                {
                    waiting = ReadWaiting(ref reader);
                    continue;
                }

                reader.Skip();
            }

            if (waiting.Reason.Length > 0)
            {
                failure ??= new ContainerFailure(name, waiting.Reason, waiting.Message);
            }
        }

        return most;
    }

    /// <summary>Why a container waits, when that is one of the <see cref="ContainerFailure"/>s.</summary>
    private static (string Reason, string Message) ReadWaiting(ref Utf8JsonReader reader)
    {
        string reason = "", message = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWaiting = reader.ValueTextEquals("waiting"u8);
            reader.Read();
            if (!isWaiting || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isReason, isMessage) = (reader.ValueTextEquals("reason"u8), reader.ValueTextEquals("message"u8));
                reader.Read();
                if (isReason && reader.TokenType == JsonTokenType.String)
                {
                    reason = ContainerFailure.Known(ref reader);
                }
                else if (isMessage && reader.TokenType == JsonTokenType.String)
                {
                    message = reader.GetString()!;
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return (reason, message);
    }
}
