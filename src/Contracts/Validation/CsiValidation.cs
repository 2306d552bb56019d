using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation.Pods;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for what CSI drivers say of themselves, of nodes and of storage.</summary>
internal static class CsiValidation
{
    private const int LongestNodeId = 192;
    private const long ShortestToken = 600;
    private const long LongestToken = 1L << 32;

    public static void CsiDriver(JsonObject driver, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = driver.Child("spec") ?? [];
        errors.OneOf(path.Field("fsGroupPolicy"), spec.Text("fsGroupPolicy"), ["File", "None", "ReadWriteOnceWithFSType"]);
        HashSet<string> audiences = [];
        foreach (var (index, token) in spec.Items("tokenRequests").Index())
        {
            var at = path.Field("tokenRequests").Index(index);
            if (!audiences.Add(token.Text("audience")))
            {
                errors.Duplicate(at.Field("audience"), token.Text("audience"));
            }
            else if (token.Number("expirationSeconds") is { } seconds and (< ShortestToken or > LongestToken))
            {
                errors.Invalid(at.Field("expirationSeconds"), seconds, $"may not specify a duration {(seconds < ShortestToken ? "less than 10 minutes" : "larger than 2^32 seconds")}");
            }
        }

        foreach (var mode in spec.Strings("volumeLifecycleModes"))
        {
            errors.OneOf(path.Field("volumeLifecycleModes"), mode, ["Persistent", "Ephemeral"]);
        }

        if (old?.Child("spec") is { } before)
        {
            errors.Immutable(path.Field("attachRequired"), spec["attachRequired"], before["attachRequired"]);
            errors.Immutable(path.Field("volumeLifecycleModes"), spec["volumeLifecycleModes"], before["volumeLifecycleModes"]);
        }
    }

    public static void CsiNode(JsonObject node, JsonObject? old, FieldErrors errors)
    {
        HashSet<string> seen = [];
        foreach (var (index, driver) in (node.Child("spec") ?? []).Items("drivers").Index())
        {
            var at = FieldPath.Of("spec", "drivers").Index(index);
            StorageValidation.Needs(driver, at, errors, "name");
            VolumeSourceValidation.DriverName(driver.Text("name"), at.Field("name"), errors);
            StorageValidation.Needs(driver, at, errors, "nodeID");
            if (driver.Text("nodeID").Length > LongestNodeId)
            {
                errors.Invalid(at.Field("nodeID"), driver.Text("nodeID"), $"must be {LongestNodeId} characters or less");
            }

            errors.NonNegative(at.Field("allocatable").Field("count"), driver.Child("allocatable")?.Number("count"));
            if (!seen.Add(driver.Text("name")))
            {
                errors.Duplicate(at.Field("name"), driver.Text("name"));
            }

            HashSet<string> keys = [];
            foreach (var key in driver.Strings("topologyKeys"))
            {
                if (key.Length == 0)
                {
                    errors.Required(at);
                }

                if (!keys.Add(key))
                {
                    errors.Duplicate(at, key);
                }

                foreach (var problem in Names.QualifiedName(key))
                {
                    errors.Invalid(at, driver["topologyKeys"], problem);
                }
            }
        }
    }

    public static void CsiStorageCapacity(JsonObject capacity, JsonObject? old, FieldErrors errors)
    {
        StorageValidation.Needs(capacity, FieldPath.Root, errors, "storageClassName");
        LabelSelectorValidation.Check(capacity.Child("nodeTopology"), FieldPath.Of("nodeTopology"), errors);
        if (old is not null)
        {
            errors.Immutable(FieldPath.Of("nodeTopology"), capacity["nodeTopology"], old["nodeTopology"]);
            errors.Immutable(FieldPath.Of("storageClassName"), capacity["storageClassName"], old["storageClassName"]);
        }
    }
}
