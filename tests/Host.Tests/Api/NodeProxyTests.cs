using System.Net;
using System.Text;

namespace ActorOrchestrator.Host.Tests.Api;

[Collection("api")]
public sealed class NodeProxyTests(ApiHost api)
{
    [Fact]
    public async Task What_a_node_tells_of_itself_is_read_through_the_API()
    {
        await api.PostAsync("/api/v1/nodes", """{"metadata":{"name":"proxied"},"status":{"addresses":[{"type":"InternalIP","address":"192.0.2.7"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":10255}}}}""");
        api.Nodes.Answer = () => new HttpResponseMessage { Content = new StringContent("""{"node":{"nodeName":"proxied"}}""", Encoding.UTF8, "application/json") };
        var summary = await api.GetAsync("/api/v1/nodes/proxied/proxy/stats/summary?only_cpu_and_memory=true");
        Assert.Equal((200, "application/json", "proxied"), (summary.Code, summary.MediaType, (string)summary["node"]!["nodeName"]!));
        Assert.Equal("/stats/summary?only_cpu_and_memory=true", api.Nodes.LastPath);
        Assert.Equal(200, (await api.GetAsync("/api/v1/nodes/proxied:10255/proxy/healthz")).Code);
        Assert.Equal("/healthz", api.Nodes.LastPath);

        api.Nodes.Answer = () => new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("404 page not found") };
        Assert.Equal(404, (await api.GetAsync("/api/v1/nodes/proxied/proxy/nothing")).Code);
        api.Nodes.Answer = () => throw new HttpRequestException("connection refused");
        Assert.Equal((503, "ServiceUnavailable"), (await api.GetAsync("/api/v1/nodes/proxied/proxy/healthz")) is var down ? (down.Code, down.Reason) : default);
        Assert.Equal(405, (await api.PostAsync("/api/v1/nodes/proxied/proxy/run/x", "{}")).Code);
        Assert.Equal("nodes \"nobody\" not found", (await api.GetAsync("/api/v1/nodes/nobody/proxy/healthz")).Message);
        Assert.Equal(403, (await api.GetAsync("/api/v1/nodes/proxied/proxy/stats/summary", user: "mallory")).Code);
        api.Nodes.Answer = () => new HttpResponseMessage { Content = new StringContent("hello\n") };
    }
}
