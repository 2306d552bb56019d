using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.LimitRanges;

/// <summary>
/// Gives the containers of a new pod what they leave open, and refuses pods and claims that ask for less or more than the namespace's LimitRanges
/// allow. Messages and the annotation are upstream's.
/// </summary>
public sealed class LimitRanger : IAdmissionPlugin
{
    private const string Annotation = "kubernetes.io/limit-ranger";

    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (NewPod.Is(request) && request.Snapshot.Count(ResourceTypes.LimitRanges) > 0)
        {
            foreach (var range in request.Snapshot.InNamespace(ResourceTypes.LimitRanges, request.Key.Namespace))
            {
                SetDefaults(request.Object, range.ToJson());
            }
        }

        return default;
    }

    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Validate(request));

    private static ApiStatus? Validate(AdmissionRequest request)
    {
        var claim = request.Key.Type == ResourceTypes.PersistentVolumeClaims && request.Options.Subresource.Length == 0 && request.Operation != AdmissionOperation.Delete;
        var resize = request.Key.Type == ResourceTypes.Pods && request.Options.Subresource == "resize" && request.Operation == AdmissionOperation.Update;
        if ((!NewPod.Is(request) && !claim && !resize) || request.Snapshot.Count(ResourceTypes.LimitRanges) == 0)
        {
            return null;
        }

        if (request.Object.Object("metadata").Text("deletionTimestamp").Length > 0)
        {
            return null;
        }

        foreach (var range in request.Snapshot.InNamespace(ResourceTypes.LimitRanges, request.Key.Namespace))
        {
            var errors = new List<string>();
            foreach (var limit in range.ToJson().Object("spec").Array("limits") ?? [])
            {
                LimitRules.Check(limit as JsonObject, request.Object, claim, errors);
            }

            if (errors.Count > 0)
            {
                return ApiStatus.Forbidden(request.Key, errors.Count == 1 ? errors[0] : $"[{string.Join(", ", errors.Distinct())}]");
            }
        }

        return null;
    }

    private static void SetDefaults(JsonObject pod, JsonObject range)
    {
        var requests = new JsonObject();
        var limits = new JsonObject();
        foreach (var limit in range.Object("spec").Array("limits") ?? [])
        {
            if (limit.Text("type") == "Container")
            {
                Take(limit.Object("defaultRequest"), requests);
                Take(limit.Object("default"), limits);
            }
        }

        var told = new List<string>();
        foreach (var (list, kind) in ((string, string)[])[("containers", "container"), ("initContainers", "init container")])
        {
            foreach (var container in pod.Object("spec").Array(list) ?? [])
            {
                if (container is JsonObject item)
                {
                    Merge(item, "requests", requests, $"request for {kind}", told);
                    Merge(item, "limits", limits, $"limit for {kind}", told);
                }
            }
        }

        if (told.Count > 0)
        {
            pod.Ensure("metadata").Ensure("annotations")[Annotation] = $"LimitRanger plugin set: {string.Join("; ", told)}";
        }
    }

    private static void Take(JsonObject? from, JsonObject to)
    {
        foreach (var (name, value) in from ?? [])
        {
            to[name] = value?.DeepClone();
        }
    }

    private static void Merge(JsonObject container, string side, JsonObject defaults, string what, List<string> told)
    {
        var given = container.Object("resources").Object(side);
        var set = defaults.Where(pair => given?[pair.Key] is null).Select(pair => pair.Key).Order(StringComparer.Ordinal).ToArray();
        if (set.Length == 0)
        {
            return;
        }

        var quantities = container.Ensure("resources").Ensure(side);
        foreach (var name in set)
        {
            quantities[name] = defaults[name]?.DeepClone();
        }

        told.Add($"{string.Join(", ", set)} {what} {container.Text("name")}");
    }
}
