using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Authentication.Tokens;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>How a node that joined gets the tokens that it mounts into its pods: from the API, as the node that its certificate says it is.</summary>
[Collection("api")]
public sealed class JoinedNodeTokenTests(ApiHost api) : IDisposable
{
    private readonly HttpClient _client = new(new AsNode("n1"));

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task It_gets_tokens_for_its_own_pods_and_for_nobody_elses()
    {
        var ns = await api.NamespaceAsync();
        var mine = await PodAsync(ns, "mine", "n1");
        var granted = await RequestAsync(ns, mine, "mine");
        Assert.Null(granted.Refusal);
        Assert.Equal(3, granted.Token.Split('.').Length);
        Assert.InRange(granted.Expires - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(50), TimeSpan.FromHours(1.1));

        // It speaks for the pod's account: known, but without any right so far.
        var asked = await api.WithTokenAsync(granted.Token, HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods");
        Assert.Equal(403, asked.Code);
        Assert.Contains($"User \"system:serviceaccount:{ns}:default\" cannot list resource", asked.Message);

        var other = await RequestAsync(ns, await PodAsync(ns, "other", "n2"), "other");
        Assert.Equal((403, ""), (other.Refusal?.Code, other.Token));
    }

    [Fact]
    public async Task It_asks_the_host_that_it_joined_when_another_does_not_answer()
    {
        var ns = await api.NamespaceAsync();
        var uid = await PodAsync(ns, "p", "n1");
        const string endpoints = "/api/v1/namespaces/default/endpoints";
        await api.PostAsync(endpoints, """{"metadata":{"name":"kubernetes"},"subsets":[{"addresses":[{"ip":"192.0.2.77"}],"ports":[{"port":1}]}]}""");
        try
        {
            Assert.Null((await RequestAsync(ns, uid, "p")).Refusal);
            var alone = new RemoteServiceAccountTokens(_client, api.Ledger.View, "");
            var nobody = await alone.RequestAsync(Account(ns), Spec(uid, "p"));
            Assert.Equal(503, nobody.Refusal?.Code);
            Assert.Contains("192.0.2.77:1", nobody.Refusal!.Message);
        }
        finally
        {
            await api.DeleteAsync($"{endpoints}/kubernetes");
        }
    }

    private static ObjectKey Account(string ns) => new(ResourceTypes.ServiceAccounts, ns, "default");

    private static TokenSpec Spec(string uid, string pod) => new([], TokenSpec.ProjectedSeconds, new BoundObject("v1", "Pod", pod, uid));

    private Task<TokenGrant> RequestAsync(string ns, string uid, string pod) =>
        new RemoteServiceAccountTokens(_client, api.Ledger.View, api.Client.BaseAddress!.Authority).RequestAsync(Account(ns), Spec(uid, pod));

    private async Task<string> PodAsync(string ns, string name, string node)
    {
        var pod = await api.PostAsync(
            $"/api/v1/namespaces/{ns}/pods", $$"""{"metadata":{"name":"{{name}}"},"spec":{"nodeName":"{{node}}","containers":[{"name":"c","image":"x:1"}]} }""");
        return (string)pod["metadata"]!["uid"]!;
    }

    /// <summary>Stands for the certificate, and for a control host that does not answer.</summary>
    private sealed class AsNode(string node) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.Host == "192.0.2.77")
            {
                throw new HttpRequestException("No route to host");
            }

            request.RequestUri = new UriBuilder(request.RequestUri) { Scheme = "http" }.Uri;
            request.Headers.Add("X-User", $"system:node:{node},system:nodes,system:authenticated");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
