namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>
/// What tells two entries of <c>managedFields</c> apart: the manager, how it writes, the subresource and, for updates, the API version. An applier keeps
/// one entry whatever version it applies in.
/// </summary>
/// <param name="Manager">The name.</param>
/// <param name="Applies">Operation Apply rather than Update.</param>
/// <param name="ApiVersion">Empty for appliers.</param>
/// <param name="Subresource">Empty for the object itself.</param>
public readonly record struct FieldManagerId(string Manager, bool Applies, string ApiVersion, string Subresource) : IComparable<FieldManagerId>
{
    public static FieldManagerId Applier(string manager, string subresource) => new(manager, true, "", subresource);

    public static FieldManagerId Updater(string manager, string apiVersion, string subresource) => new(manager, false, apiVersion, subresource);

    public int CompareTo(FieldManagerId other)
    {
        var order = string.CompareOrdinal(Manager, other.Manager);
        order = order != 0 ? order : other.Applies.CompareTo(Applies);
        order = order != 0 ? order : string.CompareOrdinal(ApiVersion, other.ApiVersion);
        return order != 0 ? order : string.CompareOrdinal(Subresource, other.Subresource);
    }

    /// <summary>As conflicts name it: <c>"kubectl" using apps/v1</c>, <c>"hpa" with subresource "scale" using autoscaling/v1</c>, <c>"helm"</c>.</summary>
    public override string ToString()
    {
        var name = $"\"{Manager}\"{(Subresource.Length == 0 ? "" : $" with subresource \"{Subresource}\"")}";
        return Applies ? name : $"{name} using {ApiVersion}";
    }
}
