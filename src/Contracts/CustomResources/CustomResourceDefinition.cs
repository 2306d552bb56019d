using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>The names of a custom kind.</summary>
public sealed record CustomNames(string Plural, string Singular, string Kind, string ListKind, ImmutableArray<string> ShortNames, ImmutableArray<string> Categories)
{
    public static CustomNames Read(JsonObject? names) => names is null
        ? new("", "", "", "", [], [])
        : new(
            names.Text("plural"), names.Text("singular"), names.Text("kind"), names.Text("listKind"),
            [.. names.Strings("shortNames")], [.. names.Strings("categories")]);
}

/// <summary>A CustomResourceDefinition as the rest of the program reads it. Immutable; read once for each revision of the object.</summary>
public sealed class CustomResourceDefinition
{
    private CustomResourceDefinition(JsonObject obj)
    {
        var spec = obj.Child("spec") ?? [];
        var status = obj.Child("status") ?? [];
        Name = obj.Child("metadata")?.Text("name") ?? "";
        Uid = obj.Child("metadata")?.Text("uid") ?? "";
        Generation = obj.Child("metadata")?.Number("generation") ?? 0;
        Group = spec.Text("group");
        Namespaced = spec.Text("scope") == "Namespaced";
        Names = CustomNames.Read(spec.Child("names"));
        AcceptedNames = CustomNames.Read(status.Child("acceptedNames"));
        PreservesUnknown = spec.Flag("preserveUnknownFields");
        Conversion = CustomConversion.Read(spec.Child("conversion"));
        Conditions = [.. status.Items("conditions")];
        StoredVersions = [.. status.Strings("storedVersions")];
        ImmutableArray<JsonObject> versions = [.. spec.Items("versions")];
        Versions = [.. versions.Select(version => new CustomVersion(this, version, versions))];
        StorageVersion = Versions.FirstOrDefault(version => version.IsStorage)?.Name ?? "";
    }

    public string Name { get; }
    public string Uid { get; }

    /// <summary>Of the specification; 1 until it is changed for the first time.</summary>
    public long Generation { get; }

    public string Group { get; }
    public bool Namespaced { get; }

    /// <summary>What its author asked for.</summary>
    public CustomNames Names { get; }

    /// <summary>What it has got; others may have had some of the names before.</summary>
    public CustomNames AcceptedNames { get; }

    public bool PreservesUnknown { get; }
    public CustomConversion Conversion { get; }
    public ImmutableArray<CustomVersion> Versions { get; }

    /// <summary>The version in which objects are stored.</summary>
    public string StorageVersion { get; }

    /// <summary>Every version in which objects may still be stored.</summary>
    public ImmutableArray<string> StoredVersions { get; }

    public ImmutableArray<JsonObject> Conditions { get; }

    public bool IsEstablished => IsTrue("Established");
    public bool IsTerminating => IsTrue("Terminating");

    /// <summary>The stored type of its objects.</summary>
    public ResourceType Type => new(Group, Names.Plural);

    public static CustomResourceDefinition Read(JsonObject obj) => new(obj);

    public bool IsTrue(string condition) =>
        Conditions.Any(item => item.Text("type") == condition && item.Text("status") == "True");
}

/// <summary>One version of a custom kind.</summary>
public sealed class CustomVersion
{
    private readonly JsonObject _source;
    private StructuralSchema? _schema;
    private ObjectSchema? _objectSchema;
    private ObjectSchema? _listSchema;

    internal CustomVersion(CustomResourceDefinition definition, JsonObject source, ImmutableArray<JsonObject> all)
    {
        _source = source;
        Definition = definition;
        Name = source.Text("name");
        IsServed = source.Flag("served");
        IsStorage = source.Flag("storage");
        if (source.Flag("deprecated"))
        {
            DeprecationWarning = source.Text("deprecationWarning") is { Length: > 0 } own
                ? own
                : $"{definition.Group}/{Name} {definition.Names.Kind} is deprecated{Successor(definition, all)}";
        }

        var subresources = source.Child("subresources");
        HasStatus = subresources?.Child("status") is not null;
        Scale = subresources?.Child("scale") is { } scale
            ? new CustomScale(Steps(scale.Text("specReplicasPath")), Steps(scale.Text("statusReplicasPath")), Steps(scale.Text("labelSelectorPath")))
            : null;
        Columns = [.. source.Items("additionalPrinterColumns")];
        SelectablePaths = [.. source.Items("selectableFields").Select(field => field.Text("jsonPath"))];
    }

