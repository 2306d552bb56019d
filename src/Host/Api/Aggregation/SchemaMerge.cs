using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Host.Api.Aggregation;

/// <summary>
/// Puts what another server says of its group into a Swagger 2.0 document: the group's paths, the definitions that they lead to and those of its kinds. A definition of a name that
/// is taken by a different one gets a name of its own, as upstream's aggregator has it. Pure.
/// </summary>
internal static class SchemaMerge
{
    private const string Reference = "$ref";
    private const string Prefix = "#/definitions/";
    private const string Kinds = "x-kubernetes-group-version-kind";

    /// <param name="target">Is changed.</param>
    /// <param name="source">Is not.</param>
    /// <param name="group">The group and …</param>
    /// <param name="version">… the version that are the other server's to describe.</param>
    public static void Add(JsonObject target, JsonObject source, string group, string version)
    {
        var root = $"/apis/{group}/{version}";
        var paths = (source.Object("paths") ?? []).Where(path => path.Value is JsonObject && (path.Key.TrimEnd('/') == root || path.Key.StartsWith(root + "/", StringComparison.Ordinal))).ToArray();
        var definitions = source.Object("definitions") ?? [];
        var needed = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (_, path) in paths)
        {
            Collect(path, definitions, needed);
        }

        foreach (var (name, definition) in definitions)
        {
            if ((definition.Array(Kinds) ?? []).Any(kind => kind.Text("group") == group && kind.Text("version") == version))
            {
                needed.Add(name);
                Collect(definition, definitions, needed);
            }
        }

        var taken = target.Ensure("definitions");
        var names = needed.Where(name => definitions[name] is JsonObject).ToDictionary(name => name, name => NameOf(name, definitions[name]!, taken), StringComparer.Ordinal);
        foreach (var (name, final) in names)
        {
            taken[final] ??= Renamed(definitions[name]!, names);
        }

        var all = target.Ensure("paths");
        foreach (var (path, item) in paths)
        {
            all[path] ??= Renamed(item!, names);
        }
    }

    private static string NameOf(string name, JsonNode definition, JsonObject taken)
    {
        var final = name;
        for (var n = 2; taken[final] is { } other && !JsonNode.DeepEquals(other, definition); n++)
        {
            final = $"{name}_v{n}";
        }

        return final;
    }

    private static void Collect(JsonNode? node, JsonObject definitions, SortedSet<string> needed)
    {
        switch (node)
        {
            case JsonObject obj:
                foreach (var (name, value) in obj)
                {
                    if (name == Reference && value is JsonValue text && text.TryGetValue<string>(out var reference) && reference.StartsWith(Prefix, StringComparison.Ordinal))
                    {
                        var definition = reference[Prefix.Length..];
                        if (needed.Add(definition))
                        {
                            Collect(definitions[definition], definitions, needed);
                        }
                    }
                    else
                    {
                        Collect(value, definitions, needed);
                    }
                }

                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    Collect(item, definitions, needed);
                }

                break;
        }
    }

    private static JsonNode Renamed(JsonNode node, Dictionary<string, string> names)
    {
        var copy = node.DeepClone();
        Rename(copy, names);
        return copy;
    }

    private static void Rename(JsonNode? node, Dictionary<string, string> names)
    {
        switch (node)
        {
            case JsonObject obj:
                if (obj[Reference] is JsonValue text && text.TryGetValue<string>(out var reference) && reference.StartsWith(Prefix, StringComparison.Ordinal)
                    && names.TryGetValue(reference[Prefix.Length..], out var final))
                {
                    obj[Reference] = Prefix + final;
                }

                foreach (var (_, value) in obj)
                {
                    Rename(value, names);
                }

                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    Rename(item, names);
                }

                break;
        }
    }
}
