using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.ReplicaSets;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers;

public sealed class PodDeletionOrderTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static PodView Pod(
        string name, string node = "n1", string phase = "Running", bool ready = true, string? cost = null, int restarts = 0, int readyMinutes = 60, int ageMinutes = 60,
        int sidecarRestarts = 0, int initRestarts = 0)
    {
        var metadata = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = "default",
            ["uid"] = name,
            ["creationTimestamp"] = Now.AddMinutes(-ageMinutes).ToString("yyyy-MM-ddTHH:mm:ssZ"),
        };
        if (cost is not null)
        {
            metadata["annotations"] = new JsonObject { ["controller.kubernetes.io/pod-deletion-cost"] = cost };
        }

        var status = new JsonObject
        {
            ["phase"] = phase,
            ["conditions"] = new JsonArray(
                new JsonObject { ["type"] = "Initialized", ["status"] = "True" },
                new JsonObject { ["type"] = "Ready", ["status"] = ready ? "True" : "False", ["lastTransitionTime"] = Now.AddMinutes(-readyMinutes).ToString("yyyy-MM-ddTHH:mm:ssZ") }),
            ["containerStatuses"] = new JsonArray(new JsonObject { ["restartCount"] = 0 }, new JsonObject { ["restartCount"] = restarts }),
        };
        var spec = new JsonObject { ["nodeName"] = node };
        if (sidecarRestarts + initRestarts > 0)
        {
            spec["initContainers"] = new JsonArray(new JsonObject { ["name"] = "side", ["restartPolicy"] = "Always" }, new JsonObject { ["name"] = "init" });
            status["initContainerStatuses"] = new JsonArray(
                new JsonObject { ["name"] = "side", ["restartCount"] = sidecarRestarts }, new JsonObject { ["name"] = "init", ["restartCount"] = initRestarts });
        }

        var obj = new JsonObject { ["metadata"] = metadata, ["spec"] = spec, ["status"] = status };
        var body = ObjectBody.From(obj);
        return PodView.Of(new StoredObject(new ObjectKey(ResourceTypes.Pods, "default", name), name, new Revision(1), body.At(new Revision(1)), []));
    }

    public static TheoryData<string, PodView, PodView> Pairs => new()
    {
        { "unassigned before assigned", Pod("first", node: "", ready: false), Pod("second", phase: "Pending", ready: false) },
        { "pending before running", Pod("first", phase: "Pending", ready: false), Pod("second", ready: false) },
        { "unknown before running", Pod("first", phase: "Unknown", ready: false), Pod("second", ready: false) },
        { "not ready before ready", Pod("first", ready: false, cost: "100"), Pod("second") },
        { "lower cost before higher", Pod("first", cost: "-5", readyMinutes: 600), Pod("second", cost: "3") },
        { "a plus makes no cost", Pod("first", cost: "+5"), Pod("second", cost: "1") },
        { "a zero in front makes no cost", Pod("first", cost: "01", restarts: 0), Pod("second", cost: "1") },
        { "a cost beyond 32 bits is none", Pod("first", cost: "2147483648"), Pod("second", cost: "1") },
        { "no number costs nothing", Pod("first", cost: "many"), Pod("second", cost: "1") },
        { "later ready before earlier", Pod("first", readyMinutes: 1), Pod("second", readyMinutes: 500, restarts: 9) },
        { "more restarts before fewer", Pod("first", restarts: 3), Pod("second", restarts: 1) },
        { "more restarts of a sidecar before fewer", Pod("second", sidecarRestarts: 2), Pod("first", sidecarRestarts: 1) },
        { "a sidecar's restarts after the containers' own", Pod("first", restarts: 1), Pod("second", sidecarRestarts: 9) },
        { "an init container's restarts count nothing", Pod("a"), Pod("b", initRestarts: 9) },
        // 2^41 nanoseconds are 2199 seconds, a bound between two magnitudes.
        { "a magnitude younger before a magnitude older", Pod("second", readyMinutes: 36), Pod("first", readyMinutes: 37) },
        { "the uid within one magnitude", Pod("a", readyMinutes: 60), Pod("b", readyMinutes: 40) },
        { "younger before older", Pod("first", ageMinutes: 61), Pod("second", ageMinutes: 6000) },
        { "the uid when all else is alike", Pod("a"), Pod("b") },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void The_pod_that_is_missed_less_goes_first(string rule, PodView first, PodView second)
    {
        Assert.NotEmpty(rule);
        Assert.Same(first, PodDeletionOrder.Choose([first, second], [], 1, Now).Single());
        Assert.Same(first, PodDeletionOrder.Choose([second, first], [], 1, Now).Single());
    }

    [Fact]
    public void A_pod_that_is_doubled_up_on_its_node_goes_first_even_when_its_neighbour_is_of_another_set()
    {
        var alone = Pod("alone", node: "n1");
        var crowded = Pod("crowded", node: "n2");
        var neighbour = Pod("neighbour", node: "n2");
        Assert.Same(crowded, PodDeletionOrder.Choose([alone, crowded], [alone, crowded, neighbour], 1, Now).Single());
    }

    [Fact]
    public void When_all_are_to_go_the_order_does_not_matter() =>
        Assert.Equal(2, PodDeletionOrder.Choose([Pod("a"), Pod("b")], [], 5, Now).Count());
}
