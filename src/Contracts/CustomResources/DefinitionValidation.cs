using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// The rules for CustomResourceDefinitions (apiextensions' <c>validation.go</c>). What all versions say alike is told at the place where upstream's
/// internal form has it: <c>spec.validation</c>, <c>spec.subresources</c> and so on.
/// </summary>
public static class DefinitionValidation
{
    private const int MaxSelectableFields = 8;
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    /// <summary>What makes the schemas of a stored definition not structural; empty when they are.</summary>
    public static string StructuralProblems(JsonObject definition)
    {
        var errors = new FieldErrors();
        if (definition.Child("spec") is not { } spec)
        {
            return "";
        }

        if (spec.Flag("preserveUnknownFields"))
        {
            errors.Invalid(Spec.Field("preserveUnknownFields"), JsonValue.Create(true), "must be false");
        }

        var versions = spec.Items("versions").ToArray();
        for (var i = 0; i < versions.Length; i++)
        {
            if (versions[i].Child("schema")?.Child("openAPIV3Schema") is { } schema)
            {
                StructuralRules.Check(schema, Spec.Field("versions").Index(i).Field("schema").Field("openAPIV3Schema"), errors);
            }
        }

        var problems = errors.ToImmutable().Select(cause => $"{cause.Field}: {cause.Message}").ToArray();
        return problems.Length <= 1 ? string.Concat(problems) : $"[{string.Join(", ", problems)}]";
    }

