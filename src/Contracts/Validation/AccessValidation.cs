using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for roles, bindings and bundles of trust.</summary>
internal static class AccessValidation
{
    private const string RbacGroup = "rbac.authorization.k8s.io";

    public static void Role(JsonObject role, JsonObject? old, FieldErrors errors) => Rules(role, namespaced: true, errors);

    public static void ClusterRole(JsonObject role, JsonObject? old, FieldErrors errors)
    {
        Rules(role, namespaced: false, errors);
        if (role.Child("aggregationRule") is { } aggregation)
        {
            var path = FieldPath.Of("aggregationRule", "clusterRoleSelectors");
            if (aggregation.Count("clusterRoleSelectors") == 0)
            {
                errors.Required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil");
            }

            foreach (var (index, selector) in aggregation.Items("clusterRoleSelectors").Index())
            {
                LabelSelectorValidation.Check(selector, path.Index(index), errors);
            }
        }
    }

    public static void RoleBinding(JsonObject binding, JsonObject? old, FieldErrors errors) => Binding(binding, old, errors, "ClusterRole", "Role");

    public static void ClusterRoleBinding(JsonObject binding, JsonObject? old, FieldErrors errors) => Binding(binding, old, errors, "ClusterRole");

    public static void ClusterTrustBundle(JsonObject bundle, JsonObject? old, FieldErrors errors)
    {
        var spec = bundle.Child("spec") ?? [];
        var signer = spec.Text("signerName");
        var name = bundle.Child("metadata")?.Text("name") ?? "";
        if (signer.Length > 0)
        {
            CertificateValidation.Signer(signer, FieldPath.Of("spec", "signerName"), errors);
            var prefix = signer.Replace('/', ':') + ":";
            if (!name.StartsWith(prefix, StringComparison.Ordinal))
            {
                errors.Invalid(FieldPath.Of("metadata", "name"), name, $"ClusterTrustBundle for signerName {signer} must be named with prefix {prefix}");
            }
        }
        else if (name.Contains(':', StringComparison.Ordinal))
        {
            errors.Invalid(FieldPath.Of("metadata", "name"), name, "ClusterTrustBundle without signer name must not have \":\" in its name");
        }

        if (!spec.Text("trustBundle").Contains("-----BEGIN CERTIFICATE-----", StringComparison.Ordinal))
        {
            errors.Invalid(FieldPath.Of("spec", "trustBundle"), "<value omitted>", "at least one trust anchor must be provided");
        }

        if (old is not null)
        {
            errors.Immutable(FieldPath.Of("spec", "signerName"), spec["signerName"], old.Child("spec")?["signerName"]);
        }
    }

    private static void Rules(JsonObject role, bool namespaced, FieldErrors errors)
    {
        foreach (var (index, rule) in role.Items("rules").Index())
        {
            var path = FieldPath.Of("rules").Index(index);
            if (rule.Count("verbs") == 0)
            {
                errors.Required(path.Field("verbs"), "verbs must contain at least one value");
            }

            if (rule.Count("nonResourceURLs") > 0)
            {
                if (namespaced)
                {
                    errors.Invalid(path.Field("nonResourceURLs"), rule["nonResourceURLs"], "namespaced rules cannot apply to non-resource URLs");
                }

                if (rule.Count("apiGroups") + rule.Count("resources") + rule.Count("resourceNames") > 0)
                {
                    errors.Invalid(path.Field("nonResourceURLs"), rule["nonResourceURLs"], "rules cannot apply to both regular resources and non-resource URLs");
                }

                continue;
            }

            if (rule.Count("apiGroups") == 0)
            {
                errors.Required(path.Field("apiGroups"), "resource rules must supply at least one api group");
            }

            if (rule.Count("resources") == 0)
            {
                errors.Required(path.Field("resources"), "resource rules must supply at least one resource");
            }
        }
    }

    private static void Binding(JsonObject binding, JsonObject? old, FieldErrors errors, params string[] kinds)
    {
        var path = FieldPath.Of("roleRef");
        var role = binding.Child("roleRef") ?? [];
        if (role.Text("apiGroup") != RbacGroup)
        {
            errors.NotSupported(path.Field("apiGroup"), role.Text("apiGroup"), RbacGroup);
        }

        if (!kinds.Contains(role.Text("kind")))
        {
            errors.NotSupported(path.Field("kind"), role.Text("kind"), kinds);
        }

        if (role.Text("name").Length == 0)
        {
            errors.Required(path.Field("name"));
        }
        else
        {
            errors.Check(path.Field("name"), role.Text("name"), Names.PathSegment(role.Text("name")));
        }

        foreach (var (index, subject) in binding.Items("subjects").Index())
        {
            Subject(subject, binding.Child("metadata")?.Has("namespace") == true, FieldPath.Of("subjects").Index(index), errors);
        }

        if (old is not null && !JsonNode.DeepEquals(binding["roleRef"], old["roleRef"]))
        {
            errors.Invalid(path, binding["roleRef"], "cannot change roleRef");
        }
    }

    private static void Subject(JsonObject subject, bool namespaced, FieldPath path, FieldErrors errors)
    {
        if (subject.Text("name").Length == 0)
        {
            errors.Required(path.Field("name"));
        }

        var (kind, group) = (subject.Text("kind"), subject.Text("apiGroup"));
        switch (kind)
        {
            case "ServiceAccount":
                if (subject.Text("name") is { Length: > 0 } name)
                {
                    errors.Check(path.Field("name"), name, Names.Dns1123Subdomain(name));
                }

                if (group.Length > 0)
                {
                    errors.NotSupported(path.Field("apiGroup"), group, "");
                }

                if (!namespaced && subject.Text("namespace").Length == 0)
                {
                    errors.Required(path.Field("namespace"));
                }

                break;
            case "Group" or "User":
                if (group != RbacGroup)
                {
                    errors.NotSupported(path.Field("apiGroup"), group, RbacGroup);
                }

                break;
            default:
                errors.NotSupported(path.Field("kind"), kind, "ServiceAccount", "User", "Group");
                break;
        }
    }
}
