using System.Diagnostics;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Bench.Ledger;

/// <summary>Durable writes beside the bare driver, watch fan-out, and recovery.</summary>
public sealed class LedgerBench : IBench
{
    private const int ObjectBytes = 1024;
    private const int Watchers = 1000;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    public string Name => "ledger";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("ledger-bench-");
        try
        {
            await WritesAsync(report, folder.FullName, cancellation);
            await FanOutAsync(report, folder.FullName, cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task WritesAsync(Report report, string folder, CancellationToken cancellation)
    {
        var one = RawSqlite.Measure(Path.Combine(folder, "raw-1.db"), 1, Duration);
        var many = RawSqlite.Measure(Path.Combine(folder, "raw-500.db"), 500, Duration);
        var file = Path.Combine(folder, "ledger.db");
        await using (var host = new LedgerHost(file))
        {
            await WriteAsync(host, 64, "warm-up", TimeSpan.FromSeconds(2), cancellation);
            var single = await WriteAsync(host, 1, "a", Duration, cancellation);
            report.Add(new Measurement(Name, "durable writes of 1 KB, 1 client", single, "/s", "SQLite, 1 row a transaction", one));
            var busy = await WriteAsync(host, 64, "b", Duration, cancellation);
            report.Add(new Measurement(Name, "durable writes of 1 KB, 64 clients", busy, "/s", "SQLite, 1 row a transaction", one));
            var crowd = await WriteAsync(host, 1024, "c", Duration, cancellation);
            report.Add(new Measurement(Name, "durable writes of 1 KB, 1,024 clients", crowd, "/s", "SQLite, 500 rows a transaction", many));
            var packed = await WriteAsync(host, 4, "d", Duration, cancellation, writesPerCommand: 125);
            report.Add(new Measurement(Name, "durable writes of 1 KB, 4 clients, 125 writes a command", packed, "/s", "SQLite, 500 rows a transaction", many));
        }

        var clock = Stopwatch.StartNew();
        await using var again = new LedgerHost(file);
        var revision = await again.Client.NewestRevisionAsync(cancellation);
        report.Add(new Measurement(Name, $"recovery of {revision.Value:#,0} facts", clock.Elapsed.TotalMilliseconds, "ms"));
    }

    private static async Task<double> WriteAsync(LedgerHost host, int clients, string prefix, TimeSpan duration, CancellationToken cancellation, int writesPerCommand = 1)
    {
        var body = LedgerHost.Body("x", ObjectBytes);
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(
            async () =>
            {
                var written = 0;
                while (clock.Elapsed < duration && !cancellation.IsCancellationRequested)
                {
                    await host.CreateAsync(Enumerable.Range(written, writesPerCommand).Select(n => $"{prefix}-{client}-{n}"), body);
                    written += writesPerCommand;
                }

                return written;
            },
            cancellation)));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }

    /// <summary>From the writer's reply to the last of a thousand watchers that holds the fact, at 20 facts a second.</summary>
    private async Task FanOutAsync(Report report, string folder, CancellationToken cancellation)
    {
        await using var host = new LedgerHost(Path.Combine(folder, "watch.db"));
        await host.CreateAsync("first", LedgerHost.Body("first", ObjectBytes));
        var start = host.View.Current.Revision;
        var lags = new List<double>[Watchers];
        var sent = new long[256];
        const int facts = 100;
        var watchers = Enumerable.Range(0, Watchers).Select(watcher => Task.Run(
            async () =>
            {
                lags[watcher] = new List<double>(facts);
                using var feed = host.View.Watch(ResourceTypes.ConfigMaps, start)!;
                while (lags[watcher].Count < facts)
                {
                    foreach (var fact in (await feed.NextAsync(TimeSpan.FromSeconds(30), cancellation)).Facts)
                    {
                        var at = Volatile.Read(ref sent[fact.Revision.Value - start.Value]);
                        lags[watcher].Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                    }
                }
            },
            cancellation)).ToArray();

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var fact = 1; fact <= facts; fact++)
        {
            await timer.WaitForNextTickAsync(cancellation);
            Volatile.Write(ref sent[fact], Stopwatch.GetTimestamp());
            await host.CreateAsync($"w-{fact}", LedgerHost.Body("w", ObjectBytes));
        }

        await Task.WhenAll(watchers);
        var all = lags.SelectMany(lag => lag).Order().ToArray();
        report.Add(new Measurement(Name, $"write sent → fact at {Watchers:#,0} watchers, p50", all[all.Length / 2], "ms"));
        report.Add(new Measurement(Name, $"write sent → fact at {Watchers:#,0} watchers, p99", all[all.Length * 99 / 100], "ms", Target: "≤ 40 ms"));
    }
}
