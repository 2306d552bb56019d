using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Apply;
using ActorOrchestrator.Actors.Resources.Patching;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Bench.Patch;

/// <summary>
/// What a patch costs on the thread: the stored bytes are parsed, patched and written again; and with all that the write path does beside it: the old object is
/// parsed as well, the new one decoded and defaulted, and their owners settled. The floor is parsing and writing alone. Beside it, what keeping the owners costs
/// a creation.
/// </summary>
public sealed class PatchBench : IBench
{
    private const int Rounds = 400;
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ResourceDescriptor Deployments = ResourceCatalog.BuiltIn[ResourceTypes.Deployments];

    public string Name => "patch";

    public Task RunAsync(Report report, CancellationToken cancellation)
    {
        var stored = Stored(Deployment(110));
        var shape = MergeShape.Of(ObjectSchema.Of(Deployments));
        var floor = Median(() => ObjectBody.From(Parse(stored)));
        var figure = $"on {stored.Length / 1000} KB";
        foreach (var (kind, patch) in (ReadOnlySpan<(string, Func<JsonObject, JsonObject>)>)
        [
            ("JSON patch", tree => (JsonObject)JsonPatch.Apply(tree, Json("""[{"op":"replace","path":"/spec/template/spec/containers/50/image","value":"x:2"}]""").AsArray())!),
            ("merge patch", tree => MergePatch.Apply(tree, Json("""{"spec":{"replicas":5},"metadata":{"labels":{"a":"b"}}}""").AsObject())),
            ("strategic merge patch", tree => StrategicMergePatch.Apply(
                tree, Json("""{"spec":{"template":{"spec":{"containers":[{"name":"c50","image":"x:2"}]}}}}""").AsObject(), shape)),
        ])
        {
            report.Add(new Measurement(Name, $"{kind} {figure}", Median(() => ObjectBody.From(patch(Parse(stored)))), "ms", "parse and write", floor, "≤ 2 ms"));
            report.Add(new Measurement(Name, $"{kind} {figure}, decoded, defaulted and owned", Median(() => Write(stored, patch)), "ms", "parse and write", floor));
        }

        var config = Json("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":3,"template":{"spec":{"containers":[{"name":"c50","image":"x:2"}]}}}}""").AsObject();
        var apply = Median(() =>
        {
            var tree = Parse(stored);
            ObjectBody.From(Manager("me").Apply(tree, (JsonObject)config.DeepClone(), force: true).Object!);
        });
        report.Add(new Measurement(Name, $"server-side apply {figure}", apply, "ms", "parse and write", floor));
        Creations(report);
        return Task.CompletedTask;
    }

    private void Creations(Report report)
    {
        foreach (var (kind, type, text) in (ReadOnlySpan<(string, ResourceType, string)>)
        [
            ("1 KB ConfigMap", ResourceTypes.ConfigMaps, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"n","labels":{"app":"web"}},"data":{"a":"{{{new string('x', 900)}}}"}}"""),
            ("Deployment of one container", ResourceTypes.Deployments, Deployment(1)),
        ])
        {
            var descriptor = ResourceCatalog.BuiltIn[type];
            var bytes = Encoding.UTF8.GetBytes(text);
            var fields = FieldManager.For(ResourceCatalog.BuiltIn, descriptor, new WriteOptions("bench", "create"), Now);
            double Created(bool owned) => Median(() =>
            {
                var tree = Parse(bytes);
                StructuralDecoder.Decode(descriptor, tree);
                ObjectDefaults.Apply(descriptor, tree);
                if (owned)
                {
                    fields.Create(tree);
                }

                ObjectBody.From(tree);
            }) * 1000;
            report.Add(new Measurement(Name, $"creation of a {kind} with its owners", Created(true), "µs", "without", Created(false)));
        }
    }

    private static void Write(byte[] stored, Func<JsonObject, JsonObject> patch)
    {
        var old = Parse(stored);
        var tree = patch(Parse(stored));
        StructuralDecoder.Decode(Deployments, tree);
        ObjectDefaults.Apply(Deployments, tree);
        Manager("me").Update(old, tree);
        ObjectBody.From(tree);
    }

    private static FieldManager Manager(string name) =>
        FieldManager.For(ResourceCatalog.BuiltIn, Deployments, new WriteOptions(UserInfo.Component("bench"), "bench") { FieldManager = name }, Now);

    private static byte[] Stored(string text)
    {
        var tree = Json(text).AsObject();
        StructuralDecoder.Decode(Deployments, tree);
        ObjectDefaults.Apply(Deployments, tree);
        Manager("maker").Create(tree);
        return ObjectBody.From(tree).At(new Revision(7));
    }

    internal static string Deployment(int containers)
    {
        var list = Enumerable.Range(0, containers).Select(i => $$$"""
            {"name":"c{{{i}}}","image":"registry.example/web:{{{i}}}","ports":[{"containerPort":{{{8000 + i}}}}],"env":[{"name":"A","value":"1"},{"name":"B","value":"2"},{"name":"C","value":"3"}],
            "resources":{"requests":{"cpu":"100m","memory":"64Mi"}},"volumeMounts":[{"name":"data","mountPath":"/data"}]}
            """);
        return $$$$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"n","labels":{"app":"web"}},
            "spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{{{{string.Join(",", list)}}}}],
            "volumes":[{"name":"data","emptyDir":{} }] } } } }
            """;
    }

    private static JsonObject Parse(byte[] utf8) => JsonNode.Parse(utf8)!.AsObject();

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;

    /// <summary>In milliseconds, after a warm-up.</summary>
    private static double Median(Action action)
    {
        var times = new double[Rounds];
        for (var i = -Rounds; i < Rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }

        Array.Sort(times);
        return times[Rounds / 2];
    }
}
