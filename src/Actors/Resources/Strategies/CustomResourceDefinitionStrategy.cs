using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.CustomResources;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>Definitions of kinds: their storage versions are remembered, and they wait at their end for their objects to go.</summary>
public sealed class CustomResourceDefinitionStrategy : ResourceStrategy
{
    /// <summary>Held by a deleted definition until its last object is gone.</summary>
    public const string CleanupFinalizer = "customresourcecleanup.apiextensions.k8s.io";

    public override void PrepareForCreate(JsonObject obj, ResourceDescriptor descriptor, DateTimeOffset now)
    {
        obj["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(),
            ["acceptedNames"] = new JsonObject { ["plural"] = "", ["kind"] = "" },
            ["storedVersions"] = new JsonArray(),
        };
        RememberStorageVersion(obj);
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource)
    {
        if (subresource == "status")
        {
            TakeStatusOnly(obj, old);
            return;
        }

        obj.CopyFrom(old, "status");
        RememberStorageVersion(obj);
    }

    public override void ValidateCreate(JsonObject obj, FieldErrors errors) => CheckRules(obj, errors);

    /// <summary>What was stored once may stay, whatever is known better by now.</summary>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(obj["spec"], old["spec"]))
        {
            CheckRules(obj, errors);
        }
    }

    private static void CheckRules(JsonObject obj, FieldErrors errors)
    {
        // Expressions are looked at in schemas that are otherwise right: what is said of them would mislead before.
        if (!errors.Any)
        {
            errors.Add(RuleChecks.Check(obj));
        }
    }

    public override IEnumerable<string> Warnings(JsonObject obj, JsonObject? old, string subresource) =>
        subresource.Length == 0 ? UnrecognizedFormats.Warnings(obj, old) : [];

    /// <summary>
    /// The names that it has got. The ledger gives each to one definition alone, so that of two that reach for one at the same moment one gets it; the other
    /// is looked at again and told so in its conditions.
    /// </summary>
    public override ImmutableArray<string> Claims(JsonObject obj)
    {
        var names = obj.Object("status").Object("acceptedNames");
        var group = obj.Object("spec").Text("group");
        var resources = names.Strings("shortNames").Append(names.Text("plural")).Append(names.Text("singular")).Where(name => name.Length > 0).Select(name => $"resource/{group}/{name}");
        var kinds = new[] { names.Text("kind"), names.Text("listKind") }.Where(name => name.Length > 0).Select(name => $"kind/{group}/{name}");
        return [.. resources.Concat(kinds).Distinct(StringComparer.Ordinal)];
    }

    public override void ExplainTaken(JsonObject obj, string claim, FieldErrors errors) =>
        errors.Invalid("status.acceptedNames", claim[(claim.LastIndexOf('/') + 1)..], "is already in use");

    public override void OnDeletionRequested(JsonObject obj)
    {
        var metadata = obj.Ensure("metadata");
        var finalizers = metadata.Strings("finalizers");
        if (metadata.Text("deletionTimestamp").Length == 0 && !finalizers.Contains(CleanupFinalizer))
        {
            metadata.SetStrings("finalizers", [.. finalizers, CleanupFinalizer]);
        }
    }

    public override void OnDeletionMarked(JsonObject obj) => Conditions.Set(
        obj.Ensure("status"), "Terminating", "True", "InstanceDeletionPending",
        "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon", obj.Object("metadata").Text("deletionTimestamp"));

    private static void RememberStorageVersion(JsonObject obj)
    {
        var storage = (obj.Object("spec").Array("versions") ?? []).FirstOrDefault(version => version.Flag("storage")).Text("name");
        var status = obj.Ensure("status");
        var stored = status.Strings("storedVersions");
        if (storage.Length > 0 && !stored.Contains(storage))
        {
            status.SetStrings("storedVersions", [.. stored, storage]);
        }
    }
}
