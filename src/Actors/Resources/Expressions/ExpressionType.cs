using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Resources.Expressions;

public enum ExpressionKind : byte
{
    /// <summary>Anything; what it is shows at evaluation.</summary>
    Dyn,

    /// <summary>The type of what did not compile; it fits everywhere, so that one mistake is told once.</summary>
    Error,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    List,
    Map,

    /// <summary>A message with known fields.</summary>
    Object,
    Optional,
    Type,

    /// <summary>A library's own type that has no fields: a quantity, an address, an authorizer.</summary>
    Opaque,

    /// <summary>A type parameter of a function.</summary>
    Parameter,
}

/// <summary>The list semantics of <c>x-kubernetes-list-type</c>, which <c>==</c> and <c>+</c> keep.</summary>
public enum ListSemantics : byte
{
    Atomic,
    Set,
    Map,
}

/// <param name="JsonName">The property's name in the object; the field's own name is its escaped form.</param>
/// <param name="Type">What it holds.</param>
public sealed record ExpressionField(string JsonName, ExpressionType Type);

/// <summary>
/// A type of the expression language and, for what comes from an API object, how its JSON is to be read: a <c>number</c> is a double even
/// where it is written without a fraction, a <c>date-time</c> string is a timestamp, a list of type <c>set</c> is equal in any order.
/// </summary>
public sealed class ExpressionType
{
    public static readonly ExpressionType Dyn = new(ExpressionKind.Dyn, "dyn");
    public static readonly ExpressionType Error = new(ExpressionKind.Error, "!error!");
    public static readonly ExpressionType Null = new(ExpressionKind.Null, "null");
    public static readonly ExpressionType Bool = new(ExpressionKind.Bool, "bool");
    public static readonly ExpressionType Int = new(ExpressionKind.Int, "int");
    public static readonly ExpressionType Uint = new(ExpressionKind.Uint, "uint");
    public static readonly ExpressionType Double = new(ExpressionKind.Double, "double");
    public static readonly ExpressionType String = new(ExpressionKind.String, "string");
    public static readonly ExpressionType Bytes = new(ExpressionKind.Bytes, "bytes");
    public static readonly ExpressionType Timestamp = new(ExpressionKind.Timestamp, "google.protobuf.Timestamp");
    public static readonly ExpressionType Duration = new(ExpressionKind.Duration, "google.protobuf.Duration");
    public static readonly ExpressionType Quantity = Opaque("kubernetes.Quantity");
    public static readonly ExpressionType Url = Opaque("kubernetes.URL");
    public static readonly ExpressionType Ip = Opaque("net.IP");
    public static readonly ExpressionType Cidr = Opaque("net.CIDR");
    public static readonly ExpressionType Semver = Opaque("kubernetes.Semver");
    public static readonly ExpressionType Format = Opaque("kubernetes.NamedFormat");
    public static readonly ExpressionType Authorizer = Opaque("kubernetes.authorization.Authorizer");
    public static readonly ExpressionType PathCheck = Opaque("kubernetes.authorization.PathCheck");
    public static readonly ExpressionType GroupCheck = Opaque("kubernetes.authorization.GroupCheck");
    public static readonly ExpressionType ResourceCheck = Opaque("kubernetes.authorization.ResourceCheck");
    public static readonly ExpressionType Decision = Opaque("kubernetes.authorization.Decision");

    /// <summary>What the items of an empty list are: whatever is wanted of them, and shown as dyn while nothing is.</summary>
    internal static readonly ExpressionType Free = Parameter("dyn");

    private readonly Lazy<IReadOnlyDictionary<string, ExpressionField>>? _fields;

    private ExpressionType(
        ExpressionKind kind, string name, ImmutableArray<ExpressionType> parameters = default, Lazy<IReadOnlyDictionary<string, ExpressionField>>? fields = null)
    {
        Kind = kind;
        Name = name;
        Parameters = parameters.IsDefault ? [] : parameters;
        _fields = fields;
    }

    public ExpressionKind Kind { get; }
    public string Name { get; }

    /// <summary>A list's or an optional's element; a map's key and value.</summary>
    public ImmutableArray<ExpressionType> Parameters { get; }

    public ListSemantics ListSemantics { get; private init; }

    /// <summary>The properties that tell the items of a <see cref="ListSemantics.Map"/> apart.</summary>
    public ImmutableArray<string> MapKeys { get; private init; } = [];

    /// <summary>The most items, pairs or characters that a valid value has, for the estimate of a rule's cost; null when unknown.</summary>
    public long? MaxElements { get; private init; }

    /// <summary>The fields of an <see cref="ExpressionKind.Object"/> by their escaped names.</summary>
    public IReadOnlyDictionary<string, ExpressionField> Fields => _fields?.Value ?? ImmutableDictionary<string, ExpressionField>.Empty;

    /// <summary>An <see cref="ExpressionKind.Object"/> that may have any field, each of any type.</summary>
    public bool IsOpen { get; private init; }

    public bool IsDyn => Kind is ExpressionKind.Dyn or ExpressionKind.Error;

    public static ExpressionType List(ExpressionType item) => new(ExpressionKind.List, "list", [item]);
    public static ExpressionType Map(ExpressionType key, ExpressionType value) => new(ExpressionKind.Map, "map", [key, value]);
    public static ExpressionType Optional(ExpressionType item) => new(ExpressionKind.Optional, "optional_type", [item]);
    public static ExpressionType TypeOf(ExpressionType type) => new(ExpressionKind.Type, "type", [type]);
    public static ExpressionType Opaque(string name) => new(ExpressionKind.Opaque, name);
    public static ExpressionType Parameter(string name) => new(ExpressionKind.Parameter, name);

    /// <param name="name">As messages show it.</param>
    /// <param name="fields">By escaped name; asked for at most once, when first needed, so that a type may contain itself.</param>
    public static ExpressionType Object(string name, Func<IReadOnlyDictionary<string, ExpressionField>> fields) =>
        new(ExpressionKind.Object, name, fields: new Lazy<IReadOnlyDictionary<string, ExpressionField>>(fields));

    /// <summary>A message whose fields nobody has declared.</summary>
    public static ExpressionType Open(string name) => new(ExpressionKind.Object, name) { IsOpen = true };

    /// <summary>The same type with the most elements that its schema allows.</summary>
    public ExpressionType AtMost(long? elements) => new(Kind, Name, Parameters, _fields) { ListSemantics = ListSemantics, MapKeys = MapKeys, MaxElements = elements };

    /// <summary>The same list with the semantics of its <c>x-kubernetes-list-type</c>.</summary>
    public ExpressionType As(ListSemantics semantics, ImmutableArray<string> mapKeys = default) =>
        new(Kind, Name, Parameters, _fields) { ListSemantics = semantics, MapKeys = mapKeys.IsDefault ? [] : mapKeys, MaxElements = MaxElements };

    public override string ToString() => Kind switch
    {
        ExpressionKind.List or ExpressionKind.Map or ExpressionKind.Optional or ExpressionKind.Type when Parameters.Length > 0 => $"{Name}({string.Join(", ", Parameters)})",
        _ => Name,
    };
}
