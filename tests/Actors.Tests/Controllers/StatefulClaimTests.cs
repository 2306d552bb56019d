using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Pods;
using ActorOrchestrator.Actors.Controllers.StatefulSets;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers;

/// <summary>Whose a claim is, by the retention policy (KEP 1847).</summary>
public sealed class StatefulClaimTests
{
    private readonly PlanWorld _world = new();

    /// <param name="policy">whenDeleted and whenScaled.</param>
    /// <param name="wanted">The pod's ordinal is within the replicas.</param>
    /// <param name="before">Owners as <c>kind/name/uid</c>, a star for a controller.</param>
    /// <param name="after">The owners afterwards; null when the claim is left alone.</param>
    [Theory]
    [InlineData("Retain/Retain", true, "", null)]
    [InlineData("Retain/Retain", true, "StatefulSet/web/set*", "")]
    [InlineData("Retain/Retain", false, "Pod/web-0/pod*", "")]
    [InlineData("Retain/Retain", true, "Thing/other/x*", null)]
    [InlineData("Delete/Retain", true, "", "StatefulSet/web/set*")]
    [InlineData("Delete/Retain", false, "Pod/web-0/pod*", "StatefulSet/web/set*")]
    [InlineData("Retain/Delete", true, "", null)]
    [InlineData("Retain/Delete", true, "Pod/web-0/pod*", "")]
    [InlineData("Retain/Delete", false, "", "Pod/web-0/pod*")]
    [InlineData("Delete/Delete", true, "Pod/web-0/pod*", "StatefulSet/web/set*")]
    [InlineData("Delete/Delete", false, "StatefulSet/web/set*", "Pod/web-0/pod*")]
    [InlineData("Delete/Delete", true, "StatefulSet/web/set*", null)]
    [InlineData("Delete/Retain", true, "StatefulSet/web/set", "StatefulSet/web/set*")]
    [InlineData("Delete/Retain", true, "Thing/other/x", "Thing/other/x,StatefulSet/web/set*")]
    [InlineData("Delete/Retain", true, "Thing/other/x*", null)]
    [InlineData("Delete/Retain", true, "Thing/other/x*,StatefulSet/web/set", "Thing/other/x*")]
    [InlineData("Delete/Delete", true, "StatefulSet/web/earlier*", null)]
    [InlineData("Delete/Delete", false, "Pod/web-0/earlier*", null)]
    public void The_owners_of_a_claim_are_those_that_the_policy_asks_for(string policy, bool wanted, string before, string? after)
    {
        var (whenDeleted, whenScaled) = (policy.Split('/')[0], policy.Split('/')[1]);
        var key = _world.Put(ResourceTypes.StatefulSets, $$"""
            {"metadata":{"name":"web","namespace":"default","uid":"set"},
             "spec":{"replicas":{{(wanted ? 1 : 0)}},"selector":{"matchLabels":{"app":"web"} },"template":{},"volumeClaimTemplates":[{"metadata":{"name":"data"} }],
             "persistentVolumeClaimRetentionPolicy":{"whenDeleted":"{{whenDeleted}}","whenScaled":"{{whenScaled}}"} } }
            """);
        var pod = _world.Put(ResourceTypes.Pods, """{"metadata":{"name":"web-0","namespace":"default","uid":"pod"},"spec":{},"status":{"phase":"Running"} }""");
        var claim = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "data-web-0", ["namespace"] = "default", ["uid"] = "claim" } };
        if (before.Length > 0)
        {
            claim["metadata"]!["ownerReferences"] = new JsonArray([.. before.Split(',').Select(Owner)]);
        }

        _world.Put(ResourceTypes.PersistentVolumeClaims, claim);
        var set = StatefulSetView.Of(_world.Cluster.Find(key)!);
        var plan = Plan.Together(StatefulClaims.Retain(set, new StatefulPod(PodView.Of(_world.Cluster.Find(pod)!), 0), _world.Cluster));
        Assert.Equal(after is null, plan.IsNothing);
        _world.Carry(plan);
        var owners = _world.Cluster.Find(new ObjectKey(ResourceTypes.PersistentVolumeClaims, "default", "data-web-0"))!.Metadata.OwnerReferences;
        Assert.Equal(after ?? before, string.Join(',', owners.Select(owner => $"{owner.Kind}/{owner.Name}/{owner.Uid}{(owner.Controller ? "*" : "")}")));
    }

    private static JsonNode Owner(string text)
    {
        var parts = text.TrimEnd('*').Split('/');
        var owner = new JsonObject
        {
            ["apiVersion"] = parts[0] switch { "Pod" => "v1", "StatefulSet" => "apps/v1", _ => "example.com/v1" }, ["kind"] = parts[0], ["name"] = parts[1], ["uid"] = parts[2],
        };
        if (text.EndsWith('*'))
        {
            owner["controller"] = true;
        }

        return owner;
    }
}