    public CustomResourceDefinition Definition { get; }
    public string Name { get; }
    public bool IsServed { get; }
    public bool IsStorage { get; }

    /// <summary>Sent along with every answer of this version; null while it is current.</summary>
    public string? DeprecationWarning { get; }

    public bool HasStatus { get; }
    public CustomScale? Scale { get; }

    /// <summary>As the definition has them.</summary>
    public ImmutableArray<JsonObject> Columns { get; }

    public ImmutableArray<string> SelectablePaths { get; }
    public string ApiVersion => $"{Definition.Group}/{Name}";

    /// <summary>False when the definition says nothing of this version's fields.</summary>
    public bool HasSchema => _source.Child("schema")?.Child("openAPIV3Schema") is not null;

    /// <summary>Read when it is first asked for.</summary>
    public StructuralSchema Schema => _schema ??=
        _source.Child("schema")?.Child("openAPIV3Schema") is { } schema ? StructuralSchema.Read(schema) : StructuralSchema.Anything;

    /// <summary>Objects that were stored in this version as it shows them; null when they are as it shows them.</summary>
    public CompletedObjects? Completed => StoresWhatItShows ? null : field ??= new CompletedObjects(this);

    /// <summary>
    /// Everything was written through this one version and by the very rules that it has today: what is stored has its shape already. Only a status with a
    /// default of its own is not stored, as a creation leaves the status out.
    /// </summary>
    private bool StoresWhatItShows =>
        Definition.Generation == 1 && Definition.Versions.Length == 1 && !(HasStatus && Schema.Properties.TryGetValue("status", out var status) && status.Default is not null);

    /// <summary>The fields of whole objects, as merging and applying see them.</summary>
    public ObjectSchema ObjectSchema => _objectSchema ??= ObjectSchema.Of(this);

    /// <summary>Their list, as clients are told of it.</summary>
    public ObjectSchema ListSchema => _listSchema ??= ObjectSchema.ListOf(this);

    /// <summary>Names the preferred of the current versions that come before this one in the order of preference.</summary>
    private string Successor(CustomResourceDefinition definition, ImmutableArray<JsonObject> all)
    {
        var better = all.Where(version => version.Flag("served") && !version.Flag("deprecated"))
            .Select(version => version.Text("name"))
            .Where(name => KubeVersion.PreferredFirst.Compare(name, Name) < 0)
            .Order(KubeVersion.PreferredFirst)
            .FirstOrDefault();
        return better is null ? "" : $"; use {definition.Group}/{better} {definition.Names.Kind}";
    }

    internal static ImmutableArray<string> Steps(string path) => [.. path.Split('.', StringSplitOptions.RemoveEmptyEntries)];
}

/// <summary>Where a custom object has what <c>autoscaling/v1 Scale</c> shows; each path is a row of field names, empty for none.</summary>
public sealed record CustomScale(ImmutableArray<string> SpecReplicas, ImmutableArray<string> StatusReplicas, ImmutableArray<string> LabelSelector);

/// <summary>How objects of one version become those of another.</summary>
/// <param name="IsWebhook">By asking <paramref name="Client"/>; otherwise only the version's name is rewritten.</param>
/// <param name="ReviewVersions">The versions of ConversionReview that the webhook understands, preferred first.</param>
/// <param name="Client">Its <c>webhook.clientConfig</c>; null without a webhook.</param>
public sealed record CustomConversion(bool IsWebhook, ImmutableArray<string> ReviewVersions, JsonObject? Client)
{
    public static CustomConversion Read(JsonObject? conversion) => conversion?.Text("strategy") == "Webhook"
        ? new(true, [.. conversion.Child("webhook")?.Strings("conversionReviewVersions") ?? []], conversion.Child("webhook")?.Child("clientConfig"))
        : new(false, [], null);
}
