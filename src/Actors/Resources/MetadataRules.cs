using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>What every object's <c>metadata</c> must be, and what an update may not change in it (apimachinery's <c>ValidateObjectMeta</c>).</summary>
public static class MetadataRules
{
    private const int MaxAnnotationBytes = 256 * 1024;

    /// <param name="metadata">The metadata to be stored, with its final name.</param>
    /// <param name="nameRule">The kind's rule for names.</param>
    /// <param name="errors">Where what is wrong is added.</param>
    public static void Validate(JsonObject metadata, Func<string, string?> nameRule, FieldErrors errors)
    {
        var generateName = metadata.Text("generateName");
        if (generateName.Length > 0 && nameRule(MaskTrailingDash(generateName)) is { } wrongPrefix)
        {
            errors.Invalid("metadata.generateName", generateName, wrongPrefix);
        }

        var name = metadata.Text("name");
        if (name.Length == 0)
        {
            errors.Required("metadata.name", "name or generateName is required");
        }
        else if (nameRule(name) is { } wrongName)
        {
            errors.Invalid("metadata.name", name, wrongName);
        }

        ValidateLabels(metadata.Object("labels"), "metadata.labels", errors);
        ValidateAnnotations(metadata.Object("annotations"), errors);
        ValidateOwners(metadata.Array("ownerReferences"), errors);
        foreach (var finalizer in metadata.Strings("finalizers"))
        {
            if (ObjectNames.QualifiedNameError(finalizer) is { } wrong)
            {
                errors.Invalid("metadata.finalizers", finalizer, wrong);
            }
        }
    }

    public static void ValidateLabels(JsonObject? labels, string field, FieldErrors errors)
    {
        foreach (var (key, node) in labels ?? [])
        {
            if (ObjectNames.QualifiedNameError(key) is { } wrongKey)
            {
                errors.Invalid(field, key, wrongKey);
            }

            var value = node is JsonValue text && text.TryGetValue<string>(out var plain) ? plain : "";
            if (ObjectNames.LabelValueError(value) is { } wrongValue)
            {
                errors.Invalid(field, value, wrongValue);
            }
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
            if (ObjectNames.QualifiedNameError(key.ToLowerInvariant()) is { } wrong)
            {
                errors.Invalid("metadata.annotations", key, wrong);
            }

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

    /// <summary>A prefix may end in a dash, because characters follow it.</summary>
    private static string MaskTrailingDash(string prefix) => prefix.Length > 1 && prefix[^1] == '-' ? prefix[..^1] + "a" : prefix;
}
