using System.Text.Json;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Xunit.Abstractions;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>
/// What every client library does: list, then watch from the list's revision, remember the newest revision seen, come again from there, and list anew on 410.
/// The connection is cut at random. Nothing may be missed and nothing may come twice.
/// </summary>
public class InformerTests(ITestOutputHelper output)
{
    private const int Objects = 200;
    private const int Batch = 500;
    private const string Path = "/api/v1/namespaces/default/configmaps";

    private static int Changes => int.TryParse(Environment.GetEnvironmentVariable("INFORMER_CHANGES"), out var asked) ? asked : 100_000;

    [Fact]
    public async Task An_informer_misses_nothing_and_sees_nothing_twice()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}, {Changes} changes");
        var host = new ApiHost();
        await host.InitializeAsync();
        try
        {
            var informer = new Informer(host.Client, new Random(seed));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
            var following = informer.RunAsync(patience.Token);
            var writing = WriteAsync(host, Changes);
            var last = await writing;
            await informer.ReachedAsync(last, following, patience.Token);
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
            output.WriteLine($"{informer.Events} events, {informer.Reconnects} reconnects, {informer.Relists} lists");
            Assert.Equal([], informer.Faults);
            var truth = host.Ledger.View.Current.InNamespace(ResourceTypes.ConfigMaps, "default").ToDictionary(obj => obj.Key.Name, obj => obj.Revision.Value);
            Assert.Equal(truth.OrderBy(pair => pair.Key), informer.Known.OrderBy(pair => pair.Key));
            Assert.True(informer.Reconnects > 10);
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    /// <summary>Each object's value counts its changes, so that a gap shows in the object itself.</summary>
    private static async Task<Revision> WriteAsync(ApiHost host, int changes)
    {
        var revisions = new Revision?[Objects];
        var counts = new int[Objects];
        var last = Revision.None;
        for (var done = 0; done < changes; done += Batch)
        {
            var writes = new List<LedgerCommands.Write>(Batch);
            var touched = new List<int>(Batch);
            for (var i = 0; i < Batch; i++)
            {
                var index = (done + i) % Objects;
                if (touched.Contains(index))
                {
                    (revisions, last) = await CommitAsync(host, writes, touched, revisions);
                    writes = [];
                    touched = [];
                }

                touched.Add(index);
                writes.Add(Change(index, ++counts[index], revisions[index]));
            }

            (revisions, last) = await CommitAsync(host, writes, touched, revisions);
        }

        return last;
    }

    private static async Task<(Revision?[] Revisions, Revision Last)> CommitAsync(ApiHost host, List<LedgerCommands.Write> writes, List<int> touched, Revision?[] revisions)
    {
        var committed = await host.Ledger.Client.CommitAsync(new LedgerCommands.Commit([.. writes], new Provenance("test", TimeProvider.System.GetUtcNow(), "change", Revision.None)), default);
        var last = Revision.None;
        for (var i = 0; i < touched.Count; i++)
        {
            Assert.Equal(WriteOutcome.Committed, committed.Results[i].Outcome);
            last = committed.Results[i].Object!.Revision;
            revisions[touched[i]] = writes[i] is LedgerCommands.Remove ? null : last;
        }

        return (revisions, last);
    }

    private static LedgerCommands.Write Change(int index, int count, Revision? current)
    {
        var key = new ObjectKey(ResourceTypes.ConfigMaps, "default", $"object-{index}");
        var body = ObjectBody.From(JsonSerializer.SerializeToNode(new
        {
            apiVersion = "v1",
            kind = "ConfigMap",
            metadata = new { name = key.Name, @namespace = "default", uid = $"uid-{index}" },
            data = new { count = count.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        })!.AsObject());
        return current is not { } revision ? new LedgerCommands.Create(key, $"uid-{index}", body, [])
            : count % 17 == 0 ? new LedgerCommands.Remove(key, revision, null)
            : new LedgerCommands.Replace(key, body, revision, []);
    }

    private sealed class Informer(HttpClient client, Random random)
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _target = long.MaxValue;
        private long _revision;

        public Dictionary<string, long> Known { get; private set; } = [];
        public List<string> Faults { get; } = [];
        public int Events { get; private set; }
        public int Reconnects { get; private set; }
        public int Relists { get; private set; }

        public async Task RunAsync(CancellationToken cancellation)
        {
            while (!cancellation.IsCancellationRequested)
            {
                await ListAsync(cancellation);
                while (await WatchAsync(cancellation))
                {
                    Reconnects++;
                }
            }
        }

        public async Task ReachedAsync(Revision revision, Task running, CancellationToken cancellation)
        {
            Volatile.Write(ref _target, revision.Value);
            if (Volatile.Read(ref _revision) >= revision.Value)
            {
                _reached.TrySetResult();
            }

            await (await Task.WhenAny(_reached.Task, running).WaitAsync(cancellation));
        }

        private void Advance(long revision)
        {
            Volatile.Write(ref _revision, revision);
            if (revision >= Volatile.Read(ref _target))
            {
                _reached.TrySetResult();
            }
        }

        private async Task ListAsync(CancellationToken cancellation)
        {
            Relists++;
            var known = new Dictionary<string, long>();
            var token = "";
            var revision = 0L;
            do
            {
                using var page = JsonDocument.Parse(await client.GetByteArrayAsync($"{Path}?limit=50{(token.Length > 0 ? $"&continue={token}" : "")}", cancellation));
                var metadata = page.RootElement.GetProperty("metadata");
                revision = long.Parse(metadata.GetProperty("resourceVersion").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
                token = metadata.TryGetProperty("continue", out var next) ? next.GetString()! : "";
                foreach (var item in page.RootElement.GetProperty("items").EnumerateArray())
                {
                    known[item.GetProperty("metadata").GetProperty("name").GetString()!] = RevisionOf(item);
                }
            }
            while (token.Length > 0);
            Known = known;
            Advance(revision);
        }

        /// <summary>False when the revision is too old and only a list helps.</summary>
        private async Task<bool> WatchAsync(CancellationToken cancellation)
        {
            var lines = random.Next(1, 4_000);
            using var response = await client.SendAsync(
                new HttpRequestMessage(HttpMethod.Get, $"{Path}?watch=1&allowWatchBookmarks=true&resourceVersion={_revision}"), HttpCompletionOption.ResponseHeadersRead, cancellation);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
            while (lines-- > 0 && await reader.ReadLineAsync(cancellation) is { } line)
            {
                using var json = JsonDocument.Parse(line);
                var type = json.RootElement.GetProperty("type").GetString()!;
                var obj = json.RootElement.GetProperty("object");
                if (type == "ERROR")
                {
                    return false;
                }

                Take(type, obj);
            }

            return true;
        }

        private void Take(string type, JsonElement obj)
        {
            var revision = RevisionOf(obj);
            if (type == "BOOKMARK")
            {
                Check(revision >= _revision, $"bookmark {revision} after {_revision}");
                Advance(revision);
                return;
            }

            Events++;
            var name = obj.GetProperty("metadata").GetProperty("name").GetString()!;
            Check(revision > _revision, $"{type} {name} {revision} came again or out of order after {_revision}");
            Check(type == "ADDED" == !Known.ContainsKey(name), $"{type} {name} {revision}: a change before it was missed");

            // In this test every revision after the start is a change of one of these objects.
            Check(revision == _revision + 1, $"{type} {name} {revision} follows {_revision}: a gap");
            _ = type == "DELETED" ? Known.Remove(name) : (Known[name] = revision) > 0;
            Advance(revision);
        }

        private void Check(bool holds, string fault)
        {
            if (!holds && Faults.Count < 10)
            {
                Faults.Add(fault);
            }
        }

        private static long RevisionOf(JsonElement obj) =>
            long.Parse(obj.GetProperty("metadata").GetProperty("resourceVersion").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
    }
}
