using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.NodeAgent.Nodes;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Admission;
using ActorOrchestrator.Actors.Resources.CustomResources;
using ActorOrchestrator.Actors.Resources.Strategies;
using ActorOrchestrator.Host.Certificates;
using ActorOrchestrator.Host.Cluster;
using ActorOrchestrator.Host.Engine;
using ActorOrchestrator.Host.Join;
using ActorOrchestrator.Host.Logging;
using ActorOrchestrator.Host.Persistence;
using Akka.Configuration;

namespace ActorOrchestrator.Host.Composition;

/// <summary>
/// One host: everything is made here, in the order in which it is needed, and ended in the opposite order.
/// <code>
///   folder (lock, log) → engine answers? → certificates (made, or got by joining) → storage → clustered system → API → local system
///   → ready: kubeconfig, pid, three lines → … → SIGTERM/SIGINT → API, local system, leaving the cluster, storage, folder
/// </code>
/// Whatever fails before "ready" undoes what was begun and becomes one line for the user. Nothing here ever stops a container, unless the settings give pods a
/// time to end with their node: that is then done first of all.
/// </summary>
public static class HostProcess
{
    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(60);

    /// <exception cref="HostException">The host cannot start; the message is for the user.</exception>
    public static async Task<int> RunAsync(OrchestratorOptions options, CancellationToken cancellation)
    {
        if (options.IsNode && !Environment.IsPrivilegedProcess)
        {
            throw new HostException("a node must run as root: it lays the pod network, changes nftables rules and talks to Docker Engine. (A control host alone needs no root: --role control.)");
        }

        HostFolder folder;
        try
        {
            folder = HostFolder.Open(options.Data);
        }
        catch (HostRunningException running)
        {
            System.Console.WriteLine($"The orchestrator is already running on {options.Data} (pid {running.Pid}).");
            return 0;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var hurry = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop, hurry));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop, hurry));
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => signal.Cancel = true);
        var endedPods = false;
        using (folder)
        {
            try
            {
                endedPods = await RunAsync(options, folder, stop.Token, hurry.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // Stopped while it started: what was begun has been undone on the way here.
            }
            catch (LedgerStorageException failed)
            {
                throw new HostException(failed.Message, failed);
            }
            catch (IOException failed) when (IsDiskFull(failed))
            {
                throw new HostException($"no space is left on the disk of {options.Data}.", failed);
            }
        }

        System.Console.WriteLine(StoppedText(endedPods));
        return 0;
    }

    internal static string StoppedText(bool endedPods) => endedPods
        ? "The orchestrator has stopped, and the pods of this node with it; ./up starts it again."
        : "The orchestrator has stopped. Workloads keep running; ./up takes them over again.";

    /// <returns>Whether the node's pods were ended too.</returns>
    private static async Task<bool> RunAsync(OrchestratorOptions options, HostFolder folder, CancellationToken stop, CancellationToken hurry)
    {
        var time = TimeProvider.System;
        using var log = LogFile.Start(folder.Log);
        var config = HostConfig.Load(options.ConfigFile);
        using var engine = options.IsNode ? await OpenEngineAsync(options.DockerHost, config.Rooms.GetInt("orchestrator.node.parallel-starts"), stop).ConfigureAwait(false) : null;
        var pki = new PkiFolder(folder.Pki, time);
        var joined = options.JoinAddress is null ? null : await JoinClient.JoinAsync(options, folder, pki, stop).ConfigureAwait(false);
        config = joined is null ? config : config.WithRanges(joined.ClusterCidr, joined.ServiceCidr);
        var rooms = config.Rooms;
        var network = NetworkSettings.From(rooms);
        if (engine is not null)
        {
            await RefuseConflictAsync(engine, network, options, folder, stop).ConfigureAwait(false);
        }

        folder.RememberConfig(options.ConfigFile);
        using var identity = HostIdentity.Open(options, pki, network.ApiAddress);
        using var storage = options.IsControl ? await OpenStorageAsync(options, folder, config, stop).ConfigureAwait(false) : null;
        folder.WritePid();

        var settings = LedgerSettings.From(rooms.GetConfig("orchestrator.ledger"));
        var view = new LedgerView(settings, time);
        var membership = new Membership(options.AdvertiseAddress, options.ClusterPort, Roles(options), joined?.Seeds.ToImmutableArray() ?? []);
        // Store and link need each other: writes go over the link, and the leader that the link makes writes through the store.
        var route = new LedgerRoute();
        var catalog = new DynamicCatalog(view);
        var client = new ResourceStore(
            route, view, catalog, StrategyCatalog.BuiltIn(ServiceRanges.From(rooms)), AdmissionChain.For(catalog, view, time), time);
        var access = identity.ServiceAccountKeys is { } keys ? AccessParts.Of(rooms, keys, view, time) : null;
        var metrics = new ResourceMetrics(MetricsSettings.From(rooms.GetConfig("orchestrator.metrics")), time);
        var plane = new ControlPlaneParts(options, view, settings, rooms, network, client, catalog, identity, access, route, metrics, time);
        await using var link = ClusterLink.Start(config.Clustered, membership, identity.Node, identity.AuthorityCertificate, storage, options.IsControl ? plane.Leader : null, route, view, options.IsControl ? metrics : null, settings, time);

        await using var api = options.IsControl ? await StartApiAsync(options, folder, rooms, network, identity, access!, view, link, client, catalog, metrics, time, stop).ConfigureAwait(false) : null;
        folder.Keep();
        using var tokens = new NodeTokens(options, identity, access?.Issuer, view);
        await using var node = options.IsNode ? await LocalNode.StartAsync(new LocalNode.Parts(options, folder, config, network, engine!, identity, view, client, tokens.Source, catalog, link, time), stop).ConfigureAwait(false) : null;
        HostConsole.Start(link, () => node?.System, view, client, metrics, time);

        await ReadyAsync(options, view, time, stop).ConfigureAwait(false);
        Announce(options, folder, identity);
        var idleness = IdleMemory.WatchAsync(time, stop);
        await Task.Delay(Timeout.InfiniteTimeSpan, stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        await idleness.ConfigureAwait(false);
        var endsPods = node is { EndsItsPods: true };
        LogFile.Write(time.GetUtcNow(), "INFO", nameof(HostProcess), endsPods ? "Stopping; the node's pods end first" : "Stopping; workloads keep running", null);
        await (node?.EndPodsAsync(hurry) ?? Task.CompletedTask).ConfigureAwait(false);
        return endsPods;
    }

    private static async Task<DockerEngine> OpenEngineAsync(string dockerHost, int parallelStarts, CancellationToken stop)
    {
        if (!Uri.TryCreate(dockerHost, UriKind.Absolute, out var endpoint))
        {
            throw new HostException($"--docker-host {dockerHost} is not an address such as unix:///var/run/docker.sock.");
        }

        var engine = new DockerEngine(endpoint, parallelStarts);
        try
        {
            await engine.InfoAsync(stop).ConfigureAwait(false);
            return engine;
        }
        catch (EngineException failed)
        {
            engine.Dispose();
            throw new HostException($"no Docker Engine answers at {dockerHost} (--docker-host): {failed.Message}", failed);
        }
    }

    /// <summary>Whose addresses or bridge this node would take from somebody on this machine is said before anything is made.</summary>
    private static async Task RefuseConflictAsync(DockerEngine engine, NetworkSettings network, OrchestratorOptions options, HostFolder folder, CancellationToken stop)
    {
        var networks = await engine.ListNetworksAsync(new Dictionary<string, string>(), stop).ConfigureAwait(false);
        var links =
            from link in NetworkInterface.GetAllNetworkInterfaces()
            from address in link.GetIPProperties().UnicastAddresses
            where address.Address.AddressFamily == AddressFamily.InterNetwork
            select (link.Name, Cidr.Parse($"{address.Address}/{address.PrefixLength}"));
        if (NetworkConflict.Find(network, folder.ClusterId, options.NodeName, networks, links) is { } conflict)
        {
            throw new HostException(conflict);
        }
    }

    private static async Task<LedgerStorage> OpenStorageAsync(OrchestratorOptions options, HostFolder folder, HostConfig config, CancellationToken stop)
    {
        var postgres = options.Postgres ?? config.Rooms.GetString("orchestrator.persistence.postgres", "");
        return postgres.Length > 0
            ? await LedgerStorage.OpenPostgresAsync(postgres, config.Persistence("postgres"), stop).ConfigureAwait(false)
            : LedgerStorage.OpenSqlite(folder.LedgerFile, config.Persistence("sqlite"));
    }

    private static Task<ApiHost> StartApiAsync(
        OrchestratorOptions options, HostFolder folder, Config config, NetworkSettings network, HostIdentity identity, AccessParts access, LedgerView view, ClusterLink link, ResourceStore client, DynamicCatalog catalog, IResourceMetrics metrics, TimeProvider time, CancellationToken stop)
    {
        string[] Seeds() => [ClusteredSystem.AddressOf(options.AdvertiseAddress, options.ClusterPort)];
        var join = new JoinEndpoint(view, identity.Authority!, folder.ClusterId, Seeds, network, time);
        return ApiHost.StartAsync(new ApiHost.Parts(options, config, identity.ApiServer!, identity.Authority!, access, view, link.Ledger, client, catalog, metrics, new HostReadiness(view), join, time), stop);
    }

    /// <summary>Ready is: the state is here, and on a node its Node object is Ready.</summary>
    private static async Task ReadyAsync(OrchestratorOptions options, IClusterReader reader, TimeProvider time, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(ReadyPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var observation = reader.Observe(_ =>
        {
            if (HostReadiness.NodeIsReady(reader.Current, options))
            {
                arrived.TrySetResult();
            }
        });
        if (HostReadiness.NodeIsReady(reader.Current, options))
        {
            return;
        }

        try
        {
            await arrived.Task.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new HostException($"the host was not ready within {ReadyPatience.TotalSeconds:0} s: {HostReadiness.WhyNot(reader.Current, options)} The log is {Path.Combine(options.Data, "host.log")}.");
        }
    }

    private static void Announce(OrchestratorOptions options, HostFolder folder, HostIdentity identity)
    {
        var text = $"Node {options.NodeName} has joined and is ready.\n";
        if (options.IsControl)
        {
            var address = $"127.0.0.1:{options.ApiPort}";
            PkiFolder.WritePrivate(folder.Kubeconfig, Kubeconfig.Render($"https://{address}", identity.AuthorityCertificate, identity.Admin!));
            File.WriteAllText(Path.Combine(folder.Path, "api-address"), $"{(options.AdvertiseAddress.Equals(IPAddress.Loopback) ? IPAddress.Loopback : options.AdvertiseAddress)}:{options.ApiPort}");
            text = $"""
                Point kubectl at it:     export KUBECONFIG={folder.Kubeconfig}
                The dashboard will be:   https://{address}/dashboard
                Try the sample:          kubectl apply -f samples/guestbook.yaml

                """;
        }

        System.Console.Write(text);
        System.Console.Out.Flush();
        File.WriteAllText(folder.ReadyFile, text);
    }

    private static ImmutableArray<string> Roles(OrchestratorOptions options) =>
        [.. new[] { (options.IsControl, "control"), (options.IsNode, "node") }.Where(role => role.Item1).Select(role => role.Item2)];

    /// <summary>The first signal stops the host; another says that pods which end with it are not to be waited for.</summary>
    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop, CancellationTokenSource hurry)
    {
        signal.Cancel = true;
        if (stop.IsCancellationRequested)
        {
            hurry.Cancel();
        }

        stop.Cancel();
    }

    private static bool IsDiskFull(IOException failed) => failed.HResult == 28 || failed.Message.Contains("No space left", StringComparison.OrdinalIgnoreCase);
}
