using ActorOrchestrator.Actors.Scheduling;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Scheduling;

public sealed class PodRequestsTests
{
    [Theory]
    [InlineData("containers add up", """{"containers":[{"resources":{"requests":{"cpu":"1"}}},{"resources":{"requests":{"cpu":"500m","memory":"1Mi"}}}]}""", 1500, 1048576)]
    [InlineData("nothing asked is nothing", """{"containers":[{}]}""", 0, 0)]
    [InlineData("a larger init container counts instead", """{"initContainers":[{"resources":{"requests":{"cpu":"3"}}}],"containers":[{"resources":{"requests":{"cpu":"1"}}}]}""", 3000, 0)]
    [InlineData("init containers run one by one", """{"initContainers":[{"resources":{"requests":{"cpu":"600m"}}},{"resources":{"requests":{"cpu":"600m"}}}],"containers":[{"resources":{"requests":{"cpu":"1"}}}]}""", 1000, 0)]
    [InlineData("a sidecar stays", """{"initContainers":[{"restartPolicy":"Always","resources":{"requests":{"cpu":"200m"}}}],"containers":[{"resources":{"requests":{"cpu":"1"}}}]}""", 1200, 0)]
    [InlineData("an init container runs beside the sidecars before it", """{"initContainers":[{"restartPolicy":"Always","resources":{"requests":{"cpu":"200m"}}},{"resources":{"requests":{"cpu":"2"}}}],"containers":[{"resources":{"requests":{"cpu":"1"}}}]}""", 2200, 0)]
    [InlineData("but not beside those after it", """{"initContainers":[{"resources":{"requests":{"cpu":"2"}}},{"restartPolicy":"Always","resources":{"requests":{"cpu":"200m"}}}],"containers":[{"resources":{"requests":{"cpu":"1"}}}]}""", 2000, 0)]
    [InlineData("overhead comes on top", """{"overhead":{"cpu":"250m","memory":"1Ki"},"containers":[{"resources":{"requests":{"cpu":"1"}}}]}""", 1250, 1024)]
    [InlineData("the pod's own request replaces the sum", """{"resources":{"requests":{"cpu":"2"}},"containers":[{"resources":{"requests":{"cpu":"1","memory":"1Ki"}}}]}""", 2000, 1024)]
    [InlineData("also for huge pages, and leaves the others", """{"resources":{"requests":{"hugepages-2Mi":"8Mi"}},"containers":[{"resources":{"requests":{"cpu":"1","hugepages-2Mi":"4Mi"}}}]}""", 1000, 0)]
    public void Requests_follow_upstreams_rule(string rule, string spec, long milliCpu, long memory)
    {
        var requests = Given.PodOf(spec).Requests;
        Assert.True(milliCpu == requests.MilliCpu && memory == requests.Memory, $"{rule}: {requests}");
    }

    [Theory]
    [InlineData("what is granted counts while less is wanted", """{"containerStatuses":[{"name":"c","allocatedResources":{"cpu":"2"}}]}""", 2000)]
    [InlineData("what is in use counts while less is wanted", """{"containerStatuses":[{"name":"c","resources":{"requests":{"cpu":"3"}}}]}""", 3000)]
    [InlineData("what is wanted counts while less is granted", """{"containerStatuses":[{"name":"c","allocatedResources":{"cpu":"500m"}}]}""", 1000)]
    [InlineData("but not when it cannot be", """{"conditions":[{"type":"PodResizePending","status":"True","reason":"Infeasible"}],"containerStatuses":[{"name":"c","allocatedResources":{"cpu":"500m"}}]}""", 500)]
    [InlineData("another's status says nothing", """{"containerStatuses":[{"name":"d","allocatedResources":{"cpu":"2"}}]}""", 1000)]
    public void A_resize_holds_both_until_it_is_done(string rule, string status, long milliCpu)
    {
        var pod = Given.PodJson("p", cpu: "1");
        pod["status"] = Given.Parse(status);
        Assert.True(milliCpu == PodInfo.From(Given.Stored(ResourceTypes.Pods, pod)).Requests.MilliCpu, rule);
    }

    [Fact]
    public void Extended_resources_are_counted_by_name()
    {
        var pod = Given.PodOf("""{"containers":[{"resources":{"requests":{"nvidia.com/gpu":"1"}}},{"resources":{"requests":{"nvidia.com/gpu":"2","hugepages-2Mi":"4Mi"}}}]}""");
        Assert.Equal(3, pod.Requests.ExtendedAmount("nvidia.com/gpu"));
        Assert.Equal(4 << 20, pod.Requests.ExtendedAmount("hugepages-2Mi"));
    }
}
