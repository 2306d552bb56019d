using System.Reflection;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Host.Api.OpenApi;

/// <summary>The two dialects that clients read; they differ in how a type refers to another.</summary>
internal enum OpenApiDialect : byte
{
    V2,
    V3,
}

/// <summary>
/// Writes model types as OpenAPI definitions under upstream's names, with the <c>x-kubernetes-*</c> extensions that clients merge and validate by.
/// A type that is referred to is written too, until nothing is missing.
/// </summary>
internal sealed class OpenApiDefinitions(OpenApiDialect dialect, ModelDescriptions descriptions)
{
    private const string Machinery = "io.k8s.apimachinery.pkg.";
    private const string Time = Machinery + "apis.meta.v1.Time";
    private const string Quantity = Machinery + "api.resource.Quantity";
    private const string IntOrString = Machinery + "util.intstr.IntOrString";
    private const string RawExtension = Machinery + "runtime.RawExtension";
    private const string Extensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";
    private const string Json = Extensions + "JSON";
    public const string Patch = Machinery + "apis.meta.v1.Patch";

    private readonly SortedDictionary<string, JsonObject> _written = new(StringComparer.Ordinal);
    private readonly Queue<ObjectSchema> _pending = new();
    private readonly HashSet<string> _asked = [];

    /// <summary>The definition's name; the definition will be among <see cref="Write"/>'s.</summary>
    public string Use(ObjectSchema schema)
    {
        var name = NameOf(schema);
        if (_asked.Add(name))
        {
            _pending.Enqueue(schema);
        }

        return name;
    }

    public string UseWellKnown(string name)
    {
        _written.TryAdd(name, WellKnown(name));
        return name;
    }

    /// <summary>The list type of a kind; null for kinds that cannot be listed.</summary>
    public static ObjectSchema? ListOf(ResourceDescriptor descriptor) =>
        !descriptor.Allows("list") ? null
        : descriptor.Custom is { } custom ? custom.ListSchema
        : descriptor.Model!.Assembly.GetType(descriptor.Model.FullName + "List") is { } list ? ObjectSchema.Of(list) : null;

    public JsonObject Reference(string name) => new() { ["$ref"] = (dialect == OpenApiDialect.V2 ? "#/definitions/" : "#/components/schemas/") + name };

    /// <summary>Everything that was used, by name.</summary>
    public JsonObject Write()
    {
        while (_pending.TryDequeue(out var schema))
        {
            _written[NameOf(schema)] = Definition(schema);
        }

        var all = new JsonObject();
        foreach (var (name, definition) in _written)
        {
            all[name] = definition;
        }

        return all;
    }

    private static string NameOf(ObjectSchema schema) => schema.Package switch
    {
        _ when schema.CustomRoot is { } custom => CustomDefinition.NameOf(custom, schema.IsCustomList),
        "meta.v1" => Machinery + "apis.meta.v1." + schema.Name,
        "" => "io.k8s.api." + schema.Model!.Name,
        "apiextensions.v1" => Extensions + schema.Name,
        "metrics.v1beta1" => "io.k8s.metrics.pkg.apis.metrics.v1beta1." + schema.Name,
        "apiregistration.v1" => "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1." + schema.Name,
        var package => $"io.k8s.api.{package}.{schema.Name}",
    };

