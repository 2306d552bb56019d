using ActorOrchestrator.Contracts.Resources;
using static ActorOrchestrator.Actors.Tests.Resources.Admission.AdmissionWorld;

namespace ActorOrchestrator.Actors.Tests.Resources.Admission;

public sealed class PodSecurityTests
{
    private const string Restricted =
        "allowPrivilegeEscalation != false (container \"main\" must set securityContext.allowPrivilegeEscalation=false), "
        + "unrestricted capabilities (container \"main\" must set securityContext.capabilities.drop=[\"ALL\"]), "
        + "runAsNonRoot != true (pod or container \"main\" must set securityContext.runAsNonRoot=true), "
        + "seccompProfile (pod or container \"main\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")";

    [Theory]
    [InlineData("baseline", "\"hostNetwork\":true,", "host namespaces (hostNetwork=true)")]
    [InlineData("baseline", "\"volumes\":[{\"name\":\"h\",\"hostPath\":{\"path\":\"/\"}}],", "hostPath volumes (volume \"h\")")]
    [InlineData("baseline", "\"securityContext\":{\"sysctls\":[{\"name\":\"kernel.msgmax\",\"value\":\"1\"}]},", "forbidden sysctls (kernel.msgmax)")]
    [InlineData("baseline", "\"securityContext\":{\"seLinuxOptions\":{\"type\":\"foo\"}},", "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"foo\")")]
    [InlineData("restricted", "", Restricted)]
    public async Task Enforcement_refuses_in_upstreams_words(string level, string more, string detail)
    {
        var world = await StartAsync("{\"pod-security.kubernetes.io/enforce\":\"" + level + "\"}");
        var result = await world.CreateAsync(ResourceTypes.Pods, Pod("p", more: more));
        Assert.Equal($"pods \"p\" is forbidden: violates PodSecurity \"{level}:latest\": {detail}", result.Failure?.Message);
    }

    [Fact]
    public async Task Warnings_and_annotations_tell_of_pods_and_of_what_makes_pods()
    {
        var world = await StartAsync("""{"pod-security.kubernetes.io/warn":"restricted","pod-security.kubernetes.io/audit":"baseline","pod-security.kubernetes.io/audit-version":"v1.30"}""");
        await world.MustAsync(ResourceTypes.Pods, Pod("p", more: "\"hostPID\":true,"));
        Assert.StartsWith("would violate PodSecurity \"restricted:latest\": host namespaces (hostPID=true), allowPrivilegeEscalation", world.Warnings[0]);
        Assert.Equal("would violate PodSecurity \"baseline:v1.30\": host namespaces (hostPID=true)", world.Annotations["pod-security.kubernetes.io/audit-violations"]);
        world.Warnings.Clear();
        await world.MustAsync(
            ResourceTypes.Deployments,
            """{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"main","image":"x"}]}}}}""");
        Assert.Equal([$"would violate PodSecurity \"restricted:latest\": {Restricted}"], world.Warnings);
    }

    [Fact]
    public async Task A_label_that_is_no_level_is_refused()
    {
        var world = await StartAsync();
        var result = await world.CreateAsync(ResourceTypes.Namespaces, """{"metadata":{"name":"x","labels":{"pod-security.kubernetes.io/enforce":"strict"}}}""", "");
        Assert.Equal(422, result.Failure?.Code);
        Assert.Contains("must be one of privileged, baseline, restricted", result.Failure!.Message);
    }

    [Theory]
    [InlineData("baseline", "v1.33", null)]
    [InlineData("baseline", "v1.34", "probe or lifecycle host (container \"main\" uses probe or lifecycle host \"10.0.0.1\")")]
    [InlineData("baseline", "latest", "probe or lifecycle host (container \"main\" uses probe or lifecycle host \"10.0.0.1\")")]
    [InlineData("baseline", "v1.99", "probe or lifecycle host (container \"main\" uses probe or lifecycle host \"10.0.0.1\")")]
    [InlineData("baseline", "v1.31", "forbidden sysctls (net.ipv4.tcp_rmem)")]
    [InlineData("baseline", "v1.18", "forbidden sysctls (net.ipv4.tcp_rmem)")]
    [InlineData("restricted", "v1.7", "runAsNonRoot != true (pod or container \"main\" must set securityContext.runAsNonRoot=true)")]
    public async Task A_version_is_judged_by_its_own_rules(string level, string version, string? told)
    {
        var world = await StartAsync("{\"pod-security.kubernetes.io/enforce\":\"" + level + "\",\"pod-security.kubernetes.io/enforce-version\":\"" + version + "\"}");
        var sysctl = told?.Contains("sysctl", StringComparison.Ordinal) == true ? "\"securityContext\":{\"sysctls\":[{\"name\":\"net.ipv4.tcp_rmem\",\"value\":\"1\"}]}," : "";
        var pod = Pod("p", more: sysctl).Replace("\"image\":", "\"livenessProbe\":{\"tcpSocket\":{\"host\":\"10.0.0.1\",\"port\":1}},\"image\":", StringComparison.Ordinal);
        var result = await world.CreateAsync(ResourceTypes.Pods, pod);
        Assert.Equal(told is null ? null : $"pods \"p\" is forbidden: violates PodSecurity \"{level}:{version}\": {told}", result.Failure?.Message);
    }

    [Fact]
    public async Task Of_changes_only_images_count()
    {
        var world = await StartAsync("""{"pod-security.kubernetes.io/warn":"baseline"}""");
        await world.MustAsync(ResourceTypes.Pods, Pod("p", more: "\"hostPID\":true,"));
        world.Warnings.Clear();
        var result = await world.ChangeAsync(ResourceTypes.Pods, "p", pod => pod["spec"]!["activeDeadlineSeconds"] = 10);
        Assert.True(result.Ok, result.Failure?.Message);
        Assert.Empty(world.Warnings);
        result = await world.ChangeAsync(ResourceTypes.Pods, "p", pod => pod["spec"]!["containers"]![0]!["image"] = "other");
        Assert.True(result.Ok, result.Failure?.Message);
        Assert.Equal(["would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)"], world.Warnings);
    }
}
