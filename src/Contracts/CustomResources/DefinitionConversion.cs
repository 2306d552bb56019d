using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>The rules for <c>spec.conversion</c>, told at the places of upstream's internal form.</summary>
internal static class DefinitionConversion
{
    private static readonly FieldPath Path = FieldPath.Of("spec", "conversion");

    public static void Validate(JsonObject? conversion, JsonObject? old, FieldErrors errors)
    {
        if (conversion is null)
        {
            return;
        }

        var strategy = conversion.Text("strategy");
        errors.OneOf(Path.Field("strategy"), strategy, ["None", "Webhook"]);
        var webhook = conversion.Child("webhook");
        if (strategy != "Webhook")
        {
            if (webhook is not null)
            {
                errors.Forbidden(Path.Field("webhookClientConfig"), "should not be set when strategy is not set to Webhook");
            }

            return;
        }

        var client = webhook?.Child("clientConfig");
        var place = Path.Field("webhookClientConfig");
        if (client is null)
        {
            errors.Required(place, "required when strategy is set to Webhook");
        }
        else if (client["url"] is null == client["service"] is null)
        {
            errors.Required(place, "exactly one of url or service is required");
        }
        else if (client["url"] is not null)
        {
            Url(client.Text("url"), place.Field("url"), errors);
        }
        else if (client.Child("service") is { } service)
        {
            Service(service, place.Field("service"), errors);
        }

        if (client?.Text("caBundle") is { Length: > 0 } bundle && !AllowsBrokenBundle(old) && !CaBundle.IsReadable(bundle))
        {
            errors.Invalid(place.Field("caBundle"), bundle, "unable to load root certificates: unable to parse bytes as PEM block");
        }

        ReviewVersions(webhook?.Strings("conversionReviewVersions").ToArray() ?? [], errors);
    }

    /// <summary>A kind that is not served yet says so in its status instead, and what was broken may stay so.</summary>
    private static bool AllowsBrokenBundle(JsonObject? old)
    {
        var isEstablished = old?.Child("status")?.Items("conditions").Any(condition => condition.Text("type") == "Established" && condition.Text("status") == "True");
        return isEstablished != true
            || (old?.Child("spec")?.Child("conversion")?.Child("webhook")?.Child("clientConfig")?.Text("caBundle") is { Length: > 0 } before && !CaBundle.IsReadable(before));
    }

    private static void Url(string url, FieldPath path, FieldErrors errors)
    {
        const string Form = "; desired format: https://host[/path]";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed))
        {
            errors.Invalid(path, url, "url must be a valid URL" + Form);
            return;
        }

        if (parsed.Scheme != Uri.UriSchemeHttps)
        {
            errors.Invalid(path, parsed.Scheme, "'https' is the only allowed URL scheme" + Form);
        }

        if (parsed.UserInfo.Length > 0)
        {
            errors.Invalid(path, parsed.UserInfo, "user information is not permitted in the URL");
        }

        if (parsed.Fragment.Length > 0)
        {
            errors.Invalid(path, parsed.Fragment.TrimStart('#'), "fragments are not permitted in the URL");
        }

        if (parsed.Query.Length > 0)
        {
            errors.Invalid(path, parsed.Query.TrimStart('?'), "query parameters are not permitted in the URL");
        }
    }

    private static void Service(JsonObject service, FieldPath path, FieldErrors errors)
    {
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace"])
        {
            if (service.Text(field).Length == 0)
            {
                errors.Required(path.Field(field), $"service {field} is required");
            }
        }

        if (service.Number("port") is { } port and (< 1 or > 65535))
        {
            errors.Invalid(path.Field("port"), port, "port is not valid: must be between 1 and 65535, inclusive");
        }

        if (service["path"] is not null && !service.Text("path").StartsWith('/'))
        {
            errors.Invalid(path.Field("path"), service.Text("path"), "must start with a '/'");
        }
    }

    private static void ReviewVersions(string[] versions, FieldErrors errors)
    {
        var path = Path.Field("conversionReviewVersions");
        if (versions.Length == 0)
        {
            errors.Required(path);
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < versions.Length; i++)
        {
            if (!seen.Add(versions[i]))
            {
                errors.Invalid(path.Index(i), versions[i], "duplicate version");
                continue;
            }

            errors.Check(path.Index(i), versions[i], Names.Dns1035Label(versions[i]));
        }

        if (!versions.Contains("v1") && !versions.Contains("v1beta1"))
        {
            errors.Invalid(path, new JsonArray([.. versions.Select(version => (JsonNode)version)]), "must include at least one of v1, v1beta1");
        }
    }
}
