using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.GarbageCollection;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Scheduling.Framework;
using ActorOrchestrator.Actors.Scheduling.Plugins;
using ActorOrchestrator.Actors.Scheduling.Storage;
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

    /// <summary>Makes a pod leave for another: it is told why, and then deleted with its own grace period.</summary>
    /// <returns>Why it could not be; null when it leaves, or has left.</returns>
    public async Task<string?> EvictAsync(PodInfo victim, PodInfo preemptor, CancellationToken cancellation)
    {
        var options = new WriteOptions(Principal, "preempt") { Cause = preemptor.Source.Revision, Subresource = "status", ExpectedUid = victim.Uid };
        var told = await client.UpdateAsync(victim.Key, (_, obj) => Disrupted(obj, preemptor) ? obj : ChangeResult.Nothing, options, cancellation).ConfigureAwait(false);
        if (told.Failure is { Code: not (404 or 409) } refused)
        {
            return refused.Message;
        }

        var deletion = new WriteOptions(Principal, "preempt") { Cause = preemptor.Source.Revision };
        var deleted = await client.DeleteAsync(victim.Key, new DeleteRequest { PreconditionUid = victim.Uid }, deletion, cancellation).ConfigureAwait(false);
        return deleted.Failure is { Code: not (404 or 409) } failure ? failure.Message : null;
    }

    /// <summary>Records on claims and volumes what was decided about them: the volume is given to the claim, or its maker is told the node.</summary>
    /// <returns>Why that could not be; null when it is written.</returns>
    public async Task<string?> BindVolumesAsync(PodInfo pod, ImmutableArray<VolumeDecision> decisions, CancellationToken cancellation)
    {
        foreach (var decision in decisions)
        {
            var options = new WriteOptions(Principal, "bind volume") { Cause = pod.Source.Revision };
            var result = decision.VolumeName.Length == 0
                ? await client.UpdateAsync(
                    decision.Claim, (_, obj) => Selected(obj, decision), options with { ExpectedUid = decision.ClaimUid }, cancellation).ConfigureAwait(false)
                : await client.UpdateAsync(
                    new ObjectKey(ResourceTypes.PersistentVolumes, "", decision.VolumeName), (_, obj) => Given(obj, decision), options, cancellation).ConfigureAwait(false);
            if (result.Failure is { } failure)
            {
                return failure.Message;
            }
        }

        return null;
    }

    private static ChangeResult Selected(JsonObject claim, VolumeDecision decision)
    {
        var metadata = claim["metadata"]!.AsObject();
        if (metadata["annotations"] is not JsonObject annotations)
        {
            metadata["annotations"] = annotations = [];
        }

        if ((string?)annotations[ClaimInfo.SelectedNode] == decision.NodeName)
        {
            return ChangeResult.Nothing;
        }

        annotations[ClaimInfo.SelectedNode] = decision.NodeName;
        return claim;
    }

    private static ChangeResult Given(JsonObject volume, VolumeDecision decision)
    {
        var spec = volume["spec"]!.AsObject();
        if (spec["claimRef"] is JsonObject held)
        {
            var isMine = (string?)held["namespace"] == decision.Claim.Namespace && (string?)held["name"] == decision.Claim.Name;
            if (!isMine || (string?)held["uid"] is { Length: > 0 } uid && uid != decision.ClaimUid)
            {
                return ApiStatus.Conflict(
                    new ObjectKey(ResourceTypes.PersistentVolumes, "", decision.VolumeName), $"volume \"{decision.VolumeName}\" already bound to a different claim.");
            }
        }

        spec["claimRef"] = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "PersistentVolumeClaim",
            ["namespace"] = decision.Claim.Namespace,
            ["name"] = decision.Claim.Name,
            ["uid"] = decision.ClaimUid,
        };
        var metadata = volume["metadata"]!.AsObject();
        if (metadata["annotations"] is not JsonObject annotations)
        {
            metadata["annotations"] = annotations = [];
        }

        annotations["pv.kubernetes.io/bound-by-controller"] = "yes";
        return volume;
    }

    private bool Disrupted(JsonObject obj, PodInfo preemptor)
    {
        if (obj["status"] is not JsonObject status)
        {
            obj["status"] = status = [];
        }

        return PodConditions.Set(
            status, "DisruptionTarget", "True", "PreemptionByScheduler", $"{preemptor.SchedulerName}: preempting to accommodate a higher priority pod", time.GetUtcNow());
    }

    /// <summary>Writes the condition that says why the pod waits, and where room is being made for it. Nothing is written when it says so already.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="message">Why it waits.</param>
    /// <param name="nomination">The node; empty for none any more, null for no change.</param>
    /// <param name="cancellation">The scheduler has stopped.</param>
    public Task<ResourceResult> MarkUnschedulableAsync(PodInfo pod, string message, string? nomination, CancellationToken cancellation)
    {
        var options = new WriteOptions(Principal, "mark unschedulable") { Cause = pod.Source.Revision, Subresource = "status", ExpectedUid = pod.Uid };
        return client.UpdateAsync(
            pod.Key,
            (_, obj) => (obj["spec"] as JsonObject)?["nodeName"] is null && SetScheduled(obj, "False", "Unschedulable", message) | SetNominated(obj, nomination)
                ? obj
                : ChangeResult.Nothing,
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

    private static bool SetNominated(JsonObject obj, string? nomination)
    {
        var status = obj["status"]!.AsObject();
        if (nomination is null || ((string?)status["nominatedNodeName"] ?? "") == nomination)
        {
            return false;
        }

        if (nomination.Length == 0)
        {
            status.Remove("nominatedNodeName");
        }
        else
        {
            status["nominatedNodeName"] = nomination;
        }

        return true;
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
