using System.Collections.Frozen;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Contracts.Schema;

/// <summary>
/// What the columns of tables mean. Upstream's columns borrow the documentation of the field that they show, and so do ours: the texts are read from the
/// model package's documentation when the first table is drawn, and only those of columns are kept.
/// </summary>
public static class ColumnDescriptions
{
    private static readonly Lazy<FrozenDictionary<DocumentedField, string>> Texts = new(Read);

    public static string Of(PrinterColumn column) =>
        column.Documentation is { } field ? Texts.Value.GetValueOrDefault(field, column.Description) : column.Description;

    private static FrozenDictionary<DocumentedField, string> Read()
    {
        var descriptions = ModelDescriptions.Load();
        return ResourceCatalog.BuiltIn.All.SelectMany(descriptor => descriptor.Columns)
            .Select(column => column.Documentation).OfType<DocumentedField>().Distinct()
            .ToFrozenDictionary(field => field, field => descriptions.Of(ObjectSchema.Of(field.Model), field.Field));
    }
}
