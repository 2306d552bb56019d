namespace ActorOrchestrator.Contracts.Resources.Catalog;

/// <summary>A field that a <c>fieldSelector</c> may name.</summary>
/// <param name="Label">The name in the selector.</param>
/// <param name="Path">The property names that lead to the value in the object's JSON.</param>
/// <param name="WhenAbsent">The value of an object that does not have the field: Go's zero value in its text form.</param>
public sealed record SelectableField(string Label, string[] Path, string WhenAbsent = "")
{
    /// <summary>Where the value is when the first place has none.</summary>
    public string[]? Otherwise { get; init; }

    /// <summary>A field whose selector label is also its dotted path.</summary>
    public static SelectableField Of(string label, string whenAbsent = "") => new(label, label.Split('.'), whenAbsent);
}
