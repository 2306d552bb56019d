using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Admission;
using ActorOrchestrator.Actors.Resources.Apply;
using ActorOrchestrator.Actors.Resources.Patching;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Bench.Patch;

/// <summary>
/// What a write of a large object costs the thread that prepares it: everything between the body of the request and the ledger, with the ledger's own decision, without
/// its disk. Every round changes the object. The floor parses and writes the same bytes.
/// </summary>
public sealed partial class WritePathBench : IBench
{
    private const int Rounds = 300;
    private const int WarmUp = 900;
    private static readonly ResourceDescriptor Deployments = ResourceCatalog.BuiltIn[ResourceTypes.Deployments];
    private static readonly ObjectKey Key = new(ResourceTypes.Deployments, "bench", "web");

    public string Name => "write";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        var ledger = new MemoryLedger();
        var store = new ResourceStore(ledger, ledger.View, ResourceCatalog.BuiltIn, TimeProvider.System);
        var made = Options("maker");
        await store.CreateAsync(ResourceTypes.Namespaces, "", JsonNode.Parse("""{"metadata":{"name":"bench"}}""")!.AsObject(), made, cancellation);
        var text = PatchBench.Deployment(110).Replace("\"namespace\":\"n\"", "\"namespace\":\"bench\"", StringComparison.Ordinal);
        var created = await store.CreateAsync(Key.Type, Key.Namespace, JsonNode.Parse(text)!.AsObject(), made, cancellation);
        var stored = created.Object!.Utf8.ToArray();
        var floor = await MedianAsync(_ =>
        {
            ObjectBody.From(JsonNode.Parse(stored)!.AsObject());
            return Task.FromResult(created);
        });
        var shape = MergeShape.Of(ObjectSchema.Of(Deployments));
        foreach (var (what, write) in ((string, Func<int, Task<ResourceResult>>)[])
        [
            ("JSON patch", n => Change(n, """[{"op":"replace","path":"/spec/template/spec/containers/50/image","value":"x:@"}]""",
                (tree, patch) => (JsonObject)JsonPatch.Apply(tree, patch.AsArray())!)),
            ("merge patch", n => Change(n, """{"spec":{"replicas":@},"metadata":{"labels":{"a":"b"}}}""", (tree, patch) => MergePatch.Apply(tree, patch.AsObject()))),
            ("strategic merge patch", n => Change(n, """{"spec":{"template":{"spec":{"containers":[{"name":"c50","image":"x:@"}]}}}}""",
                (tree, patch) => StrategicMergePatch.Apply(tree, patch.AsObject(), shape))),
            ("server-side apply", n =>
            {
                var config = Json("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"c50","image":"x:@"}]}}}}""", n).AsObject();
                var options = Options("me") with { OwnershipSettled = true, Applies = true };
                var fields = FieldManager.For(ResourceCatalog.BuiltIn, Deployments, options, TimeProvider.System.GetUtcNow());
                return store.UpdateAsync(Key, (_, text, tree) => fields.Apply(tree, config, force: true, text), options);
            }),
            ("PUT of what was read", n =>
            {
                var read = ledger.View.Current.Find(Key)!;
                var obj = read.ToJson();
                obj["spec"]!["template"]!["spec"]!["containers"]![50]!["image"] = $"x:{n}";
                return store.UpdateAsync(Key, (_, _) => obj, Options("me") with { Expected = read.Revision });
            }),
        ])
        {
            var time = await MedianAsync(write);
            report.Add(new Measurement(Name, $"{what} on {stored.Length / 1000} KB, the whole write path", time.Milliseconds, "ms", "parse and write", floor.Milliseconds, "≤ 2 ms"));
            report.Add(new Measurement(Name, $"– allocated", time.KiB, "KiB", "parse and write", floor.KiB));
        }

        await CreationsAsync(report, store, ledger);

