namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Ephemeral containers come through their own endpoint, and stay.</summary>
[Collection("api")]
public sealed class EphemeralContainerTests(ApiHost api)
{
    private const string Strategic = "application/strategic-merge-patch+json";

    [Fact]
    public async Task One_is_added_and_neither_changed_nor_asked_for_resources()
    {
        var path = $"/api/v1/namespaces/{await api.NamespaceAsync()}/pods";
        await api.PostAsync(path, """{"metadata":{"name":"p"},"spec":{"nodeSelector":{"a":"b"},"containers":[{"name":"c","image":"i"}]}}""");
        Task<Answer> PatchAsync(string container) => api.SendAsync(HttpMethod.Patch, $"{path}/p/ephemeralcontainers", "{\"spec\":{\"ephemeralContainers\":[" + container + "]}}", Strategic);

        var added = await PatchAsync("""{"name":"debug","image":"d:1","targetContainerName":"c"}""");
        Assert.Equal(200, added.Code);
        Assert.Contains("do not start them yet", Assert.Single(added.Warnings), StringComparison.Ordinal);
        var changed = await PatchAsync("""{"name":"debug","image":"d:2"}""");
        Assert.Equal(422, changed.Code);
        Assert.Contains("spec.ephemeralContainers: Forbidden: existing ephemeral containers \"debug\" may not be changed", changed.Message, StringComparison.Ordinal);
        var demanding = await PatchAsync("""{"name":"more","image":"d:1","resources":{"limits":{"cpu":"1"}}}""");
        Assert.Contains("spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container", demanding.Message, StringComparison.Ordinal);
        var lost = await PatchAsync("""{"name":"more","image":"d:1","targetContainerName":"x"}""");
        Assert.Contains("targetContainerName: Not found: \"x\"", lost.Message, StringComparison.Ordinal);
    }
}
