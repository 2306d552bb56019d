using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Host.Cluster;
using ActorOrchestrator.Host.Console.Palettes;
using Akka.Actor;

namespace ActorOrchestrator.Host.Composition;

/// <summary>The console of this host, with its palettes. It lives in the clustered system and is opened again with it.</summary>
internal static class HostConsole
{
    public static void Start(ClusterLink link, Func<ActorSystem?> local, IClusterReader reader, IResourceClient client, IResourceMetrics metrics, TimeProvider time)
    {
        void Open(ActorSystem system)
        {
            var cmd = PetabridgeCmd.Get(system);
            cmd.RegisterCommandPalette(new ClusterPalette());
            cmd.RegisterCommandPalette(new ActorPalette(() => new[] { link.System, local() }.OfType<ActorSystem>()));
            cmd.RegisterCommandPalette(new OrchestratorPalette(reader, client, metrics, time));
            cmd.Start();
        }

        link.Opened += Open;
        Open(link.System);
    }
}