        Task<ResourceResult> Change(int n, string patch, Func<JsonObject, JsonNode, JsonObject> apply) =>
            store.UpdateAsync(Key, (_, tree) => apply(tree, Json(patch, n)), Options("me"));
    }

    /// <summary>Beside the ledger's own work, this is what the API has to do for a creation.</summary>
    private async Task CreationsAsync(Report report, ResourceStore store, MemoryLedger ledger)
    {
        var body = Encoding.UTF8.GetBytes($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"c-"},"data":{"value":"{{{new string('x', 900)}}}"}}""");
        var bare = JsonNode.Parse(body)!.AsObject();
        var floor = await MedianAsync(_ =>
        {
            ObjectBody.From(JsonNode.Parse(body)!.AsObject());
            return Task.FromResult(ResourceResult.Done(null!));
        });
        var create = await MedianAsync(_ => store.CreateAsync(ResourceTypes.ConfigMaps, Key.Namespace, JsonNode.Parse(body)!.AsObject(), Options("me")));
        report.Add(new Measurement(Name, "creation of a ConfigMap of 1 KB, the whole write path", create.Milliseconds * 1000, "µs", "parse and write", floor.Milliseconds * 1000));
        report.Add(new Measurement(Name, "– allocated", create.KiB, "KiB", "parse and write", floor.KiB));
        var admission = AdmissionChain.BuiltIn(ResourceCatalog.BuiltIn);
        var descriptor = ResourceCatalog.BuiltIn[ResourceTypes.ConfigMaps];
        var snapshot = (await store.CreateAsync(ResourceTypes.ConfigMaps, Key.Namespace, JsonNode.Parse(body)!.AsObject(), Options("me"))).Object!;
        var state = ledger.View.Current;
        var admitted = await MedianAsync(async _ =>
        {
            var request = new AdmissionRequest(AdmissionOperation.Create, descriptor, snapshot.Key, bare, null, Options("me"), state);
            var refusal = await admission.ReviewAsync(request, CancellationToken.None);
            return refusal is null ? ResourceResult.Done(snapshot) : ResourceResult.Failed(refusal);
        });
        report.Add(new Measurement(Name, "– of that admission", admitted.Milliseconds * 1000, "µs"));
        report.Add(new Measurement(Name, "– its allocations", admitted.KiB, "KiB"));
    }

    private static WriteOptions Options(string manager) => new(UserInfo.Component("bench"), "bench") { FieldManager = manager, Observer = new Deaf() };

    private static JsonNode Json(string text, int n) => JsonNode.Parse(text.Replace("@", $"{n}", StringComparison.Ordinal))!;

    /// <summary>Nanoseconds that this thread has run, so that others who want the same cores are not measured.</summary>
    private static long ThreadTime()
    {
        const int ThreadClock = 3;
        return clock_gettime(ThreadClock, out var time) == 0 ? (time.Seconds * 1_000_000_000) + time.Nanoseconds : throw new InvalidOperationException("This system has no clock of a thread.");
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    private static async Task<(double Milliseconds, double KiB)> MedianAsync(Func<int, Task<ResourceResult>> write)
    {
        var times = new double[Rounds];
        var allocated = 0L;
        for (var i = -WarmUp; i < Rounds; i++)
        {
            var (start, bytes) = (ThreadTime(), GC.GetAllocatedBytesForCurrentThread());
            var result = await write(i + WarmUp + 1);
            if (result.Failure is { } failure)
            {
                throw new InvalidOperationException(failure.Message);
            }

            if (i >= 0)
            {
                times[i] = (ThreadTime() - start) / 1e6;
                allocated += GC.GetAllocatedBytesForCurrentThread() - bytes;
            }
        }

        Array.Sort(times);
        return (times[Rounds / 2], allocated / 1024.0 / Rounds);
    }

    /// <summary>As a request of a client has one, so that warnings are looked for.</summary>
    private sealed class Deaf : IAdmissionObserver
    {
        public void Warn(string text)
        {
        }

        public void Annotate(string key, string value, AnnotationLevel level)
        {
        }
    }
}
