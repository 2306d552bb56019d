using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Scheduling;

/// <summary>
/// Writes what the scheduler decided. A binding is idempotent: a pod that is bound to the same node already is bound, one that is
/// bound elsewhere refuses; therefore an unknown outcome is settled by asking again.
/// </summary>
public sealed class PodBinder(IResourceClient client, TimeProvider time) : IBind
{
    public const string Principal = "system:kube-scheduler";

    public string Name => "DefaultBinder";

    public async Task<BindResult> BindAsync(PodInfo pod, string nodeName, CancellationToken cancellation)
    {
        var options = new WriteOptions(Principal, "bind") { Cause = pod.Source.Revision, Subresource = "binding", ExpectedUid = pod.Uid };
        try
        {
            var result = await client.UpdateAsync(pod.Key, (_, obj) => Bound(pod.Key, obj, nodeName), options, cancellation).ConfigureAwait(false);
            return result.Failure switch
            {
                null => new BindResult(BindOutcome.Bound, ""),
                { Code: >= 500 } failure => new BindResult(BindOutcome.Unknown, failure.Message),
                var failure => new BindResult(BindOutcome.Refused, failure.Message),
            };
        }
        catch (LedgerUnavailableException unavailable)
        {
            return new BindResult(BindOutcome.Unknown, unavailable.Message);
        }
    }

    /// <summary>Writes the condition that says why the pod waits. Nothing is written when it says so already.</summary>
    public Task<ResourceResult> MarkUnschedulableAsync(PodInfo pod, string message, CancellationToken cancellation)
    {
        var options = new WriteOptions(Principal, "mark unschedulable") { Cause = pod.Source.Revision, Subresource = "status", ExpectedUid = pod.Uid };
        return client.UpdateAsync(
            pod.Key,
            (_, obj) => (obj["spec"] as JsonObject)?["nodeName"] is null && SetScheduled(obj, "False", "Unschedulable", message) ? obj : ChangeResult.Nothing,
            options,
            cancellation);
    }

    private ChangeResult Bound(ObjectKey key, JsonObject obj, string nodeName)
    {
        var spec = obj["spec"]!.AsObject();
        if ((string?)spec["nodeName"] is { Length: > 0 } taken)
        {
            return taken == nodeName ? ChangeResult.Nothing : ApiStatus.Conflict(key, $"pod {key.Name} is already assigned to node \"{taken}\"");
        }

        if (obj["metadata"]!["deletionTimestamp"] is not null)
        {
            return ApiStatus.Conflict(key, $"pod {key.Name} is being deleted, cannot be assigned to a host");
        }

        if (spec["schedulingGates"] is JsonArray { Count: > 0 })
        {
            return ApiStatus.Conflict(key, $"pod {key.Name} has non-empty .spec.schedulingGates");
        }

        spec["nodeName"] = nodeName;
        SetScheduled(obj, "True", null, null);
        return obj;
    }

    private bool SetScheduled(JsonObject obj, string state, string? reason, string? message)
    {
        if (obj["status"] is not JsonObject status)
        {
            obj["status"] = status = [];
        }

        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        var before = conditions.OfType<JsonObject>().FirstOrDefault(condition => (string?)condition["type"] == "PodScheduled");
        if (before is not null && (string?)before["status"] == state && (string?)before["reason"] == reason && (string?)before["message"] == message)
        {
            return false;
        }

        var turned = (string?)before?["status"] == state ? (string?)before["lastTransitionTime"] : null;
        var condition = new JsonObject
        {
            ["type"] = "PodScheduled",
            ["status"] = state,
            ["lastProbeTime"] = null,
            ["lastTransitionTime"] = turned ?? time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        };
        if (reason is not null)
        {
            condition["reason"] = reason;
        }

        if (message is not null)
        {
            condition["message"] = message;
        }

        if (before is null)
        {
            conditions.Add(condition);
        }
        else
        {
            conditions[conditions.IndexOf(before)] = condition;
        }

        return true;
    }
}
