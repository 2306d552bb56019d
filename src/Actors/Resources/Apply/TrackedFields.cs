using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>
/// Which fields an endpoint can make somebody's: what its strategy resets is nobody's by it, and neither is what the server alone sets.
/// </summary>
public static class TrackedFields
{
    private static readonly FieldSet Identity = Union(
        FieldSet.OfFields("apiVersion"), FieldSet.OfFields("kind"), FieldSet.OfFields("metadata"),
        Metadata("name"), Metadata("namespace"), Metadata("creationTimestamp"), Metadata("selfLink"), Metadata("uid"), Metadata("clusterName"),
        Metadata("generation"), Metadata("managedFields"), Metadata("resourceVersion"));

    private static readonly FieldSet Status = FieldSet.OfFields("status");
    private static readonly FieldSet KeptByStatus = Union(Metadata("ownerReferences"), Metadata("deletionTimestamp"), Metadata("finalizers"));
    private static readonly FieldSet KeptByStatusWithLabels = KeptByStatus.Union(Metadata("labels"));

    private static readonly PathElement MetadataField = PathElement.Field("metadata");
    private static readonly PathElement StatusField = PathElement.Field("status");

    /// <summary>Everything but what the server sets: for objects that only travel, such as a Scale.</summary>
    public static Func<FieldSet, FieldSet> All { get; } = fields => fields.Difference(Identity);

    private static Func<FieldSet, FieldSet> WithoutStatus { get; } = fields => fields.RecursiveDifference(Status).Difference(Identity);

    private static Func<FieldSet, FieldSet> OfStatus { get; } = fields => OnlyStatus(fields).RecursiveDifference(KeptByStatus).Difference(Identity);

    private static Func<FieldSet, FieldSet> OfStatusWithoutLabels { get; } = fields => OnlyStatus(fields).RecursiveDifference(KeptByStatusWithLabels).Difference(Identity);

    private static Func<FieldSet, FieldSet> StatusAlone { get; } = fields => fields.Where(static first => first.Equals(StatusField));

    public static Func<FieldSet, FieldSet> Of(ResourceDescriptor descriptor, string subresource) => subresource switch
    {
        "status" when descriptor.Custom is not null => StatusAlone,
        "status" or "approval" => descriptor.Group.Length > 0 ? OfStatusWithoutLabels : OfStatus,
        "" when !descriptor.HasStatus => All,
        _ => WithoutStatus,
    };

    private static FieldSet OnlyStatus(FieldSet fields) => fields.Where(static first => first.Equals(StatusField) || first.Equals(MetadataField));

    private static FieldSet Metadata(string name) => FieldSet.OfFields("metadata", name);

    private static FieldSet Union(params ReadOnlySpan<FieldSet> sets)
    {
        var union = FieldSet.Empty;
        foreach (var set in sets)
        {
            union = union.Union(set);
        }

        return union;
    }
}
