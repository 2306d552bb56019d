using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>What every object's <c>metadata</c> must be, and what an update may not change in it (apimachinery's <c>ValidateObjectMeta</c>).</summary>
public static class MetadataRules
{
    private const int MaxAnnotationBytes = 256 * 1024;

    /// <param name="metadata">The metadata to be stored, with its final name.</param>
    /// <param name="nameRule">The kind's rule for names.</param>
    /// <param name="errors">Where what is wrong is added.</param>
    public static void Validate(JsonObject metadata, Func<string, IReadOnlyList<string>> nameRule, FieldErrors errors)
    {
        var generateName = metadata.Text("generateName");
        if (generateName.Length > 0)
        {
            Check(nameRule(MaskTrailingDash(generateName)), "metadata.generateName", generateName, errors);
        }

        var name = metadata.Text("name");
        if (name.Length == 0)
        {
            errors.Required("metadata.name", "name or generateName is required");
        }
        else
        {
            Check(nameRule(name), "metadata.name", name, errors);
        }

        ValidateLabels(metadata.Object("labels"), "metadata.labels", errors);
        ValidateAnnotations(metadata.Object("annotations"), errors);
        ValidateOwners(metadata.Array("ownerReferences"), errors);
        foreach (var finalizer in metadata.Strings("finalizers"))
        {
            Check(Names.QualifiedName(finalizer), "metadata.finalizers", finalizer, errors);
        }
    }

    public static void ValidateLabels(JsonObject? labels, string field, FieldErrors errors)
    {
        foreach (var (key, node) in labels ?? [])
        {
            Check(Names.QualifiedName(key), field, key, errors);
            var value = node is JsonValue text && text.TryGetValue<string>(out var plain) ? plain : "";
            Check(Names.LabelValue(value), field, value, errors);
        }
    }

    /// <summary>The rules between an object and its successor.</summary>
    public static void ValidateUpdate(JsonObject metadata, JsonObject old, FieldErrors errors)
    {
        if (old.Text("deletionTimestamp").Length == 0)
        {
            return;
        }

        var before = old.Strings("finalizers");
        var added = metadata.Strings("finalizers").Where(finalizer => !before.Contains(finalizer)).ToArray();
        if (added.Length > 0)
        {
            var list = string.Join(", ", added.Select(finalizer => $"\"{finalizer}\""));
            errors.Forbidden("metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{list}}}");
        }
    }

    private static void ValidateAnnotations(JsonObject? annotations, FieldErrors errors)
    {
        var size = 0L;
        foreach (var (key, node) in annotations ?? [])
        {
            Check(Names.QualifiedName(key.ToLowerInvariant()), "metadata.annotations", key, errors);
            size += key.Length + (node is JsonValue text && text.TryGetValue<string>(out var value) ? value.Length : 0);
        }

        if (size > MaxAnnotationBytes)
        {
            errors.TooLong("metadata.annotations", MaxAnnotationBytes);
        }
    }

    private static void ValidateOwners(JsonArray? owners, FieldErrors errors)
    {
        var controllers = 0;
        for (var i = 0; i < (owners?.Count ?? 0); i++)
        {
            var owner = owners![i];
            foreach (var property in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid"])
            {
                if (owner.Text(property).Length == 0)
                {
                    errors.Invalid($"metadata.ownerReferences[{i}].{property}", "", $"{(property == "apiVersion" ? "version" : property)} must not be empty");
                }
            }

            controllers += owner.Flag("controller") ? 1 : 0;
        }

        if (controllers > 1)
        {
            errors.InvalidValue("metadata.ownerReferences", owners!.ToJsonString(), "Only one reference can have Controller set to true");
        }
    }

    private static void Check(IReadOnlyList<string> problems, string field, string value, FieldErrors errors)
    {
        foreach (var problem in problems)
        {
            errors.Invalid(field, value, problem);
        }
    }

    /// <summary>A prefix may end in a dash, because characters follow it.</summary>
    private static string MaskTrailingDash(string prefix) => prefix.Length > 1 && prefix[^1] == '-' ? prefix[..^1] + "a" : prefix;
}
