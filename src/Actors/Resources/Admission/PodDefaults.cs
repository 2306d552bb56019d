using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission;

/// <summary>A pod stays five minutes on a node that is not ready or unreachable, unless it says otherwise.</summary>
public sealed class DefaultTolerationSeconds : IAdmissionPlugin
{
    private static readonly string[] Keys = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Admit(request));

    private static ApiStatus? Admit(AdmissionRequest request)
    {
        if (!NewPod.Is(request) && !NewPod.IsUpdate(request))
        {
            return null;
        }

        var spec = request.Object.Ensure("spec");
        var tolerations = spec.Array("tolerations") ?? [];
        foreach (var key in Keys)
        {
            if (tolerations.Any(toleration => Tolerates(toleration, key)))
            {
                continue;
            }

            tolerations.Add(new JsonObject
            {
                ["effect"] = "NoExecute",
                ["key"] = key,
                ["operator"] = "Exists",
                ["tolerationSeconds"] = 300,
            });
        }

        if (tolerations.Parent is null)
        {
            spec["tolerations"] = tolerations;
        }

        return null;
    }

    private static bool Tolerates(JsonNode? toleration, string key) =>
        (toleration.Text("key") == key || toleration.Text("key").Length == 0) && toleration.Text("effect") is "NoExecute" or "";
}

internal static class NewPod
{
    public static bool Is(AdmissionRequest request) =>
        request.Operation == AdmissionOperation.Create && request.Key.Type == ResourceTypes.Pods && request.Options.Subresource.Length == 0;

    public static bool IsUpdate(AdmissionRequest request) =>
        request.Operation == AdmissionOperation.Update && request.Key.Type == ResourceTypes.Pods && request.Options.Subresource.Length == 0;
}
