using ActorOrchestrator.EndToEnd.Tests.Support;
using k8s;
using k8s.Models;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>The official clients, unmodified: each walks through creating, reading, patching, watching with resume and deleting.</summary>
[Collection(SharedCluster.Name)]
public sealed class ClientTests(ClusterFixture cluster)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public void The_Python_client_walks_through()
    {
        cluster.Kubectl.Do("create", "namespace", "python");

        var walk = Shell.Run("/usr/bin/python3", ["tests/EndToEnd.Tests/Clients/python/walk.py", "python"], cluster.Kubectl.Environment, patience: Patience).MustSucceed();

        Assert.EndsWith("done", walk.Output.TrimEnd(), StringComparison.Ordinal);
        cluster.Kubectl.Do("delete", "namespace", "python", "--wait=false");
    }

    [Fact]
    public void The_JavaScript_client_walks_through()
    {
        cluster.Kubectl.Do("create", "namespace", "javascript");

        var walk = Shell.Run("node", ["tests/EndToEnd.Tests/Clients/javascript/walk.mjs", "javascript"], cluster.Kubectl.Environment, patience: Patience).MustSucceed();

        Assert.EndsWith("done", walk.Output.TrimEnd(), StringComparison.Ordinal);
        cluster.Kubectl.Do("delete", "namespace", "javascript", "--wait=false");
    }

    [Fact]
    public void The_Go_client_walks_through_in_JSON_and_in_protobuf()
    {
        cluster.Kubectl.Do("create", "namespace", "golang");

        var walk = Shell.Run(Path.Combine(Repository.Root, "artifacts/tools/go-walk"), ["golang"], cluster.Kubectl.Environment, patience: Patience).MustSucceed();

        Assert.EndsWith("done", walk.Output.TrimEnd(), StringComparison.Ordinal);
        cluster.Kubectl.Do("delete", "namespace", "golang", "--wait=false");
    }

    [Fact]
    public async Task The_CSharp_client_writes_patches_and_deletes()
    {
        using var client = Connect();
        const string space = "csharp";
        await client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = space } });
        var created = await client.CoreV1.CreateNamespacedConfigMapAsync(ConfigMap("cs"), space);
        Assert.NotEmpty(created.Metadata.Uid);
        await RefusedAsync(409, () => client.CoreV1.CreateNamespacedConfigMapAsync(ConfigMap("cs"), space));

        created.Data = new Dictionary<string, string> { ["k"] = "w" };
        await client.CoreV1.ReplaceNamespacedConfigMapAsync(created, "cs", space);
        await RefusedAsync(409, () => client.CoreV1.ReplaceNamespacedConfigMapAsync(created, "cs", space));

        foreach (var (type, body) in new[]
        {
            (V1Patch.PatchType.MergePatch, """{"metadata":{"labels":{"a":"1"}}}"""),
            (V1Patch.PatchType.StrategicMergePatch, """{"metadata":{"labels":{"b":"2"}}}"""),
            (V1Patch.PatchType.JsonPatch, """[{"op":"remove","path":"/metadata/labels/a"}]"""),
        })
        {
            await client.CoreV1.PatchNamespacedConfigMapAsync(new V1Patch(body, type), "cs", space);
        }

        Task<V1ConfigMap> ApplyAsync(string value, string manager, bool? force = null) => client.CoreV1.PatchNamespacedConfigMapAsync(
            new V1Patch($$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cs"},"data":{"applied":"{{{value}}}"}}""", V1Patch.PatchType.ApplyPatch),
            "cs", space, fieldManager: manager, force: force);
        await ApplyAsync("1", "walk");
        await RefusedAsync(409, () => ApplyAsync("2", "other"));
        var forced = await ApplyAsync("2", "other", force: true);
        Assert.Equal("2", forced.Data["applied"]);
        Assert.Equal("other", Assert.Single(forced.Metadata.ManagedFields, entry => entry.Operation == "Apply").Manager);

        var read = await client.CoreV1.ReadNamespacedConfigMapAsync("cs", space);
        Assert.Equal(("w", "2", false), (read.Data["k"], read.Metadata.Labels["b"], read.Metadata.Labels.ContainsKey("a")));
        await client.CoreV1.DeleteNamespacedConfigMapAsync("cs", space);
        await RefusedAsync(404, () => client.CoreV1.ReadNamespacedConfigMapAsync("cs", space));
        await client.CoreV1.DeleteNamespaceAsync(space);
    }

    [Fact]
    public async Task The_CSharp_client_defines_and_uses_a_kind_of_its_own()
    {
        using var client = Connect();
        const string space = "csharp-custom";
        await client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = space } });
        await client.ApiextensionsV1.CreateCustomResourceDefinitionAsync(KubernetesJson.Deserialize<V1CustomResourceDefinition>("""
            {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"pebbles.csharp.example.com"},
             "spec":{"group":"csharp.example.com","scope":"Namespaced","names":{"plural":"pebbles","singular":"pebble","kind":"Pebble"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
             "properties":{"size":{"type":"integer","minimum":1,"default":3}}}}}}}]}}
            """));
        await foreach (var (_, definition) in client.ApiextensionsV1.WatchListCustomResourceDefinitionAsync(
            fieldSelector: "metadata.name=pebbles.csharp.example.com", timeoutSeconds: 30))
        {
            if (definition.Status?.Conditions?.Any(condition => condition is { Type: "Established", Status: "True" }) == true)
            {
                break;
            }
        }

        using var pebbles = new GenericClient(client, "csharp.example.com", "v1", "pebbles", disposeClient: false);
        var made = await pebbles.CreateNamespacedAsync(
            new Pebble { ApiVersion = "csharp.example.com/v1", Kind = "Pebble", Metadata = new V1ObjectMeta { Name = "one" }, Spec = new PebbleSpec() }, space);
        Assert.Equal(3, made.Spec!.Size);
        await RefusedAsync(422, () => PatchAsync(0));
        Assert.Equal(5, (await PatchAsync(5)).Spec!.Size);
        await pebbles.DeleteNamespacedAsync<Pebble>(space, "one");
        await client.ApiextensionsV1.DeleteCustomResourceDefinitionAsync("pebbles.csharp.example.com");
        await client.CoreV1.DeleteNamespaceAsync(space);

        Task<Pebble> PatchAsync(int size) =>
            pebbles.PatchNamespacedAsync<Pebble>(new V1Patch($$$"""{"spec":{"size":{{{size}}}}}""", V1Patch.PatchType.MergePatch), space, "one");
    }

    [Fact]
    public async Task The_CSharp_client_resumes_a_watch_without_gap_or_repeat()
    {
        using var client = Connect();
        const string space = "csharp-watch";
        const int total = 60;
        await client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new V1ObjectMeta { Name = space } });
        var version = (await client.CoreV1.ListNamespacedConfigMapAsync(space)).Metadata.ResourceVersion;
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < total; i++)
            {
                await client.CoreV1.CreateNamespacedConfigMapAsync(ConfigMap($"seq-{i}", new Dictionary<string, string> { ["seq"] = "1" }), space);
            }
        });

        var seen = new List<string>();
        while (seen.Count < total)
        {
            var changes = client.CoreV1.WatchListNamespacedConfigMapAsync(space, resourceVersion: version, labelSelector: "seq", timeoutSeconds: 20);
            var inThis = 0;
            await foreach (var (change, obj) in changes)
            {
                Assert.Equal(WatchEventType.Added, change);
                seen.Add(obj.Metadata.Name);
                version = obj.Metadata.ResourceVersion;
                if (++inThis == 7)
                {
                    break;
                }
            }
        }

        await writing;
        Assert.Equal(Enumerable.Range(0, total).Select(i => $"seq-{i}"), seen);
        await client.CoreV1.DeleteNamespaceAsync(space);
    }

    private sealed class Pebble : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "";
        public string Kind { get; set; } = "";
        public V1ObjectMeta Metadata { get; set; } = new();
        public PebbleSpec? Spec { get; set; }
    }

    private sealed class PebbleSpec
    {
        public int? Size { get; set; }
    }

    private Kubernetes Connect() => new(KubernetesClientConfiguration.BuildConfigFromConfigFile(cluster.Kubeconfig));

    private static V1ConfigMap ConfigMap(string name, Dictionary<string, string>? labels = null) =>
        new() { Metadata = new V1ObjectMeta { Name = name, Labels = labels }, Data = new Dictionary<string, string> { ["k"] = "v" } };

    private static async Task RefusedAsync(int code, Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<k8s.Autorest.HttpOperationException>(call);
        Assert.Equal(code, (int)refusal.Response.StatusCode);
    }
}
