using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Bench.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Bench.Api;

/// <summary>Creates, reads, lists and watches over HTTP, each beside the least that could answer it, on the same cores as their clients.</summary>
public sealed class ApiBench : IBench
{
    private const int Connections = 64;
    private const int ListSize = 10_000;
    private const int Watchers = 1_000;
    private const int Turns = 3;
    private const string Path = "/api/v1/namespaces/bench/configmaps";
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    public string Name => "api";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("api-bench-");
        try
        {
            await using var ledger = new LedgerHost(System.IO.Path.Combine(folder.FullName, "api.db"));
            await using var floorLedger = new LedgerHost(System.IO.Path.Combine(folder.FullName, "floor.db"));
            await ledger.Client.NewestRevisionAsync(cancellation);
            await floorLedger.Client.NewestRevisionAsync(cancellation);
            var store = new ResourceStore(ledger.Client, ledger.View, ResourceCatalog.BuiltIn, TimeProvider.System);
            await store.CreateAsync(ResourceTypes.Namespaces, "", JsonNode.Parse("""{"metadata":{"name":"bench"}}""")!.AsObject(), new WriteOptions("bench", "create"), cancellation);
            var objects = new ConcurrentDictionary<string, byte[]>(StringComparer.Ordinal);
            var list = await FillAsync(store, objects, cancellation);
            var (api, apiPort) = await BenchServers.StartApiAsync(ledger, store);
            var (floor, floorPort) = await BenchServers.StartFloorAsync(floorLedger, objects, list);
            await using (api)
            await using (floor)
            {
                await ReadsAsync(report, apiPort, floorPort);
                await ListsAsync(report, apiPort, floorPort);
                await CreatesAsync(report, apiPort, floorPort);
                await FanOutAsync(report, apiPort, floorPort, ledger.View.Current.Revision);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<byte[]> FillAsync(ResourceStore store, ConcurrentDictionary<string, byte[]> objects, CancellationToken cancellation)
    {
        var list = new MemoryStream();
        var options = new WriteOptions("bench", "create");
        foreach (var names in Enumerable.Range(0, ListSize).Chunk(250))
        {
            var made = await Task.WhenAll(names.Select(i => store.CreateAsync(ResourceTypes.ConfigMaps, "bench", JsonNode.Parse(Body($"listed-{i}", 2900))!.AsObject(), options, cancellation)));
            foreach (var result in made)
            {
                objects[$"{Path}/{result.Object!.Key.Name}"] = result.Object.Utf8.ToArray();
                list.Write(result.Object.Utf8.Span);
            }
        }

        return list.ToArray();
    }

    private async Task ReadsAsync(Report report, int api, int floor)
    {
        byte[] Get(int client, int n) => BenchClient.Request("GET", $"{Path}/listed-{((client * 131) + n) % ListSize}");
        await LoadAsync(api, 200, TimeSpan.FromSeconds(2), Get);
        await LoadAsync(floor, 200, TimeSpan.FromSeconds(2), Get);
        var (ours, bare) = await TakeTurnsAsync(() => LoadAsync(api, 200, Duration, Get), () => LoadAsync(floor, 200, Duration, Get));
        report.Add(new Measurement(Name, "GET of one object, 64 connections", ours.PerSecond, "/s", "dictionary behind Kestrel", bare.PerSecond, "≥ 0.8x"));
    }

    private async Task ListsAsync(Report report, int api, int floor)
    {
        double bare = await ListAsync(floor, "/list"), ours = await ListAsync(api, Path);
        report.Add(new Measurement(Name, $"list of {ListSize:#,0} objects of 2.9 KB", ours, "ms", "the same bytes written", bare, "≤ 2x"));
    }

    private static async Task<double> ListAsync(int port, string path)
    {
        using var client = new BenchClient(port);
        var request = BenchClient.Request("GET", path);
        var times = new List<double>();
        for (var i = 0; i < 15; i++)
        {
            var clock = Stopwatch.StartNew();
            await client.SendAsync(request, 200);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        return times.Order().ElementAt(times.Count / 2);
    }

    private async Task CreatesAsync(Report report, int api, int floor)
    {
        var stamp = 0;
        byte[] Post(int client, int n) => BenchClient.Request("POST", Path, Body($"made-{client}-{n}-{stamp}", 1024));
        var bareBody = Body("bare", 1024).Replace("\"metadata\":{", "\"metadata\":{\"resourceVersion\":\"\",\"uid\":\"00000000-0000-0000-0000-000000000000\",", StringComparison.Ordinal);
        byte[] Bare(int client, int n) => BenchClient.Request("POST", "/", bareBody);
        await LoadAsync(api, 201, TimeSpan.FromSeconds(3), Post);
        await LoadAsync(floor, 201, TimeSpan.FromSeconds(3), Bare);
        var (ours, bare) = await TakeTurnsAsync(
            () =>
            {
                stamp++;
                return LoadAsync(api, 201, Duration, Post);
            },
            () => LoadAsync(floor, 201, Duration, Bare));
        report.Add(new Measurement(Name, "durable create of 1 KB, 64 connections", ours.PerSecond, "/s", "Kestrel + ledger", bare.PerSecond, "≥ 0.8x"));
        report.Add(new Measurement(Name, "durable create, p50", ours.P50, "ms", "Kestrel + ledger", bare.P50));
        report.Add(new Measurement(Name, "durable create, p99", ours.P99, "ms", "Kestrel + ledger", bare.P99, "≤ 1x"));
    }

    /// <summary>From the sending of a create to the event at each of a thousand HTTP watchers, at 20 creates a second.</summary>
    private async Task FanOutAsync(Report report, int api, int floor, Revision start)
    {
        var bare = await FollowAsync(floor, "/watch", "/", "\"resourceVersion\":\"\",\"uid\":\"00000000-0000-0000-0000-000000000000\",");
        var ours = await FollowAsync(api, $"{Path}?watch=true&resourceVersion={start}&labelSelector=fan", Path, "\"labels\":{\"fan\":\"\"},");
        var what = $"create sent → event at {Watchers:#,0} HTTP watchers";
        report.Add(new Measurement(Name, $"{what}, p50", ours.P50, "ms", "a shared array into bounded channels behind Kestrel", bare.P50));
        report.Add(new Measurement(Name, $"{what}, p99", ours.P99, "ms", "the same", bare.P99, "≤ 40 ms"));
    }

    private static async Task<(double P50, double P99)> FollowAsync(int port, string watch, string create, string metadata)
    {
        const int facts = 100;
        var sent = new long[facts];
        var watchers = new Task<List<double>>[Watchers];
        using var ready = new CountdownEvent(Watchers);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Watchers + 1 }) { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Timeout.InfiniteTimeSpan };
        for (var i = 0; i < Watchers; i++)
        {
            watchers[i] = Task.Run(async () =>
            {
                using var response = await http.GetAsync(watch, HttpCompletionOption.ResponseHeadersRead);
                using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(), Encoding.UTF8, false, 4096);
                ready.Signal();
                var lags = new List<double>(facts);
                while (lags.Count < facts && await lines.ReadLineAsync() is not null)
                {
                    lags.Add(Stopwatch.GetElapsedTime(Volatile.Read(ref sent[lags.Count])).TotalMilliseconds);
                }

                return lags;
            });
        }

        await Task.Run(ready.Wait);
        using var writer = new BenchClient(port);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var fact = 0; fact < facts; fact++)
        {
            await timer.WaitForNextTickAsync();
            var body = Body($"fan-{fact}", 1024).Replace("\"metadata\":{", "\"metadata\":{" + metadata, StringComparison.Ordinal);
            Volatile.Write(ref sent[fact], Stopwatch.GetTimestamp());
            await writer.SendAsync(BenchClient.Request("POST", create, body), 201);
        }

