using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Controllers.Rbac;
using ActorOrchestrator.Actors.Tests.Controllers;
using ActorOrchestrator.Contracts.Resources;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Access;

public sealed class RoleControllerTests
{
    private static readonly ObjectKey Bootstrap = new(ResourceTypes.ClusterRoles, "", "cluster-admin");

    [Fact]
    public void The_default_roles_are_made_once_and_then_stay()
    {
        var world = Settled();
        var writes = world.Writes;
        world.Settle(DefaultPolicyReconciler.Definition, Bootstrap);
        Assert.Equal(writes, world.Writes);
        foreach (var name in new[] { "admin", "edit", "view", "system:discovery", "system:basic-user", "system:node", "system:controller:job-controller" })
        {
            Assert.NotNull(world.Cluster.Find(new ObjectKey(ResourceTypes.ClusterRoles, "", name)));
        }
    }

    [Fact]
    public void View_edit_and_admin_contain_each_other_by_aggregation()
    {
        var world = Settled();
        var policy = Bound(world, "ClusterRole", "admin", "ann");
        Assert.True(policy.Decide(new UserInfo("ann", []), RbacWorld.Asked("get", "pods", "shop")).IsAllowed);
        Assert.True(policy.Decide(new UserInfo("ann", []), RbacWorld.Asked("create", "deployments.apps", "shop")).IsAllowed);
        Assert.True(policy.Decide(new UserInfo("ann", []), RbacWorld.Asked("create", "roles.rbac.authorization.k8s.io", "shop")).IsAllowed);
        var viewer = Bound(world, "ClusterRole", "view", "vic");
        Assert.True(viewer.Decide(new UserInfo("vic", []), RbacWorld.Asked("get", "pods", "shop")).IsAllowed);
        Assert.False(viewer.Decide(new UserInfo("vic", []), RbacWorld.Asked("get", "secrets", "shop")).IsAllowed);
        Assert.False(viewer.Decide(new UserInfo("vic", []), RbacWorld.Asked("create", "pods", "shop")).IsAllowed);
    }

    [Fact]
    public void A_role_that_says_so_is_left_alone_and_another_gets_back_what_it_lost()
    {
        var world = Settled();
        world.Put(ResourceTypes.ClusterRoles, """{"kind":"ClusterRole","metadata":{"name":"system:discovery","annotations":{"rbac.authorization.kubernetes.io/autoupdate":"false"}},"rules":[]}""");
        world.Put(ResourceTypes.ClusterRoles, """{"kind":"ClusterRole","metadata":{"name":"system:basic-user"},"rules":[{"verbs":["get"],"nonResourceURLs":["/mine"]}]}""");
        world.Settle(DefaultPolicyReconciler.Definition, Bootstrap);
        Assert.Empty(PolicyRule.ReadAll(world.Cluster.Find(new ObjectKey(ResourceTypes.ClusterRoles, "", "system:discovery"))!.ToJson()));
        var basic = PolicyRule.ReadAll(world.Cluster.Find(new ObjectKey(ResourceTypes.ClusterRoles, "", "system:basic-user"))!.ToJson());
        Assert.Contains(basic, rule => rule.NonResourceUrls.Contains("/mine"));
        Assert.Contains(basic, rule => rule.Resources.Contains("selfsubjectaccessreviews"));
    }

    [Fact]
    public void Whoever_has_rules_can_give_exactly_their_parts() => Prop.ForAll(
        Gen.ArrayOf(RbacPolicyTests.Rules).ToArbitrary(),
        rules => RuleCoverage.Missing(rules, rules).IsEmpty
            && RuleCoverage.Missing([RbacWorld.Rule("*", "*", "*"), RbacWorld.Paths("*", "*")], rules).IsEmpty).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("get", "", "pods", "", true)]
    [InlineData("list", "", "pods", "", false)]
    [InlineData("get", "apps", "pods", "", false)]
    [InlineData("get", "", "pods", "one", true)]
    [InlineData("get", "", "pods/log", "", false)]
    [InlineData("get", "", "nodes/scale", "", true)]
    [InlineData("*", "", "pods", "", false)]
    public void What_is_wanted_must_be_inside_what_is_had(string verbs, string groups, string resources, string names, bool covered)
    {
        PolicyRule[] owned = [RbacWorld.Rule("get", "", "pods,*/scale"), RbacWorld.Rule("list", "", "pods", "one")];
        Assert.Equal(covered, RuleCoverage.Missing(owned, [RbacWorld.Rule(verbs, groups, resources, names)]).IsEmpty);
    }

    private static PlanWorld Settled()
    {
        var world = new PlanWorld();
        world.Put(ResourceTypes.Namespaces, """{"metadata":{"name":"kube-system"}}""");
        world.Put(ResourceTypes.Namespaces, """{"metadata":{"name":"kube-public"}}""");
        world.Settle(DefaultPolicyReconciler.Definition, Bootstrap);
        for (var round = 0; round < 3; round++)
        {
            foreach (var name in new[] { "view", "edit", "admin" })
            {
                world.Settle(ClusterRoleAggregationReconciler.Definition, new ObjectKey(ResourceTypes.ClusterRoles, "", name));
            }
        }

        return world;
    }

    private static RbacPolicy Bound(PlanWorld world, string kind, string role, string user)
    {
        world.Put(ResourceTypes.RoleBindings, $$"""
            {"metadata":{"name":"{{user}}","namespace":"shop"},"roleRef":{"kind":"{{kind}}","name":"{{role}}"},"subjects":[{"kind":"User","name":"{{user}}"}]}
            """);
        return new RbacPolicy(world.Cluster);
    }
}
