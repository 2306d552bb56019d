using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Certificates;
using ActorOrchestrator.Host.Persistence;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;

namespace ActorOrchestrator.Host.Cluster;

/// <summary>How this host is a member.</summary>
/// <param name="Address">Where it listens and under which others reach it.</param>
/// <param name="Port">The remoting port.</param>
/// <param name="Roles"><c>control</c>, <c>node</c>.</param>
/// <param name="Seeds">Members to join; empty forms a cluster of its own.</param>
public sealed record Membership(IPAddress Address, int Port, ImmutableArray<string> Roles, ImmutableArray<string> Seeds);

/// <summary>
/// The clustered actor system of this host, one life of it. Its remoting is TLS with certificates of the cluster's own authority on both
/// sides: whoever is not a member cannot say a word.
/// </summary>
public sealed class ClusteredSystem
{
    private const string Name = "orchestrator";

    private ClusteredSystem(ActorSystem system, IActorRef leader)
    {
        System = system;
        Leader = leader;
    }

    public ActorSystem System { get; }

    /// <summary>Whoever leads, wherever it is. Messages wait a while when nobody does.</summary>
    public IActorRef Leader { get; }

    public static string AddressOf(IPAddress address, int port) => $"akka.ssl.tcp://{Name}@{address}:{port}";

    /// <param name="config">Everything but addresses, roles and certificates.</param>
    /// <param name="membership">This host's place.</param>
    /// <param name="certificate">Shown to other members, with its key.</param>
    /// <param name="authority">What other members' certificates must come from.</param>
    /// <param name="storage">The ledger's, on a control host.</param>
    /// <param name="leader">Makes the leader on a control host.</param>
    public static ClusteredSystem Start(
        Config config, Membership membership, X509Certificate2 certificate, X509Certificate2 authority, LedgerStorage? storage, Func<ActorSystem, Props>? leader)
    {
        var self = AddressOf(membership.Address, membership.Port);
        var seeds = membership.Seeds.IsEmpty ? [self] : membership.Seeds;
        var own = ConfigurationFactory.ParseString($$"""
            akka.remote.dot-netty.tcp.hostname = "{{membership.Address}}"
            akka.remote.dot-netty.tcp.port = {{membership.Port}}
            akka.remote.dot-netty.tcp.enable-ssl = true
            akka.cluster.roles = [{{string.Join(", ", membership.Roles.Select(role => $"\"{role}\""))}}]
            akka.cluster.seed-nodes = [{{string.Join(", ", seeds.Select(seed => $"\"{seed}\""))}}]
            """);
        var ssl = new DotNettySslSetup(certificate, suppressValidation: false, requireMutualAuthentication: true, validateCertificateHostname: false,
            (peer, _, _, _, _) => peer is not null && CertificateAuthority.Trusts(authority, peer));
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(own.WithFallback(storage?.Config ?? Config.Empty).WithFallback(config)), ssl);
        if (storage is not null)
        {
            setup = setup.And(storage.Setup);
        }

        var system = ActorSystem.Create(Name, setup);
        if (leader is not null)
        {
            system.ActorOf(ClusterSingletonManager.Props(leader(system), PoisonPill.Instance, ClusterSingletonManagerSettings.Create(system)), "control");
        }

        var proxy = system.ActorOf(ClusterSingletonProxy.Props("/user/control", ClusterSingletonProxySettings.Create(system)), "leader");
        return new ClusteredSystem(system, proxy);
    }
}

/// <summary>
/// The ledger as this host reaches it now. The clustered system can be replaced (after it was downed); whoever holds this
/// needs not know.
/// </summary>
public sealed class LedgerRoute : ILedger
{
    private volatile ILedger? _linked;
    private volatile ILedger? _local;

    /// <summary>The ledger over the cluster, wherever it leads; null while there is no link.</summary>
    public void Use(ILedger? ledger) => _linked = ledger;

    /// <summary>The ledger of this very host while it leads here: the way over the cluster is spared.</summary>
    public void Lead(ILedger? ledger) => _local = ledger;

    public Task<LedgerReplies.Committed> CommitAsync(LedgerCommands.Commit commit, CancellationToken cancellation = default) => Current.CommitAsync(commit, cancellation);

    public Task<Revision> NewestRevisionAsync(CancellationToken cancellation = default) => Current.NewestRevisionAsync(cancellation);

    private ILedger Current => _local ?? _linked ?? throw new LedgerUnavailableException("This host has no link to the control plane at the moment.");
}
