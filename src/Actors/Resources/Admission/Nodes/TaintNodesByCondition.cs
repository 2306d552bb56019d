using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.Nodes;

/// <summary>A new node takes no pods until it has said that it is ready; the node controller takes the taint away then.</summary>
public sealed class TaintNodesByCondition : IAdmissionPlugin
{
    private const string NotReady = "node.kubernetes.io/not-ready";

    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (request.Operation != AdmissionOperation.Create || request.Key.Type != ResourceTypes.Nodes || request.Options.Subresource.Length > 0)
        {
            return default;
        }

        var spec = request.Object.Ensure("spec");
        var taints = spec.Array("taints") ?? [];
        if (!taints.Any(taint => taint.Text("key") == NotReady && taint.Text("effect") == "NoSchedule"))
        {
            taints.Add(new JsonObject { ["key"] = NotReady, ["effect"] = "NoSchedule" });
        }

        if (taints.Parent is null)
        {
            spec["taints"] = taints;
        }

        return default;
    }
}
