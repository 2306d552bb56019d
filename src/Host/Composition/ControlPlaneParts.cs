using System.Collections.Immutable;
using ActorOrchestrator.Actors.Cluster;
using ActorOrchestrator.Actors.Controllers;
using ActorOrchestrator.Actors.Controllers.ApiServices;
using ActorOrchestrator.Actors.Controllers.Bootstrap;
using ActorOrchestrator.Actors.Controllers.Certificates;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Ledger.History;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Certificates;
using ActorOrchestrator.Host.Cluster;
using ActorOrchestrator.Host.Persistence;
using Akka.Actor;
using Akka.Configuration;

namespace ActorOrchestrator.Host.Composition;

/// <summary>What runs with the leader: the ledger, and everything that decides.</summary>
internal sealed class ControlPlaneParts(OrchestratorOptions options, LedgerView view, LedgerSettings ledger, Config config, NetworkSettings network, IResourceClient client, ICatalogSource catalog, HostIdentity identity, AccessParts? access, LedgerRoute route, ResourceMetrics metrics, TimeProvider time)
{
    public Props Leader(ActorSystem system)
    {
        // Whether it leads or not, a control host can read the journal.
        view.LooksBackIn(new JournalArchive(system, view, ledger.History, time));
        return LeaderActor.Props(
            LedgerActor.Supervised(view, ledger, time, LedgerStorage.Explain),
            Parts(system),
            leads: local => route.Lead(local is null ? null : new LedgerClient(local, ledger.CommitTimeout)));
    }

    private ImmutableArray<LeaderPart> Parts(ActorSystem system)
    {
        var events = EventRecorder.Start(system, client, catalog, time, EventSettings.From(config.GetConfig("orchestrator.events")), "orchestrator");
        var bootstrap = new BootstrapSettings(
            options.AdvertiseAddress.ToString(), options.ApiPort, identity.AuthorityCertificate.ExportCertificatePem(),
            network.ApiAddress.ToString(), network.DnsAddress.ToString(), network.ServiceCidr.ToString());
        var transport = new ApiServiceTransport(view, identity.Authority?.IssueClient(CertificateSubject.FrontProxy));
        var aggregation = AggregationSettings.From(config.GetConfig("orchestrator.aggregation"));
        var parts = new LeaderParts(view, client, catalog, events, time, config, network, bootstrap)
        {
            Aggregated = new AggregatedContent(transport, aggregation.CheckTimeout),
            Servers = transport,
            Metrics = metrics,
        };
        return
        [
            .. parts.Build(AccessControllers.Definitions(identity.Authority, access?.Signer, bootstrap.CertificateAuthority)),
            new LeaderPart("certificate-cleaner", SweepActor.Props(view, client, events, time, new CertificateCleanup(), CertificateCleanup.Interval)),
            new LeaderPart("apiservice-availability", ApiServiceAvailabilityActor.Props(view, client, transport, time, aggregation)),
        ];
    }
}
