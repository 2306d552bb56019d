using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ResourceQuotas;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Admission;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;

namespace ActorOrchestrator.Actors.Tests.Resources.Admission;

/// <summary>The real write path on a direct ledger, with a namespace in it.</summary>
internal sealed class AdmissionWorld : IAdmissionObserver
{
    public const string Namespace = "shop";

    private AdmissionWorld()
    {
        Ledger = new DirectLedger(Time);
        Store = new ResourceStore(Ledger, Ledger.View, ResourceCatalog.BuiltIn, Time);
    }

    public ManualTime Time { get; } = new();
    public DirectLedger Ledger { get; }
    public ResourceStore Store { get; }
    public List<string> Warnings { get; } = [];
    public Dictionary<string, string> Annotations { get; } = [];
    public UserInfo User { get; set; } = new("alice", ["system:masters", "system:authenticated"]);

    public static async Task<AdmissionWorld> StartAsync(string namespaceLabels = "{}")
    {
        var world = new AdmissionWorld();
        await world.MustAsync(ResourceTypes.Namespaces, $$$"""{"metadata":{"name":"{{{Namespace}}}","labels":{{{namespaceLabels}}}}}""", "");
        return world;
    }

    public static string Pod(string name, string requests = "{}", string limits = "{}", string more = "") =>
        $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{ {{{more}}} "containers":[{"name":"main","image":"busybox","resources":{"requests":{{{requests}}},"limits":{{{limits}}}}}]}}""";

    public Task<ResourceResult> CreateAsync(ResourceType type, string json, string @namespace = Namespace) =>
        Store.CreateAsync(type, @namespace, JsonNode.Parse(json)!.AsObject(), new WriteOptions(User, "create") { Observer = this });

    public async Task<JsonObject> MustAsync(ResourceType type, string json, string @namespace = Namespace)
    {
        var result = await CreateAsync(type, json, @namespace);
        Assert.True(result.Ok, result.Failure?.Message);
        return result.Object!.ToJson();
    }

    public Task<ResourceResult> ChangeAsync(ResourceType type, string name, Action<JsonObject> change, string subresource = "") => Store.UpdateAsync(
        new ObjectKey(type, Namespace, name),
        (_, obj) =>
        {
            change(obj);
            return obj;
        },
        new WriteOptions(User, "update") { Subresource = subresource, Observer = this });

    public JsonObject Get(ResourceType type, string name) => Ledger.View.Current.Find(new ObjectKey(type, Namespace, name))!.ToJson();

    /// <summary>Lets the quota controller look once at every quota.</summary>
    public async Task SumUpAsync()
    {
        foreach (var quota in Ledger.View.Current.All(ResourceTypes.ResourceQuotas).ToArray())
        {
            var plan = ResourceQuotaReconciler.Definition.Reconcile(Observed.At(quota.Key, Ledger.View.Current), Time.GetUtcNow());
            foreach (var change in plan.Steps.SelectMany(step => step.Actions).Cast<ChangeObject>())
            {
                var result = await Store.UpdateAsync(change.Key, change.Change, new WriteOptions("quota", "status") { Subresource = "status", Expected = change.Expected });
                Assert.True(result.Ok, result.Failure?.Message);
            }
        }
    }

    public void Warn(string text) => Warnings.Add(text);

    public void Annotate(string key, string value, AnnotationLevel level) => Annotations[key] = value;
}
