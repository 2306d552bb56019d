using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Roles, impersonation and access reviews through the API.</summary>
[Collection("api")]
public sealed class AccessTests(ApiHost api)
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
    private const string Authorization = "/apis/authorization.k8s.io/v1";

    [Fact]
    public async Task A_user_may_what_a_role_in_the_namespace_says()
    {
        var ns = await api.NamespaceAsync();
        var bob = Name("bob");
        var before = await api.GetAsync($"/api/v1/namespaces/{ns}/pods", user: bob);
        Assert.Equal((403, $"pods is forbidden: User \"{bob}\" cannot list resource \"pods\" in API group \"\" in the namespace \"{ns}\""), (before.Code, before.Message));
        await RoleAsync(ns, "reader", "", "pods", "get\",\"list");
        await BindAsync(ns, "Role", "reader", bob);
        Assert.Equal(200, (await api.GetAsync($"/api/v1/namespaces/{ns}/pods", user: bob)).Code);
        Assert.Equal(403, (await api.GetAsync("/api/v1/pods", user: bob)).Code);
        Assert.Equal(403, (await api.GetAsync($"/api/v1/namespaces/{ns}/pods/p/log", user: bob)).Code);
        Assert.Equal(403, (await api.PostAsync($"/api/v1/namespaces/{ns}/pods", "{}", user: bob)).Code);
    }

    [Fact]
    public async Task A_role_for_a_group_counts_for_that_group_though_another_stores_the_objects()
    {
        var ns = await api.NamespaceAsync();
        var bob = Name("bob");
        await RoleAsync(ns, "events", "events.k8s.io", "events", "list");
        await BindAsync(ns, "Role", "events", bob);
        Assert.Equal(200, (await api.GetAsync($"/apis/events.k8s.io/v1/namespaces/{ns}/events", user: bob)).Code);
        Assert.Equal(403, (await api.GetAsync($"/api/v1/namespaces/{ns}/events", user: bob)).Code);
    }

    [Fact]
    public async Task A_role_for_one_name_allows_to_list_and_watch_by_that_name()
    {
        var ns = await api.NamespaceAsync();
        var bob = Name("bob");
        await api.PostAsync($"{Rbac}/namespaces/{ns}/roles", """{"metadata":{"name":"one"},"rules":[{"apiGroups":[""],"resources":["configmaps"],"resourceNames":["mine"],"verbs":["get","list"]}]}""");
        await BindAsync(ns, "Role", "one", bob);
        Assert.Equal(200, (await api.GetAsync($"/api/v1/namespaces/{ns}/configmaps?fieldSelector=metadata.name%3Dmine", user: bob)).Code);
        Assert.Equal(403, (await api.GetAsync($"/api/v1/namespaces/{ns}/configmaps?fieldSelector=metadata.name%3Dyours", user: bob)).Code);
        Assert.Equal(403, (await api.GetAsync($"/api/v1/namespaces/{ns}/configmaps", user: bob)).Code);
    }

    [Fact]
    public async Task What_is_not_served_is_forbidden_before_it_is_not_found()
    {
        Assert.Equal(403, (await api.GetAsync("/apis/shop.example.com/v1/carts", user: Name("bob"))).Code);
        Assert.Equal(404, (await api.GetAsync("/apis/shop.example.com/v1/carts")).Code);
    }

    [Fact]
    public async Task A_writer_of_roles_without_escalate_is_told_what_is_missing()
    {
        var ns = await api.NamespaceAsync();
        var eve = Name("eve");
        await RoleAsync(ns, "role-writer", "rbac.authorization.k8s.io", "roles\",\"rolebindings", "create\",\"update");
        await RoleAsync(ns, "secrets", "", "secrets", "get\",\"list");
        await BindAsync(ns, "Role", "role-writer", eve);
        var role = await api.PostAsync($"{Rbac}/namespaces/{ns}/roles", """{"metadata":{"name":"greedy"},"rules":[{"apiGroups":[""],"resources":["secrets"],"verbs":["get","list"]}]}""", user: $"{eve},dev");
        Assert.Equal(403, role.Code);
        Assert.Equal(
            $"roles.rbac.authorization.k8s.io \"greedy\" is forbidden: user \"{eve}\" (groups=[\"dev\"]) is attempting to grant RBAC permissions not currently held:\n{{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\" \"list\"]}}",
            role.Message);
        var binding = await api.PostAsync($"{Rbac}/namespaces/{ns}/rolebindings", Binding("mine", "Role", "secrets", eve), user: eve);
        Assert.Equal(403, binding.Code);
        await RoleAsync(ns, "binder", "rbac.authorization.k8s.io", "roles", "bind");
        await BindAsync(ns, "Role", "binder", eve);
        Assert.Equal(201, (await api.PostAsync($"{Rbac}/namespaces/{ns}/rolebindings", Binding("mine", "Role", "secrets", eve), user: eve)).Code);
        Assert.Equal(201, (await api.PostAsync($"{Rbac}/namespaces/{ns}/roles", """{"metadata":{"name":"modest"},"rules":[{"apiGroups":[""],"resources":["secrets"],"verbs":["get"]}]}""", user: eve)).Code);
    }

    [Fact]
    public async Task A_bindings_role_is_fixed_for_life()
    {
        var ns = await api.NamespaceAsync();
        await BindAsync(ns, "Role", "first", "bob");
        var changed = await api.PatchAsync($"{Rbac}/namespaces/{ns}/rolebindings/first-bob", """{"roleRef":{"name":"second"}}""", "merge");
        Assert.Equal(422, changed.Code);
        Assert.Contains("cannot change roleRef", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Acting_as_somebody_else_needs_permission_for_each_part()
    {
        var ns = await api.NamespaceAsync();
        var (boss, bob) = (Name("boss"), Name("bob"));
        await RoleAsync(ns, "reader", "", "pods", "list");
        await BindAsync(ns, "Role", "reader", bob);
        var path = $"/api/v1/namespaces/{ns}/pods";
        Task<Answer> As(string user, params (string, string)[] headers) => api.SendAsync(HttpMethod.Get, path, null, null, null, user, headers);
        var refused = await As(boss, ("Impersonate-User", bob));
        Assert.Equal((403, $"users \"{bob}\" is forbidden: User \"{boss}\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope"), (refused.Code, refused.Message));
        await api.PostAsync($"{Rbac}/clusterroles", $$"""{"metadata":{"name":"imp-{{bob}}"},"rules":[{"apiGroups":[""],"resources":["users"],"verbs":["impersonate"],"resourceNames":["{{bob}}"]}]}""");
        await api.PostAsync($"{Rbac}/clusterrolebindings", Binding($"imp-{bob}", "ClusterRole", $"imp-{bob}", boss));
        Assert.Equal(200, (await As(boss, ("Impersonate-User", bob))).Code);
        Assert.Equal(403, (await As(boss, ("Impersonate-User", bob), ("Impersonate-Group", "system:masters"))).Code);
        Assert.Equal(400, (await As(boss, ("Impersonate-Group", "dev"))).Code);
        // Masters may be anybody, and are then no more than that one.
        Assert.Equal(403, (await As("admin,system:masters", ("Impersonate-User", "nobody-at-all"))).Code);
    }

    [Fact]
    public async Task Reviews_answer_as_requests_are_judged()
    {
        var ns = await api.NamespaceAsync();
        var bob = Name("bob");
        await RoleAsync(ns, "reader", "", "pods", "list");
        await BindAsync(ns, "Role", "reader", bob);
        var review = await api.PostAsync($"{Authorization}/subjectaccessreviews", $$$"""{"spec":{"user":"{{{bob}}}","resourceAttributes":{"verb":"list","resource":"pods","namespace":"{{{ns}}}"} } }""");
        Assert.Equal((201, true), (review.Code, (bool)review["status"]!["allowed"]!));
        Assert.Equal($"RBAC: allowed by RoleBinding \"reader-{bob}/{ns}\" of Role \"reader\" to User \"{bob}\"", (string)review["status"]!["reason"]!);
        var denied = await api.PostAsync($"{Authorization}/subjectaccessreviews", $$$"""{"spec":{"user":"{{{bob}}}","resourceAttributes":{"verb":"delete","resource":"pods","namespace":"{{{ns}}}"} } }""");
        Assert.False((bool)denied["status"]!["allowed"]!);
        var malformed = await api.PostAsync($"{Authorization}/subjectaccessreviews", """{"spec":{"user":"x"}}""");
        Assert.Equal(422, malformed.Code);
        var local = await api.PostAsync($"{Authorization}/namespaces/{ns}/localsubjectaccessreviews", $$$"""{"spec":{"user":"{{{bob}}}","resourceAttributes":{"verb":"list","resource":"pods","namespace":"{{{ns}}}"} } }""");
        Assert.True((bool)local["status"]!["allowed"]!);
        Assert.Equal(422, (await api.PostAsync($"{Authorization}/namespaces/{ns}/localsubjectaccessreviews", """{"spec":{"user":"b","resourceAttributes":{"verb":"list","resource":"pods","namespace":"other"}}}""")).Code);
    }

    [Fact]
    public async Task A_user_can_list_what_they_may()
    {
        var ns = await api.NamespaceAsync();
        var bob = Name("bob");
        await RoleAsync(ns, "reader", "", "pods", "list");
        await RoleAsync(ns, "asker", "authorization.k8s.io", "selfsubjectrulesreviews", "create");
        await BindAsync(ns, "Role", "reader", bob);
        await api.PostAsync($"{Rbac}/clusterroles", $$"""{"metadata":{"name":"ask-{{bob}}"},"rules":[{"apiGroups":["authorization.k8s.io"],"resources":["selfsubjectrulesreviews"],"verbs":["create"]}]}""");
        await api.PostAsync($"{Rbac}/clusterrolebindings", Binding($"ask-{bob}", "ClusterRole", $"ask-{bob}", bob));
        var review = await api.PostAsync($"{Authorization}/selfsubjectrulesreviews", $$$"""{"spec":{"namespace":"{{{ns}}}"}}""", user: bob);
        Assert.Equal(201, review.Code);
        Assert.Contains("\"resources\":[\"pods\"]", review.Text, StringComparison.Ordinal);
        Assert.False((bool)review["status"]!["incomplete"]!);
    }

    [Fact]
    public async Task A_certificate_request_says_truly_who_asks_and_only_approvers_approve()
    {
        using var key = ECDsa.Create();
        var pem = new CertificateRequest("CN=bob,O=dev", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var body = Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
        var (bob, name) = (Name("bob"), Name("csr"));
        await api.PostAsync($"{Rbac}/clusterroles", $$"""{"metadata":{"name":"{{name}}"},"rules":[{"apiGroups":["certificates.k8s.io"],"resources":["certificatesigningrequests","certificatesigningrequests/approval"],"verbs":["*"]}]}""");
        await api.PostAsync($"{Rbac}/clusterrolebindings", Binding($"{name}-a", "ClusterRole", name, bob));
        var made = await api.PostAsync("/apis/certificates.k8s.io/v1/certificatesigningrequests", $$"""{"metadata":{"name":"{{name}}"},"spec":{"request":"{{body}}","signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"],"username":"admin"} }""", user: $"{bob},dev");
        Assert.Equal((201, bob), (made.Code, (string)made["spec"]!["username"]!));
        var approval = made.Json;
        approval["status"] = System.Text.Json.Nodes.JsonNode.Parse("""{"conditions":[{"type":"Approved","status":"True","reason":"ByHand","message":"ok"}]}""");
        var path = $"/apis/certificates.k8s.io/v1/certificatesigningrequests/{name}/approval";
        var refused = await api.SendAsync(HttpMethod.Put, path, approval.ToJsonString(), "application/json", user: bob);
        Assert.Equal(403, refused.Code);
        Assert.Contains("user not permitted to approve requests with signerName \"kubernetes.io/kube-apiserver-client\"", refused.Message, StringComparison.Ordinal);
        var approved = await api.PutAsync(path, approval.ToJsonString());
        Assert.Equal((200, "Approved"), (approved.Code, (string)approved["status"]!["conditions"]![0]!["type"]!));
        Assert.NotNull(approved["status"]!["conditions"]![0]!["lastTransitionTime"]);

        var masters = Convert.ToBase64String(Encoding.UTF8.GetBytes(new CertificateRequest("CN=bob,O=system:masters", key, HashAlgorithmName.SHA256).CreateSigningRequestPem()));
        var greedy = await api.PostAsync("/apis/certificates.k8s.io/v1/certificatesigningrequests", $$"""{"metadata":{"name":"{{name}}-m"},"spec":{"request":"{{masters}}","signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"]} }""");
        Assert.Equal(403, greedy.Code);
    }

    private static string Name(string stem) => $"{stem}-{Guid.NewGuid():N}"[..(stem.Length + 9)];

    private async Task RoleAsync(string ns, string name, string group, string resources, string verbs) =>
        Assert.Equal(201, (await api.PostAsync($"{Rbac}/namespaces/{ns}/roles", $$"""{"metadata":{"name":"{{name}}"},"rules":[{"apiGroups":["{{group}}"],"resources":["{{resources}}"],"verbs":["{{verbs}}"]}]}""")).Code);

    private async Task BindAsync(string ns, string kind, string role, string user) =>
        Assert.Equal(201, (await api.PostAsync($"{Rbac}/namespaces/{ns}/rolebindings", Binding($"{role}-{user}", kind, role, user))).Code);

    private static string Binding(string name, string kind, string role, string user) =>
        $$"""{"metadata":{"name":"{{name}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"{{kind}}","name":"{{role}}"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"{{user}}"}]}""";
}