        var all = (await Task.WhenAll(watchers)).SelectMany(lag => lag).Order().ToArray();
        return (all[all.Length / 2], all[all.Length * 99 / 100]);
    }

    /// <summary>Both see the same machine, whatever else it does in between. The run in the middle by its speed stands for each.</summary>
    private static async Task<(Load Ours, Load Bare)> TakeTurnsAsync(Func<Task<Load>> ours, Func<Task<Load>> bare)
    {
        var (mine, floor) = (new List<Load>(), new List<Load>());
        for (var turn = 0; turn < Turns; turn++)
        {
            floor.Add(await bare());
            mine.Add(await ours());
        }

        return (Middle(mine), Middle(floor));

        static Load Middle(List<Load> loads) => loads.OrderBy(load => load.PerSecond).ElementAt(loads.Count / 2);
    }

    private sealed record Load(double PerSecond, double P50, double P99);

    private static async Task<Load> LoadAsync(int port, int expected, TimeSpan duration, Func<int, int, byte[]> request)
    {
        var clock = Stopwatch.StartNew();
        var all = await Task.WhenAll(Enumerable.Range(0, Connections).Select(client => Task.Run(async () =>
        {
            using var connection = new BenchClient(port);
            var times = new List<double>(8192);
            for (var n = 0; clock.Elapsed < duration; n++)
            {
                var sent = Stopwatch.GetTimestamp();
                await connection.SendAsync(request(client, n), expected);
                times.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }

            return times;
        })));
        var elapsed = clock.Elapsed.TotalSeconds;
        var sorted = all.SelectMany(times => times).Order().ToArray();
        return new Load(sorted.Length / elapsed, sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]);
    }

    private static string Body(string name, int bytes)
    {
        var bare = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"" + name + "\"},\"data\":{\"value\":\"@\"}}";
        return bare.Replace("@", new string('x', Math.Max(1, bytes - bare.Length)), StringComparison.Ordinal);
    }
}
