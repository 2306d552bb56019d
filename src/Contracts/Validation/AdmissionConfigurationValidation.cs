using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for the kinds of admissionregistration.k8s.io, but for whether an expression compiles, and for flowcontrol.apiserver.k8s.io.</summary>
internal static class AdmissionConfigurationValidation
{
    private const int MostConditions = 64;
    private const int MostAnnotations = 20;
    private const int LongestAnnotation = 5 * 1024;
    private static readonly string[] Reserved =
    [
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return",
        "var", "void", "while",
    ];

    private static readonly string[] Operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
    private static readonly string[] RuleScopes = ["*", "Cluster", "Namespaced"];
    private static readonly string[] FailurePolicies = ["Fail", "Ignore"];
    private static readonly string[] MatchPolicies = ["Equivalent", "Exact"];
    private static readonly string[] Reinvocations = ["IfNeeded", "Never"];

    public static void Webhooks(JsonObject configuration, JsonObject? old, FieldErrors errors)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, webhook) in configuration.Items("webhooks").Index())
        {
            var path = FieldPath.Of("webhooks").Index(index);
            Webhook(webhook, path, errors);
            if (!seen.Add(webhook.Text("name")))
            {
                errors.Duplicate(path.Field("name"), webhook.Text("name"));
            }
        }
    }

    public static void ValidatingPolicy(JsonObject policy, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = policy.Child("spec") ?? [];
        Policy(spec, path, errors);
        if (spec.Count("validations") + spec.Count("auditAnnotations") == 0)
        {
            errors.Required(path.Field("validations"), "validations or auditAnnotations must contain at least one item");
            errors.Required(path.Field("auditAnnotations"), "validations or auditAnnotations must contain at least one item");
        }

        foreach (var (index, validation) in spec.Items("validations").Index())
        {
            var at = path.Field("validations").Index(index);
            if (validation.Text("expression").Trim().Length == 0)
            {
                errors.Required(at.Field("expression"), "expression is not specified");
            }

            if (validation.Text("messageExpression") is { Length: > 0 } expression && expression.Trim().Length == 0)
            {
                errors.Invalid(at.Field("messageExpression"), expression, "must be non-empty if specified");
            }

            Message(validation.Text("message"), at.Field("message"), errors);
            errors.OneOf(at.Field("reason"), validation.Text("reason"), ["Forbidden", "Invalid", "RequestEntityTooLarge"], required: false);
        }

        AuditAnnotations(policy, spec, path.Field("auditAnnotations"), errors);
    }

    private static void Message(string message, FieldPath path, FieldErrors errors)
    {
        if (message.Length > 0 && message.Trim().Length == 0)
        {
            errors.Invalid(path, message, "message must be non-empty if specified");
        }
        else if (message.Trim().AsSpan().IndexOfAny('\n', '\r') >= 0)
        {
            errors.Invalid(path, message, "message must not contain line breaks");
        }
    }

    private static void AuditAnnotations(JsonObject policy, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Count("auditAnnotations") > MostAnnotations)
        {
            errors.Invalid(path, spec["auditAnnotations"], $"must not have more than {MostAnnotations} auditAnnotations");
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        var name = policy.Child("metadata")?.Text("name") ?? "";
        foreach (var (index, annotation) in spec.Items("auditAnnotations").Index())
        {
            var (at, key) = (path.Index(index), annotation.Text("key"));
            errors.Check(at.Field("key"), $"{name}/{key}", Names.QualifiedName($"{name}/{key}"));
            var expression = annotation.Text("valueExpression").Trim();
            if (expression.Length == 0)
            {
                errors.Required(at.Field("valueExpression"), "valueExpression is not specified");
            }
            else if (expression.Length > LongestAnnotation)
            {
                errors.Required(at.Field("valueExpression"), $"must not exceed {LongestAnnotation} bytes in length");
            }

            if (!seen.Add(key))
            {
                errors.Duplicate(at.Field("key"), key);
            }
        }
    }

    public static void MutatingPolicy(JsonObject policy, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = policy.Child("spec") ?? [];
        Policy(spec, path, errors);
        if (spec.Count("mutations") == 0)
        {
            errors.Required(path.Field("mutations"), "mutations must contain at least one item");
        }

        MutatingOperations(spec.Child("matchConstraints"), path.Field("matchConstraints"), errors);
        foreach (var (index, mutation) in spec.Items("mutations").Index())
        {
            Mutation(mutation, path.Field("mutations").Index(index), errors);
        }

        errors.OneOf(path.Field("reinvocationPolicy"), spec.Text("reinvocationPolicy"), Reinvocations);
    }

    public static void ValidatingBinding(JsonObject binding, JsonObject? old, FieldErrors errors)
    {
        Binding(binding, errors);
        var path = FieldPath.Of("spec", "validationActions");
        var actions = (binding.Child("spec") ?? []).Strings("validationActions").ToArray();
        if (actions.Length == 0)
        {
            errors.Required(path, "at least one validation action is required");
        }

        foreach (var (index, action) in actions.Index())
        {
            errors.OneOf(path.Index(index), action, ["Audit", "Deny", "Warn"]);
        }

        if (actions.Contains("Deny") && actions.Contains("Warn"))
        {
            errors.Invalid(path, (binding.Child("spec") ?? [])["validationActions"], "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)");
        }
    }

    public static void MutatingBinding(JsonObject binding, JsonObject? old, FieldErrors errors)
    {
        Binding(binding, errors);
        MutatingOperations(binding.Child("spec")?.Child("matchResources"), FieldPath.Of("spec", "matchResources"), errors);
    }

    /// <summary>A deletion has nothing to change.</summary>
    private static void MutatingOperations(JsonObject? match, FieldPath path, FieldErrors errors)
    {
        foreach (var operation in (match ?? []).Items("resourceRules").SelectMany(rule => rule.Strings("operations")))
        {
            errors.OneOf(path.Field("resourceRules").Field("operations"), operation, ["*", "CONNECT", "CREATE", "UPDATE"]);
        }
    }

    private static void Mutation(JsonObject mutation, FieldPath path, FieldErrors errors)
    {
        var type = mutation.Text("patchType");
        errors.OneOf(path.Field("patchType"), type, ["ApplyConfiguration", "JSONPatch"]);
        foreach (var (name, field) in (ReadOnlySpan<(string, string)>)[("JSONPatch", "jsonPatch"), ("ApplyConfiguration", "applyConfiguration")])
        {
            if (type == name && !mutation.Has(field))
            {
                errors.Required(path.Field(field), $"must be specified when patchType is {type}");
            }
            else if (type == name && mutation.Child(field)!.Text("expression").Trim().Length == 0)
            {
                errors.Required(path.Field(field).Field("expression"));
            }
            else if (type != name && type is "JSONPatch" or "ApplyConfiguration" && mutation.Has(field))
            {
                errors.Invalid(path.Field(field), $"{{{field}}}", $"must not be specified when patchType is {type}");
            }
        }
    }

    public static void FlowSchema(JsonObject schema, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = schema.Child("spec") ?? [];
        if (spec.Number("matchingPrecedence") is { } precedence and (< 1 or > 10_000))
        {
            errors.Invalid(path.Field("matchingPrecedence"), precedence, precedence < 1 ? "must be a positive value" : "must not be greater than 10000");
        }

        errors.OneOf(path.Field("distinguisherMethod").Field("type"), spec.Child("distinguisherMethod")?.Text("type") ?? "", ["ByNamespace", "ByUser"], required: spec.Has("distinguisherMethod"));
        StorageValidation.Needs(spec.Child("priorityLevelConfiguration") ?? [], path.Field("priorityLevelConfiguration"), errors, "name");
        foreach (var (index, rule) in spec.Items("rules").Index())
        {
            var at = path.Field("rules").Index(index);
            if (rule.Count("subjects") == 0)
            {
                errors.Required(at.Field("subjects"), "subjects must contain at least one value");
            }

            if (rule.Count("resourceRules") + rule.Count("nonResourceRules") == 0)
            {
                errors.Required(at, "at least one of resourceRules and nonResourceRules has to be non-empty");
            }
        }
    }

    public static void PriorityLevel(JsonObject level, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = level.Child("spec") ?? [];
        switch (spec.Text("type"))
        {
            case "Exempt":
                if (spec.Has("limited"))
                {
                    errors.Forbidden(path.Field("limited"), "must be nil if the type is not Limited");
                }

                break;
            case "Limited":
                if (spec.Has("exempt"))
                {
                    errors.Forbidden(path.Field("exempt"), "must be nil if the type is Limited");
                }

                if (spec.Child("limited") is not { } limited)
                {
                    errors.Required(path.Field("limited"), "must not be empty when type is Limited");
                    break;
                }

                errors.NonNegative(path.Field("limited").Field("nominalConcurrencyShares"), limited.Number("nominalConcurrencyShares"));
                errors.OneOf(path.Field("limited").Field("limitResponse").Field("type"), limited.Child("limitResponse")?.Text("type") ?? "", ["Queue", "Reject"]);
                break;
            case var other:
                errors.NotSupported(path.Field("type"), other, "Exempt", "Limited");
                break;
        }
    }

    private static void Webhook(JsonObject webhook, FieldPath path, FieldErrors errors)
    {
        var name = webhook.Text("name");
        if (name.Length == 0)
        {
            errors.Required(path.Field("name"));
        }
        else
        {
            errors.Check(path.Field("name"), name, Names.Dns1123Subdomain(name));
            if (name.Split('.').Length < 3)
            {
                errors.Invalid(path.Field("name"), name, "should be a domain with at least three segments separated by dots");
            }
        }

        var versions = webhook.Strings("admissionReviewVersions").ToArray();
        if (versions.Length == 0)
        {
            errors.Required(path.Field("admissionReviewVersions"), "must specify one of v1, v1beta1");
        }
        else if (!versions.Contains("v1") && !versions.Contains("v1beta1"))
        {
            errors.Invalid(path.Field("admissionReviewVersions"), webhook["admissionReviewVersions"], "must include at least one of v1, v1beta1");
        }

        Rules(webhook, "rules", path, errors);
        errors.OneOf(path.Field("failurePolicy"), webhook.Text("failurePolicy"), FailurePolicies, required: false);
        errors.OneOf(path.Field("matchPolicy"), webhook.Text("matchPolicy"), MatchPolicies, required: false);
        errors.OneOf(path.Field("reinvocationPolicy"), webhook.Text("reinvocationPolicy"), Reinvocations, required: false);
        errors.OneOf(path.Field("sideEffects"), webhook.Text("sideEffects"), ["None", "NoneOnDryRun"]);
        if (webhook.Number("timeoutSeconds") is { } timeout and (< 1 or > 30))
        {
            errors.Invalid(path.Field("timeoutSeconds"), timeout, "the timeout value must be between 1 and 30 seconds");
        }

        LabelSelectorValidation.Check(webhook.Child("namespaceSelector"), path.Field("namespaceSelector"), errors);
        LabelSelectorValidation.Check(webhook.Child("objectSelector"), path.Field("objectSelector"), errors);
        Client(webhook.Child("clientConfig") ?? [], path.Field("clientConfig"), errors);
        Conditions(webhook, path, errors);
    }

    private static void Client(JsonObject client, FieldPath path, FieldErrors errors)
    {
        if (client.Has("url") == client.Has("service"))
        {
            errors.Required(path, "exactly one of url or service is required");
            return;
        }

        if (client.Child("service") is { } service)
        {
            StorageValidation.Needs(service, path.Field("service"), errors, "name", "namespace");
            if (service.Text("path") is { Length: > 0 } local && local[0] != '/')
            {
                errors.Invalid(path.Field("service").Field("path"), local, "must start with a '/'");
            }

            errors.Port(path.Field("service").Field("port"), service.Number("port") ?? 443);
            return;
        }

        var url = client.Text("url");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed))
        {
            errors.Required(path.Field("url"), $"url must be a valid URL: parse \"{url}\": invalid URI; desired format: https://host[/path]");
        }
        else if (parsed.Scheme != "https")
        {
            errors.Invalid(path.Field("url"), parsed.Scheme, "'https' is the only allowed URL scheme; desired format: https://host[/path]");
        }
    }

    private static void Policy(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Child("paramKind") is { } kind)
        {
            StorageValidation.Needs(kind, path.Field("paramKind"), errors, "apiVersion", "kind");
        }

        errors.OneOf(path.Field("failurePolicy"), spec.Text("failurePolicy"), FailurePolicies);
        if (spec.Child("matchConstraints") is { } match)
        {
            Match(match, path.Field("matchConstraints"), errors);
            if (match.Count("resourceRules") == 0)
            {
                errors.Required(path.Field("matchConstraints").Field("resourceRules"));
            }
        }
        else
        {
            errors.Required(path.Field("matchConstraints"));
        }

        foreach (var (index, variable) in spec.Items("variables").Index())
        {
            var at = path.Field("variables").Index(index);
            if (variable.Text("name").Trim().Length == 0)
            {
                errors.Required(at.Field("name"), "name is not specified");
            }
            else if (!IsIdentifier(variable.Text("name")))
            {
                errors.Invalid(at.Field("name"), variable.Text("name"), "name is not a valid CEL identifier");
            }

            if (variable.Text("expression").Trim().Length == 0)
            {
                errors.Required(at.Field("expression"), "expression is not specified");
            }
        }

        Conditions(spec, path, errors);
    }

    private static bool IsIdentifier(string name) =>
        !char.IsAsciiDigit(name[0]) && name.All(c => c == '_' || char.IsAsciiLetterOrDigit(c)) && !Reserved.Contains(name);

    private static void Binding(JsonObject binding, FieldErrors errors)
    {
        var path = FieldPath.Of("spec");
        var spec = binding.Child("spec") ?? [];
        StorageValidation.Needs(spec, path, errors, "policyName");
        if (spec.Child("paramRef") is { } parameter)
        {
            var at = path.Field("paramRef");
            if (parameter.Text("name").Length > 0 == parameter.Has("selector"))
            {
                errors.Required(at, "one of name or selector must be specified");
            }

            errors.OneOf(at.Field("parameterNotFoundAction"), parameter.Text("parameterNotFoundAction"), ["Allow", "Deny"]);
        }

        if (spec.Child("matchResources") is { } match)
        {
            Match(match, path.Field("matchResources"), errors);
        }
    }

    private static void Match(JsonObject match, FieldPath path, FieldErrors errors)
    {
        errors.OneOf(path.Field("matchPolicy"), match.Text("matchPolicy"), MatchPolicies);
        LabelSelectorValidation.Check(match.Child("namespaceSelector"), path.Field("namespaceSelector"), errors);
        LabelSelectorValidation.Check(match.Child("objectSelector"), path.Field("objectSelector"), errors);
        Rules(match, "resourceRules", path, errors);
        Rules(match, "excludeResourceRules", path, errors);
    }

    private static void Rules(JsonObject holder, string list, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, rule) in holder.Items(list).Index())
        {
            var at = path.Field(list).Index(index);
            foreach (var field in (ReadOnlySpan<string>)["operations", "apiGroups", "apiVersions", "resources"])
            {
                var values = rule.Strings(field).ToArray();
                if (values.Length == 0)
                {
                    errors.Required(at.Field(field));
                }
                else if (field != "resources" && values.Length > 1 && values.Contains("*"))
                {
                    errors.Invalid(at.Field(field), rule[field], "if '*' is present, must not specify other " + (field == "operations" ? "operations" : field == "apiGroups" ? "API groups" : "API versions"));
                }
            }

            foreach (var (place, operation) in rule.Strings("operations").Index())
            {
                errors.OneOf(at.Field("operations").Index(place), operation, Operations);
            }

            errors.OneOf(at.Field("scope"), rule.Text("scope"), RuleScopes, required: false);
        }
    }

    private static void Conditions(JsonObject holder, FieldPath path, FieldErrors errors)
    {
        if (holder.Count("matchConditions") > MostConditions)
        {
            errors.TooMany(path.Field("matchConditions"), holder.Count("matchConditions"), MostConditions);
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, condition) in holder.Items("matchConditions").Index())
        {
            var at = path.Field("matchConditions").Index(index);
            StorageValidation.Needs(condition, at, errors, "name", "expression");
            if (condition.Text("name") is { Length: > 0 } name)
            {
                errors.Check(at.Field("name"), name, Names.QualifiedName(name));
                if (!seen.Add(name))
                {
                    errors.Duplicate(at.Field("name"), name);
                }
            }
        }
    }
}
