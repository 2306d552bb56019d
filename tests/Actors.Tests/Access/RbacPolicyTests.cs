using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Access;

public sealed class RbacPolicyTests
{
    [Theory]
    [InlineData("get", "", "pods", "", "get", "pods", "", true)]
    [InlineData("get", "", "pods", "", "list", "pods", "", false)]
    [InlineData("*", "", "pods", "", "list", "pods", "", true)]
    [InlineData("get", "", "pods", "", "get", "pods/log", "", false)]
    [InlineData("get", "", "pods/log", "", "get", "pods/log", "", true)]
    [InlineData("get", "", "pods/log", "", "get", "pods", "", false)]
    [InlineData("get", "", "*", "", "get", "pods/log", "", true)]
    [InlineData("update", "*", "*/scale", "", "update", "deployments.apps/scale", "", true)]
    [InlineData("update", "*", "*/scale", "", "update", "deployments.apps", "", false)]
    [InlineData("update", "*", "*/scale", "", "update", "deployments.apps/status", "", false)]
    [InlineData("get", "apps", "deployments", "", "get", "deployments", "", false)]
    [InlineData("get", "*", "deployments", "", "get", "deployments.apps", "", true)]
    [InlineData("get", "", "secrets", "one,two", "get", "secrets", "two", true)]
    [InlineData("get", "", "secrets", "one,two", "get", "secrets", "three", false)]
    [InlineData("list", "", "secrets", "one", "list", "secrets", "", false)]
    public void A_rule_allows_what_it_names(string verbs, string groups, string resources, string names, string verb, string asked, string name, bool allowed)
    {
        var world = new RbacWorld();
        world.ClusterRole("r", RbacWorld.Rule(verbs, groups, resources, names));
        world.BindEverywhere("r", "User:bob");
        Assert.Equal(allowed, world.May("bob", verb, asked, "shop", name));
    }

    [Theory]
    [InlineData("/healthz", "/healthz", true)]
    [InlineData("/healthz", "/healthz/etcd", false)]
    [InlineData("/healthz/*", "/healthz/etcd", true)]
    [InlineData("/healthz/*", "/healthz", false)]
    [InlineData("*", "/metrics", true)]
    [InlineData("/a*", "/abc", true)]
    public void A_path_is_allowed_exactly_or_by_its_beginning(string rule, string path, bool allowed)
    {
        var world = new RbacWorld();
        world.ClusterRole("r", RbacWorld.Paths("get", rule));
        world.BindEverywhere("r", "Group:dev");
        Assert.Equal(allowed, world.May("bob,dev", "get", path));
        Assert.False(world.May("bob,dev", "post", path));
    }

    [Fact]
    public void A_binding_in_a_namespace_gives_a_cluster_role_there_and_nowhere_else()
    {
        var world = new RbacWorld();
        world.ClusterRole("reader", RbacWorld.Rule("get", "", "pods"), RbacWorld.Paths("get", "/metrics"));
        world.Bind("shop", "ClusterRole/reader", "User:bob");
        Assert.True(world.May("bob", "get", "pods", "shop"));
        Assert.False(world.May("bob", "get", "pods", "other"));
        Assert.False(world.May("bob", "get", "pods"));
        Assert.False(world.May("bob", "get", "/metrics"));
        Assert.False(world.May("eve", "get", "pods", "shop"));
    }

    [Fact]
    public void A_service_account_is_bound_by_its_name_and_namespace()
    {
        var world = new RbacWorld();
        world.Role("shop", "reader", RbacWorld.Rule("get", "", "pods"));
        world.Bind("shop", "Role/reader", "ServiceAccount:shop/robot");
        Assert.True(world.May("system:serviceaccount:shop:robot", "get", "pods", "shop"));
        Assert.False(world.May("system:serviceaccount:other:robot", "get", "pods", "shop"));
        Assert.False(world.May("robot", "get", "pods", "shop"));
    }

    [Fact]
    public void A_role_that_does_not_exist_gives_nothing_and_is_named()
    {
        var world = new RbacWorld();
        world.Bind("shop", "Role/gone", "User:bob");
        var decision = world.Policy.Decide(RbacWorld.UserOf("bob"), RbacWorld.Asked("get", "pods", "shop"));
        Assert.False(decision.IsAllowed);
        Assert.Equal("RBAC: role.rbac.authorization.k8s.io \"gone\" not found", decision.Reason);
    }

