namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Connections are refused for upstream's reasons before anything is connected.</summary>
[Collection("api")]
public sealed class ConnectTests(ApiHost api)
{
    private const string Two = """{"initContainers":[{"name":"first","image":"i"}],"containers":[{"name":"a","image":"i"},{"name":"b","image":"i"}]}""";
    private const string One = """{"initContainers":[{"name":"first","image":"i"}],"containers":[{"name":"a","image":"i"}]}""";

    [Theory]
    [InlineData(Two, "exec?command=date", "a container name must be specified for pod p, choose one of: [first a b]")]
    [InlineData(Two, "attach", "a container name must be specified for pod p, choose one of: [first a b]")]
    [InlineData(Two, "log", "a container name must be specified for pod p, choose one of: [first a b]")]
    [InlineData(One, "exec?container=other", "container other is not valid for pod p")]
    [InlineData(One, "exec?container=first", "pod p does not have a host assigned")]
    [InlineData(One, "attach", "pod p does not have a host assigned")]
    [InlineData(One, "portforward", "pod p does not have a host assigned")]
    [InlineData(One, "proxy/", "address not allowed")]
    public async Task A_pod_that_cannot_be_connected_to_says_why(string spec, string subresource, string message)
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/pods", $$"""{"metadata":{"name":"p"},"spec":{{spec}}}""");

        var answer = await api.GetAsync($"/api/v1/namespaces/{ns}/pods/p/{subresource}");

        Assert.Equal((400, "BadRequest", message), (answer.Code, (string)answer["reason"]!, (string)answer["message"]!));
    }

    [Fact]
    public async Task What_is_not_there_is_404_and_what_is_not_served_yet_501()
    {
        var ns = await api.NamespaceAsync();
        Assert.Equal(404, (await api.GetAsync($"/api/v1/namespaces/{ns}/pods/p/exec?command=date")).Code);
        await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"a","image":"i"}]}}""");
        Assert.Equal((501, "NotImplemented"), ((await api.GetAsync($"/api/v1/namespaces/{ns}/pods/p/exec?command=date")) is var answer ? answer.Code : 0, (string)answer["reason"]!));
    }
}
