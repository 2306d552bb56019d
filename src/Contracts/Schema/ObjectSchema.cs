using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json.Serialization;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Schema;

/// <summary>
/// The fields of one model class, from reflection over <c>k8s.Models</c> and our own table of what those classes lack. Each class is
/// read once, when it is first asked for; what it refers to is read later still, so that nothing of this costs start-up time.
/// </summary>
public sealed class ObjectSchema
{
    private static readonly ConcurrentDictionary<Type, ObjectSchema> Known = new();
    private static readonly ScalarTypes Scalars = new();

    private ObjectSchema(Type model)
    {
        Model = model;
        Name = NameOf(model);
        var traits = StructureTable.Of(model.Name);
        Atomic = traits.Atomic;
        Package = traits.Package;
        var names = ImmutableArray.CreateBuilder<string>();
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        var properties = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        var required = ImmutableArray.CreateBuilder<string>();
        foreach (var property in model.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<JsonPropertyNameAttribute>() is not { Name: var name })
            {
                continue;
            }

            var field = traits.Field(name);
            names.Add(name);
            members.Add(name, property.Name);
            properties.Add(name, NodeOf(property.PropertyType, field));
            if (field.Required)
            {
                required.Add(name);
            }
        }

        PropertyNames = names.ToImmutable();
        Required = required.ToImmutable();
        Properties = properties;
        Members = members;
    }

    private ObjectSchema(string name, StructuralSchema schema, CustomVersion? root)
    {
        Model = null;
        Name = name;
        Package = "";
        Custom = schema;
        CustomRoot = root;
        PreservesUnknown = schema.PreservesUnknown;
        Atomic = schema.MapType == "atomic";
        var properties = new Dictionary<string, SchemaNode>(StringComparer.Ordinal);
        foreach (var (property, node) in schema.Properties)
        {
            properties.Add(property, CustomNodes.Of(property, node));
        }

        if (root is not null || schema.IsEmbeddedResource)
        {
            properties["apiVersion"] = properties["kind"] = new SchemaNode(SchemaType.String);
            properties["metadata"] = new SchemaNode(SchemaType.Object, model: typeof(V1ObjectMeta));
        }

        PropertyNames = [.. properties.Keys];
        Required = schema.Required;
        Properties = properties;
        Members = new Dictionary<string, string>();
    }

    /// <summary>The class of <c>k8s.Models</c>; null for what a custom kind's schema describes.</summary>
    public Type? Model { get; }

    /// <summary>The schema that a definition gives; null for what is read from a class.</summary>
    public StructuralSchema? Custom { get; }

    /// <summary>The version whose whole objects this describes; null for their parts and for built-in kinds.</summary>
    public CustomVersion? CustomRoot { get; }

    /// <summary>A list of those objects.</summary>
    public bool IsCustomList { get; private init; }

    /// <summary>Fields that are not named here are kept all the same (<c>x-kubernetes-preserve-unknown-fields</c>).</summary>
    public bool PreservesUnknown { get; }

    /// <summary>Upstream's name of the type: the class without the version that heads it.</summary>
    public string Name { get; }

    /// <summary>Upstream's Go package with dots: <c>core.v1</c>, <c>meta.v1</c>; empty when unknown.</summary>
    public string Package { get; }

    /// <summary>The JSON names in the order of the class.</summary>
    public ImmutableArray<string> PropertyNames { get; }

    public IReadOnlyDictionary<string, SchemaNode> Properties { get; }

    /// <summary>Fields that upstream's type marks as required.</summary>
    public ImmutableArray<string> Required { get; }

    /// <summary>The type is replaced as a whole by server-side apply.</summary>
    public bool Atomic { get; }

    /// <summary>The class member of each JSON name, by which the model's documentation is found.</summary>
    internal IReadOnlyDictionary<string, string> Members { get; }

    public static ObjectSchema Of(Type model) => Known.GetOrAdd(model, static key => new ObjectSchema(key));

    public static ObjectSchema Of(ResourceDescriptor descriptor) => descriptor.Custom is { } custom ? custom.ObjectSchema : Of(descriptor.Model!);

    /// <summary>The whole object of a custom kind's version.</summary>
    internal static ObjectSchema Of(CustomVersion version) => new(version.Definition.Names.Kind, version.Schema, version);

    /// <summary>The list of a custom kind's version.</summary>
    internal static ObjectSchema ListOf(CustomVersion version) => new(version.Definition.Names.ListKind, StructuralSchema.Anything, version) { IsCustomList = true };

    /// <summary>A part of a custom object.</summary>
    internal static ObjectSchema Of(string name, StructuralSchema schema) => new(name, schema, null);

    /// <summary>The node at a path of property names; list items are entered without an index. Null when the path leads nowhere.</summary>
    public SchemaNode? Find(params ReadOnlySpan<string> path)
    {
        SchemaNode? node = null;
        foreach (var step in path)
        {
            var holder = node?.Type == SchemaType.Array ? node.Items : node;
            node = holder is null ? (node is null ? Properties.GetValueOrDefault(step) : null) : holder.Child(step);
            if (node is null)
            {
                return null;
            }
        }

        return node;
    }

    /// <summary><c>V1PodSpec</c> is PodSpec, <c>Corev1Event</c> is Event.</summary>
    internal static string NameOf(Type model)
    {
        // The version is the first "v" with a digit behind it: not the one in the middle of "Discoveryv1EndpointPort".
        var name = model.Name;
        for (var version = 0; version + 1 < name.Length; version++)
        {
            if (name[version] is not ('v' or 'V') || !char.IsAsciiDigit(name[version + 1]))
            {
                continue;
            }

            var end = version + 1;
            while (end < name.Length && !char.IsAsciiLetterUpper(name[end]))
            {
                end++;
            }

            return name[end..];
        }

        return name;
    }

    private static SchemaNode NodeOf(Type type, FieldTraits traits)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (Scalars.Find(type) is { } scalar)
        {
            return traits.Enum.IsEmpty && !traits.AlwaysPresent ? scalar : new SchemaNode(scalar.Type, scalar.Format) { Enum = traits.Enum, AlwaysPresent = traits.AlwaysPresent };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>))
        {
            return new SchemaNode(SchemaType.Array, items: NodeOf(type.GetGenericArguments()[0], FieldTraits.None with { Enum = traits.Enum }))
            {
                ListType = traits.ListType,
                MapKeys = traits.MapKeys,
                PatchMerge = traits.PatchMerge,
                PatchRetainKeys = traits.PatchRetainKeys,
                PatchMergeKey = traits.PatchMergeKey,
                AlwaysPresent = traits.AlwaysPresent,
            };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>))
        {
            return new SchemaNode(SchemaType.Map, items: NodeOf(type.GetGenericArguments()[1], FieldTraits.None)) { Atomic = traits.Atomic, AlwaysPresent = traits.AlwaysPresent };
        }

        return new SchemaNode(SchemaType.Object, model: type) { Atomic = traits.Atomic, PatchRetainKeys = traits.PatchRetainKeys, AlwaysPresent = traits.AlwaysPresent };
    }

    private sealed class ScalarTypes
    {
        private readonly Dictionary<Type, SchemaNode> _nodes = new()
        {
            [typeof(string)] = new(SchemaType.String),
            [typeof(int)] = new(SchemaType.Integer, "int32"),
            [typeof(long)] = new(SchemaType.Integer, "int64"),
            [typeof(double)] = new(SchemaType.Number, "double"),
            [typeof(bool)] = new(SchemaType.Boolean),
            [typeof(DateTime)] = new(SchemaType.Time),
            [typeof(byte[])] = new(SchemaType.Bytes),
            [typeof(IntOrString)] = new(SchemaType.IntOrString),
            [typeof(ResourceQuantity)] = new(SchemaType.Quantity),
            [typeof(object)] = new(SchemaType.Any),
        };

        public SchemaNode? Find(Type type) => _nodes.GetValueOrDefault(type);
    }
}
