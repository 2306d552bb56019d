using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>From a definition to the descriptors of the versions that it serves: a custom kind is data like a built-in one.</summary>
public static class CustomKinds
{
    /// <summary>What discovery still shows of a kind that is going (apiextensions' discovery controller).</summary>
    private static readonly ImmutableArray<string> VerbsAtTheEnd = ["delete", "deletecollection", "get", "list", "watch"];

    /// <summary>The served versions, the preferred one first; none before the definition is established.</summary>
    public static ImmutableArray<ResourceDescriptor> Of(CustomResourceDefinition definition)
    {
        if (!definition.IsEstablished)
        {
            return [];
        }

        // The names that were accepted, as discovery shows them; the plural is part of the definition's own name and never another.
        return [.. definition.Versions.Where(version => version.IsServed)
            .OrderBy(version => version.Name, KubeVersion.PreferredFirst)
            .Select(version => Describe(definition, version))];
    }

    /// <summary>The version in which objects are stored; null before the definition is established.</summary>
    public static ResourceDescriptor? Stored(CustomResourceDefinition definition) =>
        definition.IsEstablished && definition.Versions.FirstOrDefault(version => version.IsStorage) is { } storage ? Describe(definition, storage) : null;

    private static ResourceDescriptor Describe(CustomResourceDefinition definition, CustomVersion version)
    {
        var names = definition.AcceptedNames;
        return new ResourceDescriptor
        {
            Type = definition.Type,
            Version = version.Name,
            Kind = names.Kind,
            ListKind = names.ListKind,
            Singular = names.Singular,
            ShortNames = names.ShortNames,
            Categories = names.Categories,
            Namespaced = definition.Namespaced,
            Verbs = definition.IsTerminating ? VerbsAtTheEnd : ResourceDescriptor.AllVerbs,
            Subresources = Subresources(names.Kind, version),
            Custom = version,
            SelectableFields = [.. version.SelectablePaths.Select(path => SelectableField.Of(path.TrimStart('.')))],
            Columns = Columns(version),
        };
    }

    private static ImmutableArray<Subresource> Subresources(string kind, CustomVersion version)
    {
        var subresources = ImmutableArray.CreateBuilder<Subresource>(2);
        if (version.HasStatus)
        {
            subresources.Add(Subresource.View("status", kind));
        }

        if (version.Scale is not null)
        {
            subresources.Add(Subresource.Scale);
        }

        return subresources.ToImmutable();
    }

    private static ImmutableArray<PrinterColumn> Columns(CustomVersion version)
    {
        var columns = ImmutableArray.CreateBuilder<PrinterColumn>();
        columns.Add(ResourceDescriptor.GenericColumns[0]);
        if (version.Columns.IsEmpty)
        {
            columns.Add(new PrinterColumn("Age", "date", "", ResourceDescriptor.GenericColumns[1].Description, 0, ".metadata.creationTimestamp"));
        }

        foreach (var column in version.Columns)
        {
            columns.Add(Column(column));
        }

        return columns.ToImmutable();
    }

    private static PrinterColumn Column(JsonObject column)
    {
        var path = column.Text("jsonPath");
        var description = column.Text("description") is { Length: > 0 } own ? own : $"Custom resource definition column (in JSONPath format): {path}";
        return new PrinterColumn(column.Text("name"), column.Text("type"), column.Text("format"), description, (int)(column.Number("priority") ?? 0), path);
    }
}
