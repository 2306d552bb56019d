using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for <c>metadata</c>, which every kind shares (apimachinery's <c>ValidateObjectMeta</c>).</summary>
internal static class MetadataValidation
{
    private const int AnnotationsLimit = 256 * 1024;
    private static readonly string[] Fixed = ["name", "namespace", "uid", "creationTimestamp"];

    public static void Create(ResourceDescriptor descriptor, JsonObject metadata, FieldErrors errors)
    {
        var path = FieldPath.Of("metadata");
        Naming(descriptor, metadata, path, errors);
        errors.NonNegative(path.Field("generation"), metadata.Number("generation"));
        Labels(metadata, path.Field("labels"), errors);
        Annotations(metadata, path.Field("annotations"), errors);
        Owners(metadata, path.Field("ownerReferences"), errors);
        var finalizers = path.Field("finalizers");
        foreach (var finalizer in metadata.Strings("finalizers"))
        {
            errors.Check(finalizers, finalizer, Names.QualifiedName(finalizer));
        }
    }

    /// <summary>Of a resource inside another one: whatever it is called, its labels and annotations must be such.</summary>
    public static void Embedded(JsonObject metadata, FieldPath path, FieldErrors errors)
    {
        if (metadata.Text("name") is { Length: > 0 } name)
        {
            errors.Check(path.Field("name"), name, Names.PathSegment(name));
        }

        Labels(metadata, path.Field("labels"), errors);
        Annotations(metadata, path.Field("annotations"), errors);
        Owners(metadata, path.Field("ownerReferences"), errors);
    }

    public static void Update(JsonObject metadata, JsonObject old, FieldErrors errors)
    {
        var path = FieldPath.Of("metadata");
        foreach (var name in Fixed)
        {
            errors.Immutable(path.Field(name), metadata[name], old[name]);
        }

        // Once an object is being deleted, no new finalizer may hold it.
        if (old.Has("deletionTimestamp"))
        {
            var added = metadata.Strings("finalizers").Except(old.Strings("finalizers")).ToArray();
            if (added.Length > 0)
            {
                var list = string.Join(", ", added.Select(finalizer => $"\"{finalizer}\""));
                errors.Forbidden(path.Field("finalizers"), $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{list}}}");
            }
        }
    }

    public static void Labels(JsonObject holder, FieldPath path, FieldErrors errors) => LabelMap(holder, "labels", path, errors);

    /// <summary>A map whose keys and values are labels, under whatever name.</summary>
    public static void LabelMap(JsonObject holder, string name, FieldPath path, FieldErrors errors)
    {
        foreach (var (key, value) in holder.Pairs(name))
        {
            errors.Check(path, key, Names.QualifiedName(key));
            errors.Check(path, value, Names.LabelValue(value));
        }
    }

    public static void Annotations(JsonObject holder, FieldPath path, FieldErrors errors)
    {
        var size = 0L;
        foreach (var (key, value) in holder.Pairs("annotations"))
        {
            errors.Check(path, key, Names.QualifiedName(key.ToLowerInvariant()));
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
        }

        if (size > AnnotationsLimit)
        {
            errors.TooLong(path, AnnotationsLimit);
        }
    }

    private static void Naming(ResourceDescriptor descriptor, JsonObject metadata, FieldPath path, FieldErrors errors)
    {
        if (metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            // A prefix may end in a dash, since something will follow it.
            var masked = prefix.Length > 1 && prefix[^1] == '-' ? prefix[..^1] + 'a' : prefix;
            errors.Check(path.Field("generateName"), prefix, NameProblems(descriptor.Names, masked));
        }

        var name = metadata.Text("name");
        if (name.Length == 0)
        {
            errors.Required(path.Field("name"), "name or generateName is required");
        }
        else
        {
            errors.Check(path.Field("name"), name, NameProblems(descriptor.Names, name));
        }

        var @namespace = metadata.Text("namespace");
        if (!descriptor.Namespaced)
        {
            if (@namespace.Length > 0)
            {
                errors.Forbidden(path.Field("namespace"), "not allowed on this type");
            }
        }
        else if (@namespace.Length == 0)
        {
            errors.Required(path.Field("namespace"));
        }
        else
        {
            errors.Check(path.Field("namespace"), @namespace, Names.Dns1123Label(@namespace));
        }
    }

    internal static IReadOnlyList<string> NameProblems(NameRule rule, string name) => rule switch
    {
        NameRule.DnsLabel => Names.Dns1123Label(name),
        NameRule.Dns1035Label => Names.Dns1035Label(name),
        NameRule.PathSegment => Names.PathSegment(name),
        NameRule.IPAddress => Addresses.NameProblems(name),
        NameRule.ClusterTrustBundle => Names.ClusterTrustBundle(name),
        _ => Names.Dns1123Subdomain(name),
    };

    private static void Owners(JsonObject metadata, FieldPath path, FieldErrors errors)
    {
        string? controller = null;
        foreach (var owner in metadata.Items("ownerReferences"))
        {
            foreach (var name in new[] { "apiVersion", "kind", "name", "uid" })
            {
                if (owner.Text(name).Length == 0)
                {
                    errors.Invalid(path.Field(name), owner.Text(name), name == "apiVersion" ? "version must not be empty" : "must not be empty");
                }
            }

            if (owner.Text("apiVersion") == "v1" && owner.Text("kind") == "Event")
            {
                errors.Invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner");
            }

            if (owner.Flag("controller"))
            {
                var told = $"{owner.Text("kind")}/{owner.Text("name")}";
                if (controller is not null)
                {
                    errors.Invalid(
                        path, metadata["ownerReferences"],
                        $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {told}");
                }

                controller = told;
            }
        }
    }
}
