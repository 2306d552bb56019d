using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Streams;
using k8s.Models;

namespace ActorOrchestrator.Host.Tests.Api;

public sealed class ProxyTargetTests
{
    [Theory]
    [InlineData("web", "http", "web", "")]
    [InlineData("web:8080", "http", "web", "8080")]
    [InlineData("https:web:443", "https", "web", "443")]
    [InlineData("http:web:", "http", "web", "")]
    [InlineData(":web:metrics", "http", "web", "metrics")]
    public void A_target_is_a_name_with_a_port_and_a_scheme(string text, string scheme, string name, string port) =>
        Assert.Equal(new ProxyTarget(scheme, name, port), ProxyTarget.Parse(text));

    [Theory]
    [InlineData("ftp:web:21")]
    [InlineData(":80")]
    [InlineData("a:b:c:d")]
    public void Anything_else_is_a_bad_request(string text) => Assert.Equal(400, Assert.Throws<ApiException>(() => ProxyTarget.Parse(text)).Status.Code);

    [Theory]
    [InlineData("web", "http://10.42.0.7:8080/")]
    [InlineData("web:9000", "http://10.42.0.7:9000/")]
    [InlineData("https:web:tls", "https://10.42.0.7:8443/")]
    public void A_pod_is_where_its_address_and_port_are(string text, string location) => Assert.Equal(location, ProxyTarget.Parse(text).LocationOf(Pod("10.42.0.7")).ToString());

    [Theory]
    [InlineData("web:none", "10.42.0.7")]
    [InlineData("web", "127.0.0.1")]
    [InlineData("web", "")]
    public void A_pod_without_such_a_port_or_with_an_address_that_leads_here_is_refused(string text, string address) =>
        Assert.Equal(400, Assert.Throws<ApiException>(() => ProxyTarget.Parse(text).LocationOf(Pod(address))).Status.Code);

    [Theory]
    [InlineData("/next?x=1", "/api/v1/namespaces/n/pods/web/proxy/next?x=1")]
    [InlineData("http://10.42.0.7:80/next", "/api/v1/namespaces/n/pods/web/proxy/next")]
    [InlineData("http://10.42.0.8/next", "http://10.42.0.8/next")]
    [InlineData("//elsewhere.example/x", "//elsewhere.example/x")]
    [InlineData("next", "next")]
    public void A_redirect_to_the_target_leads_through_the_proxy(string sent, string told) =>
        Assert.Equal(told, ProxyForwarder.Redirected(sent, new Uri("http://10.42.0.7:80"), "/api/v1/namespaces/n/pods/web/proxy"));

    private static V1Pod Pod(string address) => new()
    {
        Metadata = new V1ObjectMeta { Name = "web" },
        Spec = new V1PodSpec
        {
            Containers =
            [
                new V1Container { Name = "c", Ports = [new V1ContainerPort { ContainerPort = 8080 }, new V1ContainerPort { Name = "tls", ContainerPort = 8443 }] },
            ],
        },
        Status = new V1PodStatus { PodIPs = address.Length == 0 ? [] : [new V1PodIP { Ip = address }] },
    };
}
