using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Bench.Scheduler;

/// <summary>One of the shapes of upstream's scheduler_perf.</summary>
/// <param name="Name">As upstream calls it.</param>
/// <param name="Floor">Pods a second that upstream's CI asks of it.</param>
/// <param name="Placed">Pods that are there before the clock starts.</param>
/// <param name="Measured">Pods that are scheduled against the clock.</param>
internal sealed record SchedulerShape(string Name, double Floor, int Placed, int Measured)
{
    /// <summary>Changes the specification of a pod that is there before.</summary>
    public Action<JsonObject>? Before { get; init; }

    /// <summary>Changes the specification of a measured pod.</summary>
    public Action<JsonObject>? Change { get; init; }

    /// <summary>Nodes are made, changed and deleted in between.</summary>
    public bool Churns { get; init; }

    public static readonly SchedulerShape[] All =
    [
        new("SchedulingBasic", 680, 1000, 10000),
        new("SchedulingNodeAffinity", 220, 5000, 10000)
        {
            Change = pod => Spec(pod)["affinity"] = Json(
                """{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"topology.kubernetes.io/zone","operator":"In","values":["zone1"]}]}]}}}"""),
        },
        new("SchedulingPodAffinity", 35, 5000, 5000) { Before = Together, Change = Together },
        new("SchedulingPodAntiAffinity", 60, 1000, 2000) { Before = Apart, Change = Apart },
        new("TopologySpreading", 460, 5000, 5000)
        {
            Change = pod =>
            {
                pod["metadata"]!["labels"] = Json("""{"color":"blue"}""");
                Spec(pod)["topologySpreadConstraints"] = new JsonArray(Json(
                    """{"maxSkew":5,"topologyKey":"topology.kubernetes.io/zone","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"color":"blue"}}}"""));
            },
        },
        new("PreemptionAsync", 570, 20000, 5000)
        {
            Before = pod => Request(pod, "900m", "500Mi"),
            Change = pod =>
            {
                Request(pod, "3000m", "500Mi");
                Spec(pod)["priority"] = 10;
            },
        },
        new("MixedSchedulingBasePod with churn", 140, 5000, 10000) { Churns = true },
    ];

    public static JsonObject Node(int number) => Json(
        $$$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"node-{{{number}}}","uid":"n{{{number}}}","labels":{"kubernetes.io/hostname":"node-{{{number}}}","topology.kubernetes.io/zone":"zone{{{(number % 3) + 1}}}"}},
         "spec":{},"status":{"allocatable":{"cpu":"4","memory":"32Gi","pods":"110"},"conditions":[{"type":"Ready","status":"True"}]}}
        """);

    public static JsonObject Pod(string name, Action<JsonObject>? change)
    {
        var pod = Json(
            $$$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"bench","uid":"u-{{{name}}}","creationTimestamp":"2026-01-01T00:00:00Z"},
             "spec":{"containers":[{"name":"pause","image":"registry.k8s.io/pause:3.10","ports":[{"containerPort":80}],"resources":{"requests":{"cpu":"100m","memory":"500Mi"} } } ]},
             "status":{"phase":"Pending"}}
            """);
        change?.Invoke(pod);
        return pod;
    }

    public static StoredObject Stored(ResourceType type, JsonObject obj, long revision)
    {
        var key = new ObjectKey(type, (string?)obj["metadata"]!["namespace"] ?? "", (string)obj["metadata"]!["name"]!);
        var at = new Revision(revision);
        return new StoredObject(key, (string)obj["metadata"]!["uid"]!, at, ObjectBody.From(obj).At(at), []);
    }

    private static void Together(JsonObject pod)
    {
        pod["metadata"]!["labels"] = Json("""{"color":"blue"}""");
        Spec(pod)["affinity"] = Json(
            """{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{"matchLabels":{"color":"blue"}},"topologyKey":"topology.kubernetes.io/zone"}]}}""");
    }

    private static void Apart(JsonObject pod)
    {
        pod["metadata"]!["labels"] = Json("""{"color":"green"}""");
        Spec(pod)["affinity"] = Json(
            """{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"labelSelector":{"matchLabels":{"color":"green"}},"topologyKey":"kubernetes.io/hostname"}]}}""");
    }

    private static void Request(JsonObject pod, string cpu, string memory) =>
        Spec(pod)["containers"]![0]!["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = cpu, ["memory"] = memory } };

    private static JsonObject Spec(JsonObject pod) => pod["spec"]!.AsObject();

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();
}