    private JsonObject Definition(ObjectSchema schema)
    {
        if (schema.CustomRoot is { } custom)
        {
            return schema.IsCustomList
                ? CustomDefinition.List(custom, () => Referring(Use(custom.ObjectSchema), null), TypeField(typeof(k8s.Models.V1ConfigMapList), typeof(k8s.Models.V1ListMeta)))
                : CustomDefinition.Object(custom, dialect == OpenApiDialect.V2, TypeField(typeof(k8s.Models.V1ConfigMap), typeof(k8s.Models.V1ObjectMeta)));
        }

        var definition = new JsonObject();
        Describe(definition, descriptions.Of(schema));
        definition["type"] = "object";
        if (!schema.Required.IsEmpty)
        {
            definition["required"] = new JsonArray([.. schema.Required.Select(name => (JsonNode)name)]);
        }

        var properties = new JsonObject();
        foreach (var name in schema.PropertyNames.Order(StringComparer.Ordinal))
        {
            properties[name] = Property(schema.Properties[name], descriptions.Of(schema, name), schema);
        }

        // Managed fields are free-form: a type without properties.
        if (properties.Count > 0)
        {
            definition["properties"] = properties;
        }

        if (schema.Atomic)
        {
            definition["x-kubernetes-map-type"] = "atomic";
        }

        if (schema.Model!.GetCustomAttribute<k8s.Models.KubernetesEntityAttribute>() is { } entity)
        {
            definition["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(entity.Group, entity.ApiVersion, entity.Kind));
        }

        return definition;
    }

    /// <summary>The fields that every object has, in the words of a built-in kind.</summary>
    private Func<string, JsonObject> TypeField(Type kind, Type metadata) => name =>
    {
        var field = name == "metadata" ? Referring(Use(ObjectSchema.Of(metadata)), null) : new JsonObject { ["type"] = "string" };
        Describe(field, descriptions.Of(ObjectSchema.Of(kind), name));
        return field;
    };

    internal static JsonObject GroupVersionKind(string group, string version, string kind) =>
        new() { ["group"] = group, ["kind"] = kind, ["version"] = version };

    private JsonObject Property(SchemaNode node, string description, ObjectSchema holder)
    {
        // The values inside a user's own schema may be anything, also plain ones; everywhere else what is untyped is an object.
        var any = holder.Package == "apiextensions.v1" ? Json : RawExtension;
        var property = Type(node, any);
        Describe(property, description);
        if (node.Type == SchemaType.Array)
        {
            ListExtensions(property, node);
        }
        else if (node.Atomic)
        {
            property["x-kubernetes-map-type"] = "atomic";
        }

        if (node.PatchMerge || node.PatchRetainKeys)
        {
            property["x-kubernetes-patch-strategy"] = (node.PatchMerge, node.PatchRetainKeys) switch
            {
                (true, true) => "merge,retainKeys",
                (true, false) => "merge",
                _ => "retainKeys",
            };
        }

        return property;
    }

    private static void ListExtensions(JsonObject property, SchemaNode node)
    {
        if (node.ListType is { } listType)
        {
            property["x-kubernetes-list-type"] = listType.ToString().ToLowerInvariant();
        }

        if (!node.MapKeys.IsEmpty)
        {
            property["x-kubernetes-list-map-keys"] = new JsonArray([.. node.MapKeys.Select(key => (JsonNode)key)]);
        }

        if (node.PatchMergeKey is { } mergeKey)
        {
            property["x-kubernetes-patch-merge-key"] = mergeKey;
        }
    }

    private JsonObject Type(SchemaNode node, string any)
    {
        switch (node.Type)
        {
            case SchemaType.Object:
                return Referring(Use(node.Object!), new JsonObject());
            case SchemaType.Array:
                return new JsonObject { ["type"] = "array", ["items"] = Type(node.Items!, any) };
            case SchemaType.Map:
                return new JsonObject { ["type"] = "object", ["additionalProperties"] = Type(node.Items!, any) };
            case SchemaType.Integer:
                return new JsonObject { ["type"] = "integer", ["format"] = node.Format };
            case SchemaType.Number:
                return new JsonObject { ["type"] = "number", ["format"] = node.Format };
            case SchemaType.Boolean:
                return new JsonObject { ["type"] = "boolean" };
            case SchemaType.Bytes:
                return new JsonObject { ["type"] = "string", ["format"] = "byte" };
            case SchemaType.Time:
                return Referring(UseWellKnown(Time), null);
            case SchemaType.Quantity:
                return Referring(UseWellKnown(Quantity), null);
            case SchemaType.IntOrString:
                return Referring(UseWellKnown(IntOrString), null);
            case SchemaType.Any:
                return Referring(UseWellKnown(any), null);
            default:
                var text = new JsonObject { ["type"] = "string" };
                if (!node.Enum.IsEmpty)
                {
                    text["enum"] = new JsonArray([.. node.Enum.Select(value => (JsonNode)value)]);
                }

                return text;
        }
    }

    /// <summary>In v3 a reference may have no siblings, so it stands in an <c>allOf</c>.</summary>
    private JsonObject Referring(string name, JsonNode? @default)
    {
        var reference = Reference(name);
        if (dialect == OpenApiDialect.V2)
        {
            return reference;
        }

        var wrapped = new JsonObject { ["allOf"] = new JsonArray(reference) };
        if (@default is not null)
        {
            wrapped["default"] = @default;
        }

        return wrapped;
    }

    private JsonObject WellKnown(string name) => name switch
    {
        Time => new JsonObject { ["description"] = "An instant, written as RFC 3339 has it.", ["type"] = "string", ["format"] = "date-time" },
        Quantity => Either("A number with an optional suffix: m for thousandths, k, M, G … for powers of ten, Ki, Mi, Gi … for powers of 1024.", "", integer: false),
        IntOrString => Either("A whole number or a string.", "int-or-string", integer: true),
        Json => new JsonObject { ["description"] = "Any JSON value." },
        Patch => new JsonObject { ["description"] = "A patch of one of the kinds that the media type names.", ["type"] = "object" },
        _ => new JsonObject { ["description"] = "An object of any kind.", ["type"] = "object" },
    };

    private JsonObject Either(string description, string format, bool integer)
    {
        var either = new JsonObject { ["description"] = description };
        if (dialect == OpenApiDialect.V3)
        {
            either["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = integer ? "integer" : "number" });
        }
        else
        {
            either["type"] = "string";
        }

        if (format.Length > 0)
        {
            either["format"] = format;
        }

        return either;
    }

    private static void Describe(JsonObject target, string description)
    {
        if (description.Length > 0)
        {
            target["description"] = description;
        }
    }
}
