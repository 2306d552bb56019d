using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.ServiceNetworking.Proxy;
using ActorOrchestrator.Host.Engine;
using ActorOrchestrator.Host.Kernel;

namespace ActorOrchestrator.Host.Composition;

/// <summary>Takes away everything of ours on this machine: containers, networks, rules, routes, files. Running it twice changes nothing.</summary>
internal static class Purge
{
    private static readonly string[] OwnEntries =
    [
        "ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock", "pki", "node", "kubeconfig", "host.log", "host.log.1", "host.log.2", "host.log.3",
        "host.pid", "host.ready", "host.lock", "host.conf", "join.conf", "cluster-id", "api-address", "kernel-settings.json", "audit.log",
    ];

    public static async Task<int> RunAsync(string data, string dockerHost, CancellationToken cancellation)
    {
        if (!Directory.Exists(data))
        {
            System.Console.WriteLine($"There is nothing of ours at {data}.");
            return 0;
        }

        using (var folder = HostFolder.Open(data))
        {
            var config = HostConfig.Load(File.Exists(folder.ConfigFile) ? folder.ConfigFile : null).Rooms;
            await PurgeEngineAsync(dockerHost, folder.ClusterId, cancellation).ConfigureAwait(false);
            LinuxNodeFiles.UnmountAll(folder.NodeData);
            var parts = NodeNetworkParts.Of(config, folder);
            await NodeNetworkPurge.RunAsync(new NftNetfilter(parts.Command), ServiceProxySettings.From(config).Table, parts.Routes, parts.Firewall, parts.Settings, cancellation).ConfigureAwait(false);
        }

        foreach (var entry in OwnEntries.Select(entry => Path.Combine(data, entry)).Concat(Directory.EnumerateFiles(data, "audit-*.log")))
        {
            if (Directory.Exists(entry))
            {
                Directory.Delete(entry, recursive: true);
            }
            else
            {
                File.Delete(entry);
            }
        }

        if (!Directory.EnumerateFileSystemEntries(data).Any())
        {
            Directory.Delete(data);
        }

        System.Console.WriteLine("Everything of the orchestrator's has been removed.");
        return 0;
    }

    /// <exception cref="HostException">The engine does not answer: without it containers would be left behind, so nothing is removed.</exception>
    private static async Task PurgeEngineAsync(string dockerHost, string clusterId, CancellationToken cancellation)
    {
        using var engine = new DockerEngine(new Uri(dockerHost));
        try
        {
            var (containers, networks) = await EnginePurge.RunAsync(engine, clusterId, cancellation).ConfigureAwait(false);
            System.Console.WriteLine($"Removed {containers} containers and {networks} networks.");
        }
        catch (EngineException held) when (held.Message.Contains("has active endpoints", StringComparison.Ordinal))
        {
            throw new HostException($"the containers are removed, but the engine at {dockerHost} holds a network for a container that is gone: {held.Message}. Restart Docker Engine, then purge again.", held);
        }
        catch (EngineException failed)
        {
            throw new HostException($"the containers of this cluster could not be removed at {dockerHost} (--docker-host), so nothing was: {failed.Message}", failed);
        }
    }
}
