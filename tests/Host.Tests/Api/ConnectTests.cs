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

    [Theory]
    [InlineData("attach?stdin=false", "you must specify at least 1 of stdin, stdout, stderr")]
    [InlineData("exec?tty=true&stderr=true&command=sh", "you must specify at least 1 of stdin, stdout, stderr")]
    [InlineData("exec?command=date&stdout=true", "Upgrade request required")]
    public async Task What_is_asked_for_must_make_sense(string subresource, string message)
    {
        var ns = await PodAsync();
        Assert.Equal((400, message), (await api.GetAsync($"/api/v1/namespaces/{ns}/pods/p/{subresource}")) is var answer ? (answer.Code, answer.Message) : default);
    }

    [Fact]
    public async Task Who_may_only_read_starts_no_command()
    {
        var ns = await PodAsync();
        await api.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", """{"metadata":{"name":"r"},"rules":[{"apiGroups":[""],"resources":["pods/exec","pods"],"verbs":["get"]}]}""");
        await api.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", """{"metadata":{"name":"r"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"reader"}]}""");

        var refused = await api.GetAsync($"/api/v1/namespaces/{ns}/pods/p/exec?command=date&stdout=true", user: "reader");

        Assert.Equal(403, refused.Code);
        Assert.Contains("cannot create resource \"pods/exec\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_404()
    {
        var ns = await api.NamespaceAsync();
        Assert.Equal(404, (await api.GetAsync($"/api/v1/namespaces/{ns}/pods/p/exec?command=date")).Code);
        await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"nodeName":"nowhere","containers":[{"name":"a","image":"i"}]}}""");
        Assert.Equal(404, (await api.GetAsync($"/api/v1/namespaces/{ns}/pods/p/exec?command=date&stdout=true")).Code);
    }

    private async Task<string> PodAsync()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync("/api/v1/nodes", """{"metadata":{"name":"n"}}""");
        await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"a","image":"i"}]}}""");
        return ns;
    }
}
