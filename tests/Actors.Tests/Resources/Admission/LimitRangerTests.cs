using ActorOrchestrator.Contracts.Resources;
using static ActorOrchestrator.Actors.Tests.Resources.Admission.AdmissionWorld;

namespace ActorOrchestrator.Actors.Tests.Resources.Admission;

public sealed class LimitRangerTests
{
    [Fact]
    public async Task Containers_get_what_they_leave_open_and_an_annotation_that_says_so()
    {
        var world = await WithLimitsAsync("""{"type":"Container","default":{"cpu":"500m","memory":"1Gi"},"defaultRequest":{"cpu":"100m","memory":"200Mi"}}""");
        var pod = await world.MustAsync(ResourceTypes.Pods, Pod("p", """{"cpu":"300m"}"""));
        var resources = pod["spec"]!["containers"]![0]!["resources"]!;
        Assert.Equal("""{"requests":{"cpu":"300m","memory":"200Mi"},"limits":{"cpu":"500m","memory":"1Gi"}}""", resources.ToJsonString());
        Assert.Equal(
            "LimitRanger plugin set: memory request for container main; cpu, memory limit for container main",
            (string)pod["metadata"]!["annotations"]!["kubernetes.io/limit-ranger"]!);
    }

    [Theory]
    [InlineData("""{"type":"Container","min":{"cpu":"50m"}}""", """{"cpu":"10m"}""", """{"cpu":"60m"}""", "minimum cpu usage per Container is 50m, but request is 10m")]
    [InlineData("""{"type":"Container","max":{"memory":"1Gi"}}""", """{"memory":"2Gi"}""", """{"memory":"2Gi"}""", "maximum memory usage per Container is 1Gi, but limit is 2Gi")]
    [InlineData("""{"type":"Container","min":{"cpu":"50m"},"max":{"memory":"1Gi"}}""", """{"cpu":"10m","memory":"1Gi"}""", """{"cpu":"20m","memory":"2Gi"}""", "[minimum cpu usage per Container is 50m, but request is 10m, maximum memory usage per Container is 1Gi, but limit is 2Gi]")]
    [InlineData("""{"type":"Pod","max":{"cpu":"1"}}""", """{"cpu":"1"}""", """{"cpu":"2"}""", "maximum cpu usage per Pod is 1, but limit is 2")]
    [InlineData("""{"type":"Container","maxLimitRequestRatio":{"cpu":"1500m"}}""", """{"cpu":"1"}""", """{"cpu":"2"}""", "cpu max limit to request ratio per Container is 1500m, but provided ratio is 2.000000")]
    public async Task What_is_outside_the_range_is_refused_in_upstreams_words(string limit, string requests, string limits, string message)
    {
        var world = await WithLimitsAsync(limit);
        var result = await world.CreateAsync(ResourceTypes.Pods, Pod("p", requests, limits));
        Assert.Equal(403, result.Failure?.Code);
        Assert.Equal($"pods \"p\" is forbidden: {message}", result.Failure!.Message);
    }

    [Fact]
    public async Task Claims_have_a_range_of_their_own()
    {
        var world = await WithLimitsAsync("""{"type":"PersistentVolumeClaim","max":{"storage":"2Gi"},"min":{"storage":"1Gi"}}""");
        var result = await world.CreateAsync(
            ResourceTypes.PersistentVolumeClaims, """{"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"3Gi"}}}}""");
        Assert.Equal("persistentvolumeclaims \"c\" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi", result.Failure?.Message);
    }

    private static async Task<AdmissionWorld> WithLimitsAsync(string limit)
    {
        var world = await StartAsync();
        await world.MustAsync(ResourceTypes.LimitRanges, $$$"""{"metadata":{"name":"l"},"spec":{"limits":[{{{limit}}}]}}""");
        return world;
    }
}
