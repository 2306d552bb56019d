using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Matching;

/// <summary>A request as webhooks and policies see it: what they match, and what they are told.</summary>
public sealed class AdmissionSubject(AdmissionRequest request, ICatalogSource catalog)
{
    public AdmissionRequest Request => request;

    /// <summary>CREATE, UPDATE, DELETE or CONNECT.</summary>
    public string Operation { get; } = request.Operation switch
    {
        AdmissionOperation.Create => "CREATE",
        AdmissionOperation.Update => "UPDATE",
        AdmissionOperation.Connect => "CONNECT",
        _ => "DELETE",
    };

    /// <summary>The version in which the author speaks.</summary>
    public ResourceDescriptor Requested { get; } = request.Options.View ?? request.Descriptor;

    /// <summary>The other versions and groups in which the same objects are served.</summary>
    public IEnumerable<ResourceDescriptor> Equivalents =>
        catalog.Current.All.Where(view => view.Type == request.Key.Type && !ReferenceEquals(view, Requested) && !view.Virtual);

    /// <summary>Null for a deletion.</summary>
    public JsonObject? Object => request.Operation == AdmissionOperation.Delete ? null : request.Object;

    /// <summary>Null for a creation.</summary>
    public JsonObject? Old => request.Operation is AdmissionOperation.Create or AdmissionOperation.Connect ? null : request.Old;

    private bool IsNamespace => request.Key.Type == ResourceTypes.Namespaces;

    /// <summary>Nothing judges the configuration of admission itself: a bad one could never be taken away.</summary>
    public static bool IsExempt(ResourceType type) =>
        type == ResourceTypes.ValidatingWebhookConfigurations || type == ResourceTypes.MutatingWebhookConfigurations
        || type == ResourceTypes.ValidatingAdmissionPolicies || type == ResourceTypes.ValidatingAdmissionPolicyBindings
        || type == ResourceTypes.MutatingAdmissionPolicies || type == ResourceTypes.MutatingAdmissionPolicyBindings;

    public bool Matches(MatchRule rule, ResourceDescriptor view) =>
        rule.Matches(Operation, view, request.Options.Subresource, request.Descriptor.Namespaced && !IsNamespace, request.Key.Name);

    /// <summary>By the labels of the object's namespace, of the namespace that it is, or of nothing, which matches everything.</summary>
    public bool NamespaceMatches(LabelSelector selector)
    {
        if (IsNamespace)
        {
            return selector.Matches(LabelsOf(Object ?? Old));
        }

        return !request.Descriptor.Namespaced || (Namespace is { } found && selector.Matches(found.Metadata.Labels));
    }

    public bool LabelsMatch(LabelSelector selector) =>
        (Object is { } obj && selector.Matches(LabelsOf(obj))) || (Old is { } old && selector.Matches(LabelsOf(old)));

    /// <summary>The namespace that the object is in; null for cluster-scoped kinds.</summary>
    public StoredObject? Namespace => request.Descriptor.Namespaced ? request.Snapshot.Find(new ObjectKey(ResourceTypes.Namespaces, "", request.Key.Namespace)) : null;

    /// <summary>An object of the request in a version; a copy, which the reader may keep.</summary>
    public async ValueTask<JsonObject?> InVersionAsync(JsonObject? obj, ResourceDescriptor view, CancellationToken cancellation)
    {
        if ((JsonObject?)obj?.DeepClone() is not { } copy)
        {
            return null;
        }

        if (request.Descriptor.Custom is not null)
        {
            return Between(view) is { } custom ? await custom.ConvertAsync(copy, view.ApiVersion, cancellation).ConfigureAwait(false) : copy;
        }

        return view.Converter is { } converter ? (await converter.FromStorageAsync([copy], view.ApiVersion, cancellation).ConfigureAwait(false))[0] : copy;
    }

    /// <summary>The way back: an object in a version as the request has it. Takes the tree over.</summary>
    public async ValueTask<JsonObject> FromVersionAsync(JsonObject obj, ResourceDescriptor view, CancellationToken cancellation)
    {
        if (request.Descriptor.Custom is not null)
        {
            return Between(view) is { } custom ? await custom.ConvertAsync(obj, request.Descriptor.ApiVersion, cancellation).ConfigureAwait(false) : obj;
        }

        return view.Converter is { } converter ? (await converter.ToStorageAsync([obj], view.ApiVersion, cancellation).ConfigureAwait(false))[0] : obj;
    }

    /// <summary>The request's own version needs no conversion, and where there are two one of them has the converter.</summary>
    private CustomConverter? Between(ResourceDescriptor view) =>
        view.ApiVersion == request.Descriptor.ApiVersion ? null : (view.Converter ?? request.Descriptor.Converter) as CustomConverter;

    /// <summary>What is told of the request, without the objects (<c>admission.k8s.io/v1 AdmissionRequest</c>).</summary>
    public JsonObject Describe(ResourceDescriptor view)
    {
        var user = request.Options.User;
        var userInfo = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0)
        {
            userInfo["uid"] = user.Uid;
        }

        userInfo["groups"] = new JsonArray([.. user.Groups.Select(group => (JsonNode)JsonValue.Create(group))]);
        if (!user.Extra.IsEmpty)
        {
            userInfo["extra"] = new JsonObject(user.Extra.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)new JsonArray([.. pair.Value.Select(v => (JsonNode)JsonValue.Create(v))]))));
        }

        var described = new JsonObject
        {
            ["kind"] = KindOf(view),
            ["resource"] = ResourceOf(view),
            ["requestKind"] = KindOf(Requested),
            ["requestResource"] = ResourceOf(Requested),
            ["operation"] = Operation,
            ["userInfo"] = userInfo,
            ["dryRun"] = request.Options.DryRun,
            ["options"] = request.Operation == AdmissionOperation.Connect ? null : OptionsOf(),
        };
        if (request.Options.Subresource.Length > 0)
        {
            described["subResource"] = request.Options.Subresource;
            described["requestSubResource"] = request.Options.Subresource;
        }

        if (request.Key.Name.Length > 0)
        {
            described["name"] = request.Key.Name;
        }

        var @namespace = IsNamespace ? request.Key.Name : request.Key.Namespace;
        if (@namespace.Length > 0)
        {
            described["namespace"] = @namespace;
        }

        return described;
    }

    private static ImmutableDictionary<string, string> LabelsOf(JsonObject? obj)
    {
        var labels = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in obj.Object("metadata").Object("labels") ?? [])
        {
            labels[name] = value?.ToString() ?? "";
        }

        return labels.ToImmutable();
    }

    private JsonObject KindOf(ResourceDescriptor view) => new()
    {
        ["group"] = view.Group,
        ["version"] = view.Version,
        ["kind"] = request.OptionsKind.Length > 0 ? request.OptionsKind : view.Kind,
    };

    private static JsonObject ResourceOf(ResourceDescriptor view) => new() { ["group"] = view.Group, ["version"] = view.Version, ["resource"] = view.Plural };

    private JsonObject OptionsOf()
    {
        var options = new JsonObject
        {
            ["kind"] = request.Operation switch { AdmissionOperation.Create => "CreateOptions", AdmissionOperation.Delete => "DeleteOptions", _ => "UpdateOptions" },
            ["apiVersion"] = "meta.k8s.io/v1",
        };
        if (request.Options.DryRun)
        {
            options["dryRun"] = new JsonArray("All");
        }

        if (request.Options.FieldManager.Length > 0 && request.Operation != AdmissionOperation.Delete)
        {
            options["fieldManager"] = request.Options.FieldManager;
        }

        return options;
    }
}