    [Fact]
    public void The_reason_names_the_binding()
    {
        var world = new RbacWorld();
        world.ClusterRole("reader", RbacWorld.Rule("get", "", "pods"));
        world.Bind("shop", "ClusterRole/reader", "Group:dev");
        var decision = world.Policy.Decide(RbacWorld.UserOf("bob,dev"), RbacWorld.Asked("get", "pods", "shop"));
        Assert.Equal("RBAC: allowed by RoleBinding \"reader-Group-dev/shop\" of ClusterRole \"reader\" to Group \"dev\"", decision.Reason);
    }

    [Fact]
    public void A_policy_is_kept_until_a_role_or_binding_changes()
    {
        var world = new RbacWorld();
        world.ClusterRole("reader", RbacWorld.Rule("get", "", "pods"));
        var source = new RbacPolicySource();
        var first = source.Of(world.Cluster);
        world.World.Put(ResourceTypes.ConfigMaps, """{"metadata":{"name":"c","namespace":"shop"}}""");
        Assert.Same(first, source.Of(world.Cluster));
        world.BindEverywhere("reader", "User:bob");
        Assert.NotSame(first, source.Of(world.Cluster));
    }

    [Fact]
    public void One_more_rule_never_takes_a_permission_away() => Prop.ForAll(
        Cases.ToArbitrary(),
        test =>
        {
            var (rules, more, asked) = test;
            var before = Allows(rules, asked);
            var after = Allows([.. rules, more], asked);
            return !before || after;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_wildcard_covers_whatever_is_asked() => Prop.ForAll(
        Asked.ToArbitrary(),
        asked => Allows([RbacWorld.Rule("*", "*", "*"), RbacWorld.Paths("*", "*")], asked)).QuickCheckThrowOnFailure();

    [Fact]
    public void The_index_decides_as_the_rules_do() => Prop.ForAll(
        Cases.ToArbitrary(),
        test => Allows(test.Rules, test.Asked) == test.Rules.Any(rule => rule.Allows(test.Asked))).QuickCheckThrowOnFailure();

    internal static Gen<PolicyRule> Rules { get; } = Gen.OneOf(
        from verbs in Some("get", "list", "*", "update")
        from groups in Some("", "apps", "*")
        from resources in Some("pods", "pods/log", "deployments", "*", "*/scale", "deployments/scale")
        from names in Gen.OneOf(Gen.Constant<string[]>([]), Some("a", "b"))
        select RbacWorld.Rule(string.Join(',', verbs), string.Join(',', groups), string.Join(',', resources), string.Join(',', names)),
        from verbs in Some("get", "*")
        from paths in Some("/a", "/a/*", "*", "/b*")
        select RbacWorld.Paths(string.Join(',', verbs), string.Join(',', paths)));

    internal static Gen<RequestAttributes> Asked { get; } = Gen.OneOf(
        from verb in Gen.Elements("get", "list", "update", "delete")
        from resource in Gen.Elements("pods", "pods/log", "deployments.apps", "deployments.apps/scale", "secrets")
        from name in Gen.Elements("", "a", "c")
        select RbacWorld.Asked(verb, resource, "shop", name),
        from path in Gen.Elements("/a", "/a/b", "/bc", "/c")
        select RbacWorld.Asked("get", path));

    private static Gen<(PolicyRule[] Rules, PolicyRule More, RequestAttributes Asked)> Cases { get; } =
        from rules in Gen.ArrayOf(Rules)
        from more in Rules
        from asked in Asked
        select (rules, more, asked);

    private static Gen<string[]> Some(params string[] values) => Gen.Elements(values).NonEmptyListOf().Select(list => list.Distinct().Take(2).ToArray());

    private static bool Allows(IEnumerable<PolicyRule> rules, RequestAttributes asked)
    {
        var world = new RbacWorld();
        world.ClusterRole("r", rules);
        world.BindEverywhere("r", "User:bob");
        return world.Policy.Decide(RbacWorld.UserOf("bob"), asked).IsAllowed;
    }
}
