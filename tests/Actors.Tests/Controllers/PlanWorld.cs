using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers;

/// <summary>A cluster in memory on which plans are carried out at once, without the API's rules.</summary>
internal sealed class PlanWorld
{
    private int _names;

    public ClusterState Cluster { get; private set; } = ClusterState.Empty;
    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public int Writes { get; private set; }

    public ObjectKey Put(ResourceType type, JsonObject obj)
    {
        var metadata = obj["metadata"]!.AsObject();
        var key = new ObjectKey(type, (string?)metadata["namespace"] ?? "", (string)metadata["name"]!);
        var before = Cluster.Find(key);
        metadata["uid"] ??= before?.Uid ?? $"uid-{key.Name}-{_names++}";
        Apply(before is null ? FactVerb.Created : FactVerb.Updated, key, obj);
        return key;
    }

    public ObjectKey Put(ResourceType type, string json) => Put(type, JsonNode.Parse(json)!.AsObject());

    public void Remove(ObjectKey key)
    {
        if (Cluster.Find(key) is { } current)
        {
            Apply(FactVerb.Deleted, key, current.ToJson());
        }
    }

    /// <summary>Reconciles until there is nothing to do; a reconciler that never settles fails.</summary>
    public void Settle(ControllerDefinition controller, ObjectKey key)
    {
        for (var round = 0; round < 20; round++)
        {
            var plan = controller.Reconcile(Observed.At(key, Cluster), Now);
            if (plan.Steps.SelectMany(step => step.Actions).All(action => action is RecordEvent))
            {
                return;
            }

            Carry(plan);
        }

        Assert.Fail($"{controller.Name} does not settle on {key}");
    }

    public void Carry(Plan plan)
    {
        foreach (var action in plan.Steps.SelectMany(step => step.Actions).Where(action => action is not RecordEvent))
        {
            Carry(action);
        }
    }

    public void Carry(PlanAction action)
    {
        Writes++;
        switch (action)
        {
            case CreateObject create:
                var made = create.Object();
                var metadata = made["metadata"]!.AsObject();
                metadata["name"] ??= $"{metadata["generateName"]}{_names++}";
                if (create.Namespace.Length > 0)
                {
                    metadata["namespace"] = create.Namespace;
                }

                Put(create.Type, made);
                break;
            case ChangeObject update when Cluster.Find(update.Key) is { } current && update.Change(current, current.ToJson()).Object is { } changed:
                Apply(FactVerb.Updated, update.Key, changed);
                var gone = changed["metadata"]!["deletionTimestamp"] is not null && changed["metadata"]!["finalizers"] is not JsonArray { Count: > 0 };
                if (gone && update.Key.Type != ResourceTypes.Pods && changed["spec"]?["finalizers"] is not JsonArray { Count: > 0 })
                {
                    Remove(update.Key);
                }

                break;
            case DeleteObject delete when Cluster.Find(delete.Key) is { } current:
                if (current.Metadata.Finalizers.IsEmpty && delete.Request.PropagationPolicy != "Foreground")
                {
                    Remove(delete.Key);
                    break;
                }

                var held = current.ToJson();
                held["metadata"]!["deletionTimestamp"] = "2026-01-01T12:00:00Z";
                if (delete.Request.PropagationPolicy == "Foreground")
                {
                    held["metadata"]!["finalizers"] = new JsonArray("foregroundDeletion");
                }

                Apply(FactVerb.Updated, delete.Key, held);
                break;
            default:
                break;
        }
    }

    private void Apply(FactVerb verb, ObjectKey key, JsonObject obj)
    {
        var revision = Cluster.Revision.Next;
        var stored = new StoredObject(key, (string)obj["metadata"]!["uid"]!, revision, ObjectBody.From(obj).At(revision), []);
        Cluster = Cluster.Evolve(new Fact(verb, stored, new Provenance("t", Now, "t", Revision.None), Cluster.Find(key)));
    }
}
