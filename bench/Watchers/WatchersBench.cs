using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Bench.Api;
using ActorOrchestrator.Bench.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Bench.Watchers;

/// <summary>
/// Ten thousand watches of one kind over HTTP/2: what each costs this process's memory while it waits, how long one write takes to all of them, and what is
/// kept for one that does not read.
/// </summary>
public sealed class WatchersBench : IBench
{
    private const int Watchers = 10_000;
    private const int Facts = 10;
    private const int Flood = 24_000;
    private const string Path = "/api/v1/namespaces/bench/configmaps";

    public string Name => "watchers";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("watchers-bench-");
        try
        {
            await using var ledger = new LedgerHost(System.IO.Path.Combine(folder.FullName, "watchers.db"));
            await ledger.Client.NewestRevisionAsync(cancellation);
            var store = new ResourceStore(ledger.Client, ledger.View, ResourceCatalog.BuiltIn, TimeProvider.System);
            await store.CreateAsync(ResourceTypes.Namespaces, "", JsonNode.Parse("""{"metadata":{"name":"bench"}}""")!.AsObject(), new WriteOptions("bench", "create"), cancellation);
            var (api, port) = await BenchServers.StartApiAsync(ledger, store, http2: true);
            await using (api)
            {
                await FollowAsync(port, store, ledger, 250, 1);
                var (open, p50, p99) = await FollowAsync(port, store, ledger, Watchers, Facts);
                report.Add(new Measurement(Name, $"managed memory of a watcher, {Watchers:#,0} over HTTP/2", open.Heap / 1024.0 / Watchers, "KiB"));
                report.Add(new Measurement(Name, "– resident memory of the server, each", open.Resident / 1024.0 / Watchers, "KiB"));
                report.Add(new Measurement(Name, $"write → event at {Watchers:#,0} watchers, p50", p50, "ms"));
                report.Add(new Measurement(Name, "– p99", p99, "ms"));
                var (kept, end) = await StallAsync(port, store, ledger);
                report.Add(new Measurement(Name, $"what is kept for a watcher that does not read while {Flood:#,0} facts of 1 KB are written; it then ends with {end}", kept / 1024.0, "KiB"));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<((long Heap, long Resident) Open, double P50, double P99)> FollowAsync(int port, ResourceStore store, LedgerHost ledger, int watchers, int facts)
    {
        var before = Memory();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[WatchClient.Argument, $"{port}", Watch(ledger), $"{watchers}", $"{facts}"])
        {
            start.ArgumentList.Add(argument);
        }

        using var client = Process.Start(start)!;
        await ExpectAsync(client, "ready");
        var after = Memory();
        var sent = new long[facts];
        for (var fact = 0; fact < facts; fact++)
        {
            sent[fact] = Stopwatch.GetTimestamp();
            await CreateAsync(store, 1);
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        await ExpectAsync(client, "seen");
        foreach (var time in sent)
        {
            await client.StandardInput.WriteLineAsync(time.ToString(CultureInfo.InvariantCulture));
        }

        var lags = (await client.StandardOutput.ReadLineAsync())!.Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        await client.WaitForExitAsync();
        return ((after.Heap - before.Heap, after.Resident - before.Resident), lags[0], lags[1]);
    }

    /// <summary>Opens a watch, reads nothing until more was written than the server keeps, then reads to the end.</summary>
    private static async Task<(long Kept, string End)> StallAsync(int port, ResourceStore store, LedgerHost ledger)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await http.GetAsync(Watch(ledger), HttpCompletionOption.ResponseHeadersRead);
        for (var done = 0; done < Flood; done += 250)
        {
            await CreateAsync(store, 250);
        }

        using var stream = new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8);
        var (kept, last) = (0L, "");
        while (await stream.ReadLineAsync() is { } line)
        {
            kept += line.Length + 1;
            last = line;
        }

        return (kept, last.Contains("\"code\":410", StringComparison.Ordinal) ? "410" : last);
    }

    private static string Watch(LedgerHost ledger) => $"{Path}?watch=true&resourceVersion={ledger.View.Current.Revision}";

    private static Task CreateAsync(ResourceStore store, int count) => Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
    {
        var body = new JsonObject { ["metadata"] = new JsonObject { ["generateName"] = "watched-" }, ["data"] = new JsonObject { ["value"] = new string('x', 800) } };
        var made = await store.CreateAsync(ResourceTypes.ConfigMaps, "bench", body, new WriteOptions("bench", "create"));
        if (made.Failure is { } failure)
        {
            throw new InvalidOperationException(failure.Message);
        }
    }));

    private static async Task ExpectAsync(Process client, string word)
    {
        var said = await client.StandardOutput.ReadLineAsync();
        if (said != word)
        {
            throw new InvalidOperationException($"The watching process said {said ?? "nothing"} in place of {word}.");
        }
    }

    /// <summary>After a collection.</summary>
    private static (long Heap, long Resident) Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var self = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true), self.WorkingSet64);
    }
}
