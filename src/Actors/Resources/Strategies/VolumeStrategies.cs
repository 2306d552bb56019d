using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>Volumes begin as Pending, whatever their author says.</summary>
public sealed class PersistentVolumeStrategy : ResourceStrategy
{
    public override void PrepareForCreate(JsonObject obj, ResourceDescriptor descriptor, DateTimeOffset now) =>
        obj["status"] = new JsonObject { ["phase"] = "Pending", ["lastPhaseTransitionTime"] = JsonNodes.Time(now) };
}

/// <summary>Claims begin as Pending; where their data comes from is said in two fields that agree.</summary>
public sealed class PersistentVolumeClaimStrategy : ResourceStrategy
{
    public override void PrepareForCreate(JsonObject obj, ResourceDescriptor descriptor, DateTimeOffset now)
    {
        obj["status"] = new JsonObject { ["phase"] = "Pending" };
        var spec = obj.Ensure("spec");
        if (spec["dataSource"] is not null && spec["dataSourceRef"] is null)
        {
            spec["dataSourceRef"] = spec["dataSource"]!.DeepClone();
        }
        else if (spec["dataSource"] is null && spec.Object("dataSourceRef") is { } reference && reference.Text("namespace").Length == 0)
        {
            spec["dataSource"] = reference.DeepClone();
        }
    }
}
