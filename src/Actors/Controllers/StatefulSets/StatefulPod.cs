using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.Revisions;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.StatefulSets;

/// <summary>A pod with an identity: the name of its set and an ordinal.</summary>
public sealed record StatefulPod(PodView Pod, int Ordinal)
{
    public const string NameLabel = "statefulset.kubernetes.io/pod-name";
    public const string IndexLabel = "apps.kubernetes.io/pod-index";

    public StoredObject Stored => Pod.Stored;
    public string Revision => Stored.Metadata.Labels.GetValueOrDefault(RevisionView.PodLabel, "");
    public bool IsTerminating => Stored.Metadata.DeletionTimestamp is not null;
    public bool IsFinished => Pod.Phase is "Failed" or "Succeeded";
    public bool IsRunningAndReady => Pod is { Phase: "Running", IsReady: true };
    public bool HasItsLabels => Stored.Metadata.Labels.GetValueOrDefault(NameLabel) == Stored.Key.Name;

    public bool IsRunningAndAvailable(int minReadySeconds, DateTimeOffset now) => IsRunningAndReady && Pod.AvailableFrom(minReadySeconds) <= now;

    /// <summary>Upstream's isUnavailable: it does not serve, or will soon not.</summary>
    public bool IsUnavailable(int minReadySeconds, DateTimeOffset now) => IsTerminating || !IsRunningAndAvailable(minReadySeconds, now);

    /// <summary>The ordinal in <c>set-7</c>; null when the name is not one of the set's.</summary>
    public static int? OrdinalOf(string pod, string set)
    {
        var ordinal = pod.AsSpan(Math.Min(pod.Length, set.Length + 1));
        return pod.Length > set.Length + 1 && pod[set.Length] == '-' && pod.StartsWith(set, StringComparison.Ordinal)
            && int.TryParse(ordinal, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>Null for a pod whose name is not one of the set's.</summary>
    public static StatefulPod? Of(StoredObject pod, StatefulSetView set) =>
        OrdinalOf(pod.Key.Name, set.Name) is { } ordinal ? new StatefulPod(PodView.Of(pod), ordinal) : null;

    public static string NameOf(StatefulSetView set, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{set.Name}-{ordinal}");

    /// <summary>The pod of one ordinal, made from the template of one revision.</summary>
    public static JsonObject Json(StatefulSetView set, int ordinal, RevisionView revision)
    {
        var name = NameOf(set, ordinal);
        var pod = revision.Template.NewPod("", Ownership.ByStatefulSet.ReferenceTo(set.Stored));
        var metadata = pod.Ensure("metadata");
        metadata.Remove("generateName");
        metadata["name"] = name;
        metadata["namespace"] = set.Stored.Key.Namespace;
        var labels = metadata.Ensure("labels");
        labels[RevisionView.PodLabel] = revision.Name;
        SetLabels(labels, name, ordinal);
        var spec = pod.Ensure("spec");
        spec["hostname"] = name;
        spec["subdomain"] = set.ServiceName;
        if (!set.ClaimTemplates.IsEmpty)
        {
            spec["volumes"] = Volumes(set, ordinal, spec.Array("volumes"));
        }

        return pod;
    }

    public static void SetLabels(JsonObject labels, string name, int ordinal)
    {
        labels[NameLabel] = name;
        labels[IndexLabel] = ordinal.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Each claim of the set is a volume, in place of one of the template that has its name.</summary>
    private static JsonArray Volumes(StatefulSetView set, int ordinal, JsonArray? own)
    {
        var volumes = new JsonArray();
        foreach (var (claim, _) in set.ClaimTemplates)
        {
            volumes.Add(new JsonObject
            {
                ["name"] = claim, ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = StatefulClaims.NameOf(set, claim, ordinal) },
            });
        }

        foreach (var volume in own ?? [])
        {
            if (set.ClaimTemplates.All(claim => claim.Name != volume.Text("name")))
            {
                volumes.Add(volume?.DeepClone());
            }
        }

        return volumes;
    }
}
