using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

/// <summary>Nodes and pods as JSON, for tests of what is decided about them.</summary>
internal static class Given
{
    private static long _revision;

    public static JsonObject NodeJson(string name, string cpu = "4", string memory = "8Gi", int pods = 110, string ready = "True") => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Node",
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["kubernetes.io/hostname"] = name } },
        ["spec"] = new JsonObject(),
        ["status"] = new JsonObject
        {
            ["allocatable"] = new JsonObject { ["cpu"] = cpu, ["memory"] = memory, ["pods"] = pods.ToString(), ["ephemeral-storage"] = "10Gi" },
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = ready }),
        },
    };

    public static JsonObject PodJson(string name, string cpu = "100m", string memory = "64Mi", Action<JsonObject>? spec = null)
    {
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default", ["uid"] = "uid-" + name },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(new JsonObject
                {
                    ["name"] = "c",
                    ["image"] = "busybox:1.36",
                    ["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = cpu, ["memory"] = memory } },
                }),
            },
            ["status"] = new JsonObject { ["phase"] = "Pending" },
        };
        spec?.Invoke(pod["spec"]!.AsObject());
        return pod;
    }

    public static StoredObject Stored(ResourceType type, JsonObject obj)
    {
        var key = new ObjectKey(type, (string?)obj["metadata"]!["namespace"] ?? "", (string)obj["metadata"]!["name"]!);
        var revision = new Revision(Interlocked.Increment(ref _revision));
        return new StoredObject(key, (string?)obj["metadata"]!["uid"] ?? "uid-" + key.Name, revision, ObjectBody.From(obj).At(revision), []);
    }

    public static NodeInfo Node(string name, string cpu = "4", string memory = "8Gi", int pods = 110, string ready = "True", Action<JsonObject>? change = null)
    {
        var node = NodeJson(name, cpu, memory, pods, ready);
        change?.Invoke(node);
        return NodeInfo.From(Stored(ResourceTypes.Nodes, node));
    }

    public static PodInfo Pod(string name, string cpu = "100m", string memory = "64Mi", Action<JsonObject>? spec = null) =>
        PodInfo.From(Stored(ResourceTypes.Pods, PodJson(name, cpu, memory, spec)));

    public static PodInfo PodOf(string specJson) =>
        PodInfo.From(Stored(ResourceTypes.Pods, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "p", ["namespace"] = "default" },
            ["spec"] = JsonNode.Parse(specJson),
        }));

    public static SchedulingSnapshot Cluster(params NodeInfo[] nodes)
    {
        var snapshot = new SchedulingSnapshot();
        foreach (var node in nodes)
        {
            snapshot.SetNode(node);
        }

        return snapshot;
    }

    public static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
