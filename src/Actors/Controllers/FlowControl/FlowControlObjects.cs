using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Controllers.FlowControl;

/// <param name="Key">Its name.</param>
/// <param name="Spec">As upstream configures it.</param>
/// <param name="IsMandatory">Always as it is here; a suggested one is the user's from the moment he says so.</param>
internal sealed record FlowControlObject(ObjectKey Key, JsonObject Spec, bool IsMandatory)
{
    public const string AutoUpdate = "apf.kubernetes.io/autoupdate-spec";

    public JsonObject ToJson() => new()
    {
        ["apiVersion"] = "flowcontrol.apiserver.k8s.io/v1",
        ["kind"] = ResourceCatalog.BuiltIn.Find(Key.Type)!.Kind,
        ["metadata"] = new JsonObject { ["name"] = Key.Name, ["annotations"] = new JsonObject { [AutoUpdate] = "true" } },
        ["spec"] = Spec.DeepClone(),
    };
}

/// <summary>The priority levels and flow schemas that every cluster has (upstream's <c>flowcontrol/bootstrap</c>).</summary>
internal static class FlowControlObjects
{
    private const string ByUser = "ByUser";
    private const string ByNamespace = "ByNamespace";
    private static readonly string[] Everybody = ["system:unauthenticated", "system:authenticated"];

    public static ImmutableArray<FlowControlObject> All { get; } =
    [
        Level("exempt", new JsonObject { ["type"] = "Exempt", ["exempt"] = new JsonObject { ["nominalConcurrencyShares"] = 0, ["lendablePercent"] = 0 } }, mandatory: true),
        Level("catch-all", Limited(5, 0, new JsonObject { ["type"] = "Reject" }), mandatory: true),
        Level("system", Limited(30, 33, Queues(64, 6))),
        Level("node-high", Limited(40, 25, Queues(64, 6))),
        Level("leader-election", Limited(10, 0, Queues(16, 4))),
        Level("workload-high", Limited(40, 50, Queues(128, 6))),
        Level("workload-low", Limited(100, 90, Queues(128, 6))),
        Level("global-default", Limited(20, 50, Queues(128, 6))),

        Schema("exempt", "exempt", 1, null, Groups("system:masters"), [Anything()], AnyUrl(), mandatory: true),
        Schema("catch-all", "catch-all", 10000, ByUser, Groups(Everybody), [Anything()], AnyUrl(), mandatory: true),
        Schema("probes", "exempt", 2, null, Groups(Everybody), [], Urls(["get"], "/healthz", "/readyz", "/livez")),
        Schema("system-leader-election", "leader-election", 100, ByUser, [.. Users("system:kube-controller-manager", "system:kube-scheduler"), SystemAccounts()], [Leases("get", "create", "update")], null),
        Schema("system-node-high", "node-high", 400, ByUser, Groups("system:nodes"), [Rule(["*"], [""], ["nodes", "nodes/status"], clusterScope: true), Leases("*")], null),
        Schema("system-nodes", "system", 500, ByUser, Groups("system:nodes"), [Anything()], AnyUrl()),
        Schema("kube-controller-manager", "workload-high", 800, ByNamespace, Users("system:kube-controller-manager"), [Anything()], AnyUrl()),
        Schema("kube-scheduler", "workload-high", 800, ByNamespace, Users("system:kube-scheduler"), [Anything()], AnyUrl()),
        Schema("kube-system-service-accounts", "workload-high", 900, ByNamespace, [SystemAccounts()], [Anything()], AnyUrl()),
        Schema("service-accounts", "workload-low", 9000, ByUser, Groups("system:serviceaccounts"), [Anything()], AnyUrl()),
        Schema("global-default", "global-default", 9900, ByUser, Groups(Everybody), [Anything()], AnyUrl()),
    ];

    private static FlowControlObject Level(string name, JsonObject spec, bool mandatory = false) => Of(ResourceTypes.PriorityLevelConfigurations, name, spec, mandatory);

    private static FlowControlObject Schema(
        string name, string level, int precedence, string? distinguisher, JsonNode[] subjects, JsonNode[] resources, JsonNode? urls, bool mandatory = false)
    {
        var rules = new JsonObject { ["subjects"] = new JsonArray(subjects) };
        if (resources.Length > 0)
        {
            rules["resourceRules"] = new JsonArray(resources);
        }

        if (urls is not null)
        {
            rules["nonResourceRules"] = new JsonArray(urls);
        }

        var spec = new JsonObject { ["priorityLevelConfiguration"] = new JsonObject { ["name"] = level }, ["matchingPrecedence"] = precedence };
        if (distinguisher is not null)
        {
            spec["distinguisherMethod"] = new JsonObject { ["type"] = distinguisher };
        }

        spec["rules"] = new JsonArray(rules);
        return Of(ResourceTypes.FlowSchemas, name, spec, mandatory);
    }

    /// <summary>In the form in which it is stored, so that it can be compared with what is.</summary>
    private static FlowControlObject Of(ResourceType type, string name, JsonObject spec, bool mandatory)
    {
        var obj = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec };
        ObjectDefaults.Apply(ResourceCatalog.BuiltIn.Find(type)!, obj);
        return new FlowControlObject(new ObjectKey(type, "", name), (JsonObject)obj["spec"]!.DeepClone(), mandatory);
    }

    private static JsonObject Limited(int shares, int lendable, JsonObject response) => new()
    {
        ["type"] = "Limited",
        ["limited"] = new JsonObject { ["nominalConcurrencyShares"] = shares, ["limitResponse"] = response, ["lendablePercent"] = lendable },
    };

    private static JsonObject Queues(int queues, int hand) => new()
    {
        ["type"] = "Queue",
        ["queuing"] = new JsonObject { ["queues"] = queues, ["handSize"] = hand, ["queueLengthLimit"] = 50 },
    };

    private static JsonNode[] Groups(params string[] names) => [.. names.Select(JsonNode (name) => new JsonObject { ["kind"] = "Group", ["group"] = new JsonObject { ["name"] = name } })];

    private static JsonNode[] Users(params string[] names) => [.. names.Select(JsonNode (name) => new JsonObject { ["kind"] = "User", ["user"] = new JsonObject { ["name"] = name } })];

    private static JsonObject SystemAccounts() => new()
    {
        ["kind"] = "ServiceAccount",
        ["serviceAccount"] = new JsonObject { ["namespace"] = "kube-system", ["name"] = "*" },
    };

    private static JsonObject Anything() => Rule(["*"], ["*"], ["*"], clusterScope: true);

    private static JsonObject Leases(params string[] verbs) => Rule(verbs, ["coordination.k8s.io"], ["leases"], clusterScope: false);

    private static JsonObject Rule(string[] verbs, string[] groups, string[] resources, bool clusterScope)
    {
        var rule = new JsonObject { ["verbs"] = Texts(verbs), ["apiGroups"] = Texts(groups), ["resources"] = Texts(resources) };
        if (clusterScope)
        {
            rule["clusterScope"] = true;
        }

        rule["namespaces"] = Texts("*");
        return rule;
    }

    private static JsonObject AnyUrl() => Urls(["*"], "*");

    private static JsonObject Urls(string[] verbs, params string[] urls) => new() { ["verbs"] = Texts(verbs), ["nonResourceURLs"] = Texts(urls) };

    private static JsonArray Texts(params string[] texts) => [.. texts.Select(text => JsonValue.Create(text))];
}
