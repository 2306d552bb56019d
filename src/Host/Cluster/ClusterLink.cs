using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Contracts.Nodes;
using ActorOrchestrator.Host.Logging;
using ActorOrchestrator.Host.Persistence;
using Akka.Actor;
using Akka.Configuration;

namespace ActorOrchestrator.Host.Cluster;

/// <summary>
/// Keeps this host a member for as long as it runs. A clustered system that ends (downed by its split-brain resolver, or crashed) is made anew
/// and joins again, for as long as it takes; the local system with the pods, the view and everybody who holds the route never notice
/// more than a pause.
/// </summary>
public sealed class ClusterLink : IAsyncDisposable
{
    private const string LeaderRole = "control";
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(8);
    private readonly Func<ClusteredSystem> _start;
    private readonly LedgerView _view;
    private readonly ResourceMetrics? _metrics;
    private readonly LedgerSettings _settings;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private volatile ClusteredSystem _current;
    private Task _keeping = Task.CompletedTask;

    private ClusterLink(Func<ClusteredSystem> start, LedgerRoute route, LedgerView view, ResourceMetrics? metrics, LedgerSettings settings, TimeProvider time)
    {
        _start = start;
        _metrics = metrics;
        Ledger = route;
        _view = view;
        _settings = settings;
        _time = time;
        _current = Open();
    }

    public LedgerRoute Ledger { get; }

    public ActorSystem System => _current.System;

    /// <summary>Called for every clustered system that is made, before anything uses it.</summary>
    public event Action<ActorSystem>? Opened;

    /// <param name="metrics">What pods and nodes used, on a host whose API is asked for it; null elsewhere.</param>
    public static ClusterLink Start(
        Config config, Membership membership, X509Certificate2 certificate, X509Certificate2 authority, LedgerStorage? storage,
        Func<ActorSystem, Props>? leader, LedgerRoute route, LedgerView view, ResourceMetrics? metrics, LedgerSettings settings, TimeProvider time)
    {
        var link = new ClusterLink(() => ClusteredSystem.Start(config, membership, certificate, authority, storage, leader), route, view, metrics, settings, time);
        link._keeping = link.KeepAsync();
        return link;
    }

    public void Heartbeat(string nodeName) => _current.Leader.Tell(new NodeMessages.Heartbeat(nodeName));

    /// <summary>While nobody can lead, reports would only wait to be replaced by the next: they are dropped.</summary>
    public void Report(UsageReport report)
    {
        var opened = _current;
        var cluster = Akka.Cluster.Cluster.Get(opened.System).State;
        if (cluster.Members.Any(member => member.HasRole(LeaderRole) && !cluster.Unreachable.Contains(member)))
        {
            opened.Leader.Tell(report);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        Ledger.Use(null);
        var leaving = CoordinatedShutdown.Get(_current.System).Run(CoordinatedShutdown.ClrExitReason.Instance);
        await Task.WhenAny(leaving, Task.Delay(LeavePatience, _time)).ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private ClusteredSystem Open()
    {
        var opened = _start();
        Opened?.Invoke(opened.System);
        opened.System.ActorOf(ReplicaActor.Props(_view, opened.Leader, _settings.Replication, _time), "replica");
        if (_metrics is not null)
        {
            opened.System.ActorOf(UsageFollowerActor.Props(_metrics, opened.Leader), "usage-follower");
        }

        Ledger.Use(new LedgerClient(opened.Leader, _settings.CommitTimeout));
        return opened;
    }

    private async Task KeepAsync()
    {
        var pause = FirstPause;
        while (!_stopping.IsCancellationRequested)
        {
            var began = _time.GetTimestamp();
            try
            {
                await _current.System.WhenTerminated.WaitAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            Ledger.Use(null);
            pause = _time.GetElapsedTime(began) > LongestPause ? FirstPause : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            LogFile.Write(_time.GetUtcNow(), "WARN", nameof(ClusterLink), $"This host is no longer a member of the cluster; it joins again in {pause.TotalSeconds:0.#} s. Pods go on.", null);
            try
            {
                await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(false);
                _current = Open();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception failed)
            {
                // Whatever it was: a host that gave up joining would be lost for good, and there is nobody above to try again.
                LogFile.Write(_time.GetUtcNow(), "ERROR", nameof(ClusterLink), "Joining again failed and is tried once more", failed);
            }
        }
    }
}
