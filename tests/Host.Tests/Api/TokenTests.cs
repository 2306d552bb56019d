using System.Text;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>ServiceAccount and bootstrap tokens through the API.</summary>
[Collection("api")]
public sealed class TokenTests(ApiHost api)
{
    private const string WhoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private const string EmptyReview = """{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}""";

    [Fact]
    public async Task A_token_speaks_for_its_account()
    {
        var ns = await api.NamespaceAsync();
        var token = await TokenAsync(ns);
        // Everybody who is known may ask who they are, once the default roles are there; here the account gets the role itself.
        await GrantAsync("whoami", "authentication.k8s.io", "selfsubjectreviews", "create", $"system:serviceaccount:{ns}:default");
        var review = await api.WithTokenAsync(token, HttpMethod.Post, WhoAmI, EmptyReview);
        Assert.Equal(201, review.Code);
        var user = review["status"]!["userInfo"]!;
        Assert.Equal($"system:serviceaccount:{ns}:default", (string)user["username"]!);
        Assert.Equal(["system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated"], user["groups"]!.AsArray().Select(group => (string)group!));
        Assert.StartsWith("JTI=", (string)user["extra"]!["authentication.kubernetes.io/credential-id"]![0]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_has_upstreams_claims_and_the_keys_identifier()
    {
        var ns = await api.NamespaceAsync();
        var pod = await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"x:1"}]}}""");
        var uid = (string)pod["metadata"]!["uid"]!;
        var answer = await RequestAsync(ns, $$"""{"spec":{"expirationSeconds":3607,"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"p","uid":"{{uid}}"} } }""");
        Assert.Equal(201, answer.Code);
        Assert.Equal(3607, (int)answer["spec"]!["expirationSeconds"]!);
        var parts = ((string)answer["status"]!["token"]!).Split('.');
        var (header, claims) = (Decode(parts[0]), Decode(parts[1]));
        Assert.Equal("ES256", (string)header["alg"]!);
        var keys = await api.GetAsync("/openid/v1/jwks");
        Assert.Equal((string)keys["keys"]![0]!["kid"]!, (string)header["kid"]!);
        Assert.Equal("https://kubernetes.default.svc.cluster.local", (string)claims["iss"]!);
        Assert.Equal("https://kubernetes.default.svc.cluster.local", (string)claims["aud"]![0]!);
        Assert.Equal($"system:serviceaccount:{ns}:default", (string)claims["sub"]!);
        var kubernetes = claims["kubernetes.io"]!;
        Assert.Equal(("p", uid, "n1", "default"), ((string)kubernetes["pod"]!["name"]!, (string)kubernetes["pod"]!["uid"]!, (string)kubernetes["node"]!["name"]!, (string)kubernetes["serviceaccount"]!["name"]!));
        // The volume's own token is renewed after an hour, and forgiven for a year.
        Assert.Equal(3607, (long)kubernetes["warnafter"]! - (long)claims["iat"]!);
        Assert.Equal(365 * 24 * 3600, (long)claims["exp"]! - (long)claims["iat"]!);
    }

    [Fact]
    public async Task A_token_ends_with_the_pod_that_it_is_bound_to()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"x:1"}]}}""");
        var answer = await RequestAsync(ns, """{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"p"}}}""");
        var token = (string)answer["status"]!["token"]!;
        Assert.Equal(403, (await api.WithTokenAsync(token, HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods")).Code);
        await api.DeleteAsync($"/api/v1/namespaces/{ns}/pods/p?gracePeriodSeconds=0");
        Assert.Equal(401, (await api.WithTokenAsync(token, HttpMethod.Get, $"/api/v1/namespaces/{ns}/pods")).Code);
    }

    [Fact]
    public async Task A_token_of_an_account_that_was_made_anew_does_not_hold()
    {
        var ns = await api.NamespaceAsync();
        var token = await TokenAsync(ns);
        await api.DeleteAsync($"/api/v1/namespaces/{ns}/serviceaccounts/default");
        await api.PostAsync($"/api/v1/namespaces/{ns}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        Assert.Equal(401, (await api.WithTokenAsync(token, HttpMethod.Get, "/api")).Code);
    }

    [Theory]
    [InlineData("""{"spec":{"expirationSeconds":10}}""", 422, "may not specify a duration less than 10 minutes")]
    [InlineData("""{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"ConfigMap","name":"x"}}}""", 400, "cannot bind token to object of type")]
    [InlineData("""{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"absent"}}}""", 404, "pods \"absent\" not found")]
    [InlineData("""{"metadata":{"name":"other"}}""", 400, "does not match the name on the URL")]
    public async Task A_request_that_cannot_be_granted_says_why(string body, int code, string why)
    {
        var ns = await api.NamespaceAsync();
        var answer = await RequestAsync(ns, body);
        Assert.Equal(code, answer.Code);
        Assert.Contains(why, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_gets_tokens_for_its_own_pods_only()
    {
        var ns = await api.NamespaceAsync();
        var pod = await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"nodeName":"n1","containers":[{"name":"c","image":"x:1"}]}}""");
        var body = $$"""{"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"p","uid":"{{(string)pod["metadata"]!["uid"]!}}"} } }""";
        var path = $"/api/v1/namespaces/{ns}/serviceaccounts/default/token";
        Assert.Equal(201, (await api.PostAsync(path, body, user: "system:node:n1,system:nodes")).Code);
        var other = await api.PostAsync(path, body, user: "system:node:n2,system:nodes");
        Assert.Equal((403, "serviceaccounts \"default\" is forbidden: node requested token bound to a pod scheduled on a different node"), (other.Code, other.Message));
        Assert.Equal(403, (await api.PostAsync(path, "{}", user: "system:node:n1,system:nodes")).Code);
    }

    [Fact]
    public async Task A_review_tells_whose_a_token_is_and_for_whom()
    {
        var ns = await api.NamespaceAsync();
        var token = (string)(await RequestAsync(ns, """{"spec":{"audiences":["vault","shop"]}}"""))["status"]!["token"]!;
        var review = await api.PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", $$"""{"spec":{"token":"{{token}}","audiences":["vault"]} }""");
        Assert.Equal((201, true, "vault"), (review.Code, (bool)review["status"]!["authenticated"]!, (string)review["status"]!["audiences"]![0]!));
        var wrong = await api.PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", $$"""{"spec":{"token":"{{token}}"} }""");
        Assert.Null(wrong["status"]!["authenticated"]);
        Assert.Contains("invalid for the target audiences", (string)wrong["status"]!["error"]!, StringComparison.Ordinal);
        Assert.Equal(401, (await api.WithTokenAsync(token, HttpMethod.Get, "/api")).Code);
    }

    [Fact]
    public async Task A_bad_token_is_refused_even_where_nobody_needs_one()
    {
        Assert.Equal(200, (await api.GetAsync("/livez", user: "")).Code);
        Assert.Equal(401, (await api.WithTokenAsync("nonsense", HttpMethod.Get, "/livez")).Code);
        var changed = (await TokenAsync("default"))[..^6] + "AAAAAA";
        Assert.Equal(401, (await api.WithTokenAsync(changed, HttpMethod.Get, "/version")).Code);
    }

    [Theory]
    [InlineData("2999-01-01T00:00:00Z", "true", 200)]
    [InlineData("2020-01-01T00:00:00Z", "true", 401)]
    [InlineData("2999-01-01T00:00:00Z", "false", 401)]
    public async Task A_bootstrap_token_holds_by_its_secret(string expiration, string usage, int code)
    {
        var id = Guid.NewGuid().ToString("N")[..6];
        await api.PostAsync("/api/v1/namespaces/kube-system/secrets", $$"""
            {"metadata":{"name":"bootstrap-token-{{id}}"},"type":"bootstrap.kubernetes.io/token",
             "stringData":{"token-id":"{{id}}","token-secret":"0123456789abcdef","expiration":"{{expiration}}","usage-bootstrap-authentication":"{{usage}}","auth-extra-groups":"system:bootstrappers:workers"} }
            """);
        Assert.Equal(code, (await api.WithTokenAsync($"{id}.0123456789abcdef", HttpMethod.Get, "/api")).Code);
        Assert.Equal(401, (await api.WithTokenAsync($"{id}.0123456789abcdee", HttpMethod.Get, "/api")).Code);
    }

    [Fact]
    public async Task A_new_pod_gets_the_volume_of_its_account()
    {
        var ns = await api.NamespaceAsync();
        await api.PatchAsync($"/api/v1/namespaces/{ns}/serviceaccounts/default", """{"imagePullSecrets":[{"name":"hub"}]}""", "merge");
        var pod = await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"x:1"}]}}""");
        var volume = pod["spec"]!["volumes"]![0]!;
        Assert.StartsWith("kube-api-access-", (string)volume["name"]!, StringComparison.Ordinal);
        Assert.Equal(3607, (int)volume["projected"]!["sources"]![0]!["serviceAccountToken"]!["expirationSeconds"]!);
        var mount = pod["spec"]!["containers"]![0]!["volumeMounts"]![0]!;
        Assert.Equal(("/var/run/secrets/kubernetes.io/serviceaccount", true), ((string)mount["mountPath"]!, (bool)mount["readOnly"]!));
        Assert.Equal("hub", (string)pod["spec"]!["imagePullSecrets"]![0]!["name"]!);
        var without = await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"q"},"spec":{"automountServiceAccountToken":false,"containers":[{"name":"c","image":"x:1"}]}}""");
        Assert.Null(without["spec"]!["volumes"]);
        var nobody = await api.PostAsync($"/api/v1/namespaces/{ns}/pods", """{"metadata":{"name":"r"},"spec":{"serviceAccountName":"nobody","containers":[{"name":"c","image":"x:1"}]}}""");
        Assert.Equal((403, $"pods \"r\" is forbidden: error looking up service account {ns}/nobody: serviceaccount \"nobody\" not found"), (nobody.Code, nobody.Message));
    }

    [Fact]
    public async Task Others_can_check_tokens_by_the_published_documents()
    {
        var configuration = await api.GetAsync("/.well-known/openid-configuration");
        Assert.Equal((200, "https://kubernetes.default.svc.cluster.local", "ES256"), (configuration.Code, (string)configuration["issuer"]!, (string)configuration["id_token_signing_alg_values_supported"]![0]!));
        var keys = await api.GetAsync("/openid/v1/jwks");
        Assert.Equal(("application/jwk-set+json", "EC", "P-256"), (keys.MediaType, (string)keys["keys"]![0]!["kty"]!, (string)keys["keys"]![0]!["crv"]!));
        Assert.Null(keys["keys"]![0]!["d"]);
        Assert.Equal(403, (await api.GetAsync("/openid/v1/jwks", user: "bob,system:authenticated")).Code);
    }

    private async Task GrantAsync(string name, string group, string resource, string verb, string user)
    {
        var role = $"{name}-{Guid.NewGuid():N}";
        await api.PostAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles", $$"""{"metadata":{"name":"{{role}}"},"rules":[{"apiGroups":["{{group}}"],"resources":["{{resource}}"],"verbs":["{{verb}}"]}]}""");
        await api.PostAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", $$"""{"metadata":{"name":"{{role}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{role}}"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"{{user}}"}]}""");
    }

    private Task<Answer> RequestAsync(string ns, string body) => api.PostAsync($"/api/v1/namespaces/{ns}/serviceaccounts/default/token", body);

    private async Task<string> TokenAsync(string ns) => (string)(await RequestAsync(ns, "{}"))["status"]!["token"]!;

    private static JsonObject Decode(string part)
    {
        var padded = part.Replace('-', '+').Replace('_', '/');
        return JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='))))!.AsObject();
    }
}
