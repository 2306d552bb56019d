using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Event;

namespace ActorOrchestrator.Actors.NodeAgent.Nodes;

/// <summary>
/// Renews the node's Lease in <c>kube-node-lease</c>, for whoever looks there whether the node lives. The control plane itself goes by heartbeats, which are no
/// writes; so a Lease may be renewed much more slowly than a kubelet does.
/// <code>
///   Idle ──a quarter of its duration──► Renewing ──written──► Idle
///                                          └──failed──► Idle, again after the retry interval
/// </code>
/// </summary>
public sealed class NodeLeaseActor : ReceiveActor, IWithTimers
{
    private const string LeaseNamespace = "kube-node-lease";

    private sealed record Renew : INoSerializationVerificationNeeded;
    private sealed record Renewed(string Failure) : INoSerializationVerificationNeeded;

    private readonly NodeAgentPorts _ports;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private string _lastFailure = "";

    public NodeLeaseActor(NodeAgentPorts ports)
    {
        _ports = ports;
        Receive<Renew>(_ => OnRenew());
        Receive<Renewed>(OnRenewed);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeAgentPorts ports) => Akka.Actor.Props.Create(() => new NodeLeaseActor(ports));

    protected override void PreStart() => Self.Tell(new Renew());

    protected override void PostStop() => _stopping.Cancel();

    private void OnRenew()
    {
        var (settings, cluster) = (_ports.Settings, _ports.ControlPlane.Reader.Current);
        if (cluster.Find(new ObjectKey(ResourceTypes.Nodes, "", settings.NodeName)) is not { } node || cluster.Find(new ObjectKey(ResourceTypes.Namespaces, "", LeaseNamespace)) is null)
        {
            // The node has not registered yet, or the control plane is only just being made.
            Timers.StartSingleTimer("renew", new Renew(), settings.RetryInterval);
            return;
        }

        RenewAsync(node).PipeTo(Self, failure: error => new Renewed(error.Message));
    }

    private async Task<Renewed> RenewAsync(StoredObject node)
    {
        var (settings, client) = (_ports.Settings, _ports.ControlPlane.Client);
        var key = new ObjectKey(ResourceTypes.Leases, LeaseNamespace, settings.NodeName);
        var options = new WriteOptions(settings.Principal, "renew lease");
        var renewed = await client.UpdateAsync(key, (_, lease) => Fill(lease, node), options, _stopping.Token);
        if (renewed.Failure is { Code: 404 })
        {
            var lease = new JsonObject
            {
                ["apiVersion"] = "coordination.k8s.io/v1",
                ["kind"] = "Lease",
                ["metadata"] = new JsonObject { ["name"] = settings.NodeName, ["namespace"] = LeaseNamespace },
            };
            renewed = await client.CreateAsync(ResourceTypes.Leases, LeaseNamespace, Fill(lease, node), options, _stopping.Token);
        }

        return new Renewed(renewed.Failure?.Message ?? "");
    }

    private JsonObject Fill(JsonObject lease, StoredObject node)
    {
        var settings = _ports.Settings;
        lease.Ensure("metadata")["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = settings.NodeName, ["uid"] = node.Uid });
        var spec = lease.Ensure("spec");
        spec["holderIdentity"] = settings.NodeName;
        spec["leaseDurationSeconds"] = (long)settings.LeaseDuration.TotalSeconds;
        spec["renewTime"] = _ports.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        return lease;
    }

    private void OnRenewed(Renewed renewed)
    {
        if (renewed.Failure.Length > 0 && renewed.Failure != _lastFailure)
        {
            _log.Info("The lease of node {0} could not be renewed and is tried again: {1}", _ports.Settings.NodeName, renewed.Failure);
        }

        _lastFailure = renewed.Failure;
        Timers.StartSingleTimer("renew", new Renew(), renewed.Failure.Length > 0 ? _ports.Settings.RetryInterval : _ports.Settings.LeaseDuration / 4);
    }
}