    internal static void Validate(JsonObject definition, JsonObject? old, FieldErrors errors)
    {
        var spec = definition.Child("spec") ?? [];
        var names = spec.Child("names") ?? [];
        var required = $"{names.Text("plural")}.{spec.Text("group")}";
        if (old is null && definition.Child("metadata")?.Text("name") is { } name && name != required)
        {
            errors.Invalid(FieldPath.Of("metadata", "name"), name, "must be spec.names.plural+\".\"+spec.group");
        }

        Identity(spec, errors);
        Versions(spec, old?.Child("spec"), errors);
        Names(names, Spec.Field("names"), required: true, errors);
        DefinitionConversion.Validate(spec.Child("conversion"), old, errors);
        if (old is not null)
        {
            Update(spec, old, errors);
        }

        Names(definition.Child("status")?.Child("acceptedNames") ?? [], FieldPath.Of("status", "acceptedNames"), required: false, errors);
        StoredVersions(definition, errors);
        Approval(definition, old, errors);
        if (spec.Flag("preserveUnknownFields") && old?.Child("spec")?.Flag("preserveUnknownFields") != true)
        {
            errors.Invalid(
                Spec.Field("preserveUnknownFields"), JsonValue.Create(true),
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead");
        }
    }

    private static void Identity(JsonObject spec, FieldErrors errors)
    {
        var group = spec.Text("group");
        if (group.Length == 0)
        {
            errors.Required(Spec.Field("group"));
        }
        else if (Validation.Names.Dns1123Subdomain(group) is { Count: > 0 } problems)
        {
            errors.Invalid(Spec.Field("group"), group, string.Join(',', problems));
        }
        else if (!group.Contains('.', StringComparison.Ordinal))
        {
            errors.Invalid(Spec.Field("group"), group, "should be a domain with at least one dot");
        }

        errors.OneOf(Spec.Field("scope"), spec.Text("scope"), ["Cluster", "Namespaced"]);
    }

    private static void Update(JsonObject spec, JsonObject old, FieldErrors errors)
    {
        var before = old.Child("spec") ?? [];
        if (CustomResourceDefinition.Read(old).IsEstablished)
        {
            errors.Immutable(Spec.Field("scope"), spec["scope"], before["scope"]);
            errors.Immutable(Spec.Field("names").Field("kind"), spec.Child("names")?["kind"], before.Child("names")?["kind"]);
        }

        errors.Immutable(Spec.Field("group"), spec["group"], before["group"]);
        errors.Immutable(Spec.Field("names").Field("plural"), spec.Child("names")?["plural"], before.Child("names")?["plural"]);
    }

    private static void Versions(JsonObject spec, JsonObject? old, FieldErrors errors)
    {
        var versions = spec.Items("versions").ToArray();
        var path = Spec.Field("versions");
        var shared = SharedParts.Of(versions);
        for (var i = 0; i < versions.Length; i++)
        {
            if (versions[i].Child("schema")?.Child("openAPIV3Schema") is null)
            {
                errors.Required(path.Index(i).Field("schema").Field("openAPIV3Schema"));
            }
        }

        for (var i = 0; i < versions.Length; i++)
        {
            Version(versions[i], path.Index(i), shared, errors);
        }

        var names = versions.Select(version => version.Text("name")).ToArray();
        if (names.Distinct(StringComparer.Ordinal).Count() != names.Length)
        {
            errors.Invalid(path, spec["versions"], "must contain unique version names");
        }

        if (versions.Count(version => version.Flag("storage")) != 1)
        {
            errors.Invalid(path, spec["versions"], "must have exactly one version marked as storage version");
        }

        if (versions.Length > 0)
        {
            // Parts that every version has alike are judged once.
            Parts(versions[0], Spec, shared, judgeShared: true, errors);
        }
    }

    private static void Version(JsonObject version, FieldPath path, SharedParts shared, FieldErrors errors)
    {
        var name = version.Text("name");
        if (Validation.Names.Dns1035Label(name) is { Count: > 0 } problems)
        {
            errors.Invalid(path.Field("name"), name, string.Join(',', problems));
        }

        Deprecation(version, path.Field("deprecationWarning"), errors);
        Parts(version, path, shared, judgeShared: false, errors);
    }

    /// <summary>Either the parts that all versions share or those that are this version's own.</summary>
    private static void Parts(JsonObject version, FieldPath path, SharedParts shared, bool judgeShared, FieldErrors errors)
    {
        var schema = version.Child("schema")?.Child("openAPIV3Schema");
        if (shared.Schema == judgeShared && schema is not null)
        {
            var place = path.Field(judgeShared ? "validation" : "schema");
            SchemaValidation.Validate(schema, place, version.Child("subresources")?.Child("status") is not null, errors);
        }

        if (shared.Subresources == judgeShared && version.Child("subresources")?.Child("scale") is { } scale)
        {
            Scale(scale, path.Field("subresources"), errors);
        }

        if (shared.Columns == judgeShared)
        {
            var columns = version.Items("additionalPrinterColumns").ToArray();
            for (var i = 0; i < columns.Length; i++)
            {
                Column(columns[i], path.Field("additionalPrinterColumns").Index(i), errors);
            }
        }

        if (shared.SelectableFields == judgeShared && version.Count("selectableFields") > 0)
        {
            SelectableFields(version, schema, path.Field("selectableFields"), errors);
        }
    }

    private static void Deprecation(JsonObject version, FieldPath path, FieldErrors errors)
    {
        if (version["deprecationWarning"] is null)
        {
            return;
        }

        var warning = version.Text("deprecationWarning");
        var problem = !version.Flag("deprecated") ? "can only be set for deprecated versions"
            : warning.Length == 0 ? "must not be an empty string"
            : System.Text.Encoding.UTF8.GetByteCount(warning) > 256 ? "must be <= 256 characters long"
            : warning.IndexOf(warning.FirstOrDefault(char.IsControl)) is >= 0 and var at ? $"must only contain printable UTF-8 characters; non-printable character found at index {at}"
            : null;
        if (problem is not null)
        {
            errors.Invalid(path, warning, problem);
        }
    }

    private static void Names(JsonObject names, FieldPath path, bool required, FieldErrors errors)
    {
        foreach (var field in (string[])["plural", "singular", "kind", "listKind"])
        {
            var name = names.Text(field);
            var isKind = field is "kind" or "listKind";
            if (name.Length == 0)
            {
                if (required)
                {
                    errors.Required(path.Field(field));
                }
            }
            else if (Validation.Names.Dns1035Label(isKind ? name.ToLowerInvariant() : name) is { Count: > 0 } problems)
            {
                errors.Invalid(path.Field(field), name, (isKind ? "may have mixed case, but should otherwise match: " : "") + string.Join(',', problems));
            }
        }

        foreach (var field in (string[])["shortNames", "categories"])
        {
            var i = 0;
            foreach (var name in names.Strings(field))
            {
                if (Validation.Names.Dns1035Label(name) is { Count: > 0 } problems)
                {
                    errors.Invalid(path.Field(field).Index(i), name, string.Join(',', problems));
                }

                i++;
            }
        }

        if (names.Text("kind").Length > 0 && names.Text("kind") == names.Text("listKind"))
        {
            errors.Invalid(path.Field("listKind"), names.Text("listKind"), "kind and listKind may not be the same");
        }
    }

    private static void StoredVersions(JsonObject definition, FieldErrors errors)
    {
        var path = FieldPath.Of("status", "storedVersions");
        var stored = definition.Child("status")?.Strings("storedVersions").ToArray() ?? [];
        if (stored.Length == 0)
        {
            errors.Invalid(path, new JsonArray(), "must have at least one stored version");
            return;
        }

        var versions = definition.Child("spec")?.Items("versions").ToArray() ?? [];
        foreach (var storage in versions.Where(version => version.Flag("storage") && !stored.Contains(version.Text("name"))))
        {
            errors.Invalid(path, definition.Child("status")!["storedVersions"], "must have the storage version " + storage.Text("name"));
        }

        for (var i = 0; i < stored.Length; i++)
        {
            var name = stored[i];
            if (versions.All(version => version.Text("name") != name))
            {
                errors.Invalid(
                    path.Index(i), name,
                    $"missing from spec.versions; {name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in {name} and removes {name} from status.storedVersions");
            }
        }
    }

    private static void Approval(JsonObject definition, JsonObject? old, FieldErrors errors)
    {
        if (!ApprovalPolicy.IsProtected(definition.Child("spec")?.Text("group") ?? ""))
        {
            return;
        }

        var annotation = AnnotationOf(definition);
        var (state, message) = ApprovalPolicy.Judge(annotation);
        if (old is not null && ApprovalPolicy.Judge(AnnotationOf(old)).State == state)
        {
            return;
        }

        var path = FieldPath.Of("metadata", "annotations").Key(ApprovalPolicy.Annotation);
        if (state == ApprovalState.Missing)
        {
            errors.Required(path, message);
        }
        else if (state == ApprovalState.Invalid)
        {
            errors.Invalid(path, annotation, message);
        }
    }

    private static string AnnotationOf(JsonObject definition) => definition.Child("metadata")?.Child("annotations")?.Text(ApprovalPolicy.Annotation) ?? "";

    private static void Column(JsonObject column, FieldPath path, FieldErrors errors)
    {
        string[] types = ["boolean", "date", "integer", "number", "string"];
        string[] formats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
        if (column.Text("name").Length == 0)
        {
            errors.Required(path.Field("name"));
        }

        var type = column.Text("type");
        var accepted = $"must be one of {string.Join(',', types)}";
        if (type.Length == 0)
        {
            errors.Required(path.Field("type"), accepted);
        }
        else if (!types.Contains(type))
        {
            errors.Invalid(path.Field("type"), type, accepted);
        }

        var format = column.Text("format");
        if (format.Length > 0 && !formats.Contains(format))
        {
            errors.Invalid(path.Field("format"), format, $"must be one of {string.Join(',', formats)}");
        }

        var jsonPath = column.Text("jsonPath");
        if (jsonPath.Length == 0)
        {
            errors.Required(path.Field("JSONPath"));
        }
        else if (SimplePathProblem(jsonPath) is { } problem)
        {
            errors.Invalid(path.Field("JSONPath"), jsonPath, problem);
        }
    }

    private static void Scale(JsonObject scale, FieldPath path, FieldErrors errors)
    {
        Path("specReplicasPath", ".spec.", "should be a json path under .spec");
        Path("statusReplicasPath", ".status.", "should be a json path under .status");
        var selector = scale.Text("labelSelectorPath");
        if (selector.Length > 0)
        {
            var under = selector.StartsWith(".spec.", StringComparison.Ordinal) || selector.StartsWith(".status.", StringComparison.Ordinal);
            if ((SimplePathProblem(selector) ?? (under ? null : "should be a json path under either .spec or .status")) is { } problem)
            {
                errors.Invalid(path.Field("scale.labelSelectorPath"), selector, problem);
            }
        }

        void Path(string field, string prefix, string elsewhere)
        {
            var text = scale.Text(field);
            var place = path.Field("scale." + field);
            if (text.Length == 0)
            {
                errors.Required(place);
            }
            else if ((SimplePathProblem(text) ?? (text.StartsWith(prefix, StringComparison.Ordinal) ? null : elsewhere)) is { } problem)
            {
                errors.Invalid(place, text, problem);
            }
        }
    }

    private static string? SimplePathProblem(string path) => path[0] == '.' ? null : "must be a simple json path starting with .";

    private static void SelectableFields(JsonObject version, JsonObject? schema, FieldPath path, FieldErrors errors)
    {
        var root = schema is null ? StructuralSchema.Anything : StructuralSchema.Read(schema);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var fields = version.Items("selectableFields").ToArray();
        for (var i = 0; i < fields.Length; i++)
        {
            var text = fields[i].Text("jsonPath");
            var place = path.Index(i).Field("jsonPath");
            if (text.Length == 0)
            {
                errors.Required(place);
                continue;
            }

            if (text[0] != '.' || text.Contains('[', StringComparison.Ordinal) || text.Split('.').Skip(1).Any(step => step.Length == 0))
            {
                errors.Invalid(place, text, $"is an invalid path: expected [ or . but got: {text[0]}");
                continue;
            }

            var steps = text[1..].Split('.');
            if (steps[0] == "metadata")
            {
                errors.Invalid(place, text, "must not point to fields in metadata");
            }

            var found = steps.Aggregate((StructuralSchema?)root, (node, step) => node?.Properties.GetValueOrDefault(step));
            if (found is null && steps[0] != "metadata")
            {
                errors.Invalid(place, text, $"is an invalid path: does not refer to a valid field");
            }
            else if (found is not null && found.Type is not ("string" or "boolean" or "integer"))
            {
                errors.Invalid(place, text, "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.");
            }

            if (!seen.Add(text))
            {
                errors.Duplicate(place, text);
            }
        }

        if (seen.Count > MaxSelectableFields)
        {
            errors.TooMany(path, seen.Count, MaxSelectableFields);
        }
    }

    /// <summary>Which parts all versions have alike.</summary>
    private sealed record SharedParts(bool Schema, bool Subresources, bool Columns, bool SelectableFields)
    {
        public static SharedParts Of(JsonObject[] versions) =>
            new(Alike(versions, "schema"), Alike(versions, "subresources"), Alike(versions, "additionalPrinterColumns"), Alike(versions, "selectableFields"));

        private static bool Alike(JsonObject[] versions, string part) => versions.All(version => JsonNode.DeepEquals(version[part], versions[0][part]));
    }
}
