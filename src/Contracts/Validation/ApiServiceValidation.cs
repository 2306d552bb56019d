using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>APIServices (kube-aggregator's <c>ValidateAPIService</c>).</summary>
internal static class ApiServiceValidation
{
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public static void ApiService(JsonObject obj, JsonObject? old, FieldErrors errors)
    {
        var spec = obj.Child("spec") ?? [];
        var (group, version) = (spec.Text("group"), spec.Text("version"));
        var name = obj.Child("metadata")?.Text("name") ?? "";
        if (name != $"{version}.{group}")
        {
            errors.Invalid(FieldPath.Of("metadata", "name"), name, $"must be `spec.version+\".\"+spec.group`: \"{version}.{group}\"");
        }

        if (group.Length == 0 && version != "v1")
        {
            errors.Required(Spec.Field("group"), "only v1 may have an empty group and it better be legacy kube");
        }
        else if (group.Length > 0)
        {
            errors.Check(Spec.Field("group"), group, Names.Dns1123Subdomain(group));
        }

        errors.Check(Spec.Field("version"), version, Names.Dns1035Label(version));
        Priority(spec, "groupPriorityMinimum", 20000, errors);
        Priority(spec, "versionPriority", 1000, errors);
        Server(spec, errors);
    }

    private static void Priority(JsonObject spec, string field, long most, FieldErrors errors)
    {
        var priority = spec.Number(field) ?? 0;
        if (priority <= 0 || priority > most)
        {
            errors.Invalid(Spec.Field(field), priority, $"must be positive and less than {most}");
        }
    }

    private static void Server(JsonObject spec, FieldErrors errors)
    {
        var hasBundle = spec.Text("caBundle").Length > 0;
        var isInsecure = spec.Flag("insecureSkipTLSVerify");
        if (spec.Child("service") is not { } service)
        {
            if (hasBundle)
            {
                errors.Invalid(Spec.Field("caBundle"), $"{spec.Text("caBundle").Length} bytes", "local APIServices may not have a caBundle");
            }

            if (isInsecure)
            {
                errors.Invalid(Spec.Field("insecureSkipTLSVerify"), JsonValue.Create(true), "local APIServices may not have insecureSkipTLSVerify");
            }

            return;
        }

        var path = Spec.Field("service");
        foreach (var field in (ReadOnlySpan<string>)["namespace", "name"])
        {
            if (service.Text(field).Length == 0)
            {
                errors.Required(path.Field(field));
            }
        }

        if (service.Number("port") is { } port and (< 1 or > 65535))
        {
            errors.Invalid(path.Field("port"), port, "port is not valid: must be between 1 and 65535, inclusive");
        }

        if (isInsecure && hasBundle)
        {
            errors.Invalid(Spec.Field("insecureSkipTLSVerify"), JsonValue.Create(true), "may not be true if caBundle is present");
        }
    }
}
