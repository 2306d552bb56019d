using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Webhooks;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.Webhooks;

/// <summary>What a webhook answered, after its form was found right.</summary>
/// <param name="Refusal">Null when it allows the request.</param>
/// <param name="Patch">Null when it changes nothing.</param>
internal sealed record AdmissionReviewAnswer(ApiStatus? Refusal, JsonArray? Patch, IReadOnlyList<string> Warnings, IReadOnlyDictionary<string, string> Annotations)
{
    /// <exception cref="WebhookCallException">The answer is not what it must be.</exception>
    public static AdmissionReviewAnswer Read(JsonObject review, AdmissionWebhook webhook, string uid, bool mutating)
    {
        var expected = $"admission.k8s.io/{webhook.ReviewVersion}";
        if (review.Object("response") is not { } response)
        {
            throw Invalid("webhook response was absent");
        }

        if (webhook.ReviewVersion == "v1" && response.Text("uid") != uid)
        {
            throw Invalid($"expected response.uid=\"{uid}\", got \"{response.Text("uid")}\"");
        }

        if (webhook.ReviewVersion == "v1" && (review.Text("apiVersion") != expected || review.Text("kind") != "AdmissionReview"))
        {
            throw Invalid($"expected webhook response of {expected}, Kind=AdmissionReview, got {review.Text("apiVersion")}, Kind={review.Text("kind")}");
        }

        var (patch, type) = (response.Text("patch"), response.Text("patchType"));
        if (!mutating && patch.Length > 0)
        {
            throw Invalid("validating webhook may not return response.patch");
        }

        if (!mutating && type.Length > 0)
        {
            throw Invalid("validating webhook may not return response.patchType");
        }

        if (webhook.ReviewVersion == "v1" && (patch.Length > 0) != (type.Length > 0))
        {
            throw Invalid(patch.Length > 0 ? "webhook returned response.patch but not response.patchType" : "webhook returned response.patchType but not response.patch");
        }

        if (type is not ("" or "JSONPatch"))
        {
            throw new WebhookCallException($"unsupported patch type \"{type}\"");
        }

        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in response.Object("auditAnnotations") ?? [])
        {
            annotations[key] = value?.ToString() ?? "";
        }

        return new AdmissionReviewAnswer(
            response.Flag("allowed") ? null : Denied(webhook.Name, response.Object("status")), patch.Length == 0 ? null : Decode(patch), response.Strings("warnings"), annotations);
    }

    private static WebhookCallException Invalid(string why) => new($"received invalid webhook response: {why}");

    private static JsonArray Decode(string patch)
    {
        try
        {
            return JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(patch))) as JsonArray ?? throw new WebhookCallException("received undecodable patch in webhook response: it is no list");
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            throw new WebhookCallException($"received undecodable patch in webhook response: {exception.Message}");
        }
    }

    /// <summary>A refusal is never below 400, and it says who refused.</summary>
    private static ApiStatus Denied(string webhook, JsonObject? status)
    {
        var denied = $"admission webhook \"{webhook}\" denied the request";
        var (message, reason) = (status.Text("message"), status.Text("reason"));
        var text = message.Length > 0 ? $"{denied}: {message}" : reason.Length > 0 ? $"{denied}: {reason}" : $"{denied} without explanation";
        var code = (int)Math.Clamp(status.Number("code") ?? 0, 0, 599);
        var details = status.Object("details");
        return new ApiStatus(code < 400 ? 400 : code, reason, text)
        {
            Kind = details.Text("kind"),
            Group = details.Text("group"),
            Name = details.Text("name"),
            Uid = details.Text("uid"),
            Causes = [.. (details.Array("causes") ?? []).Select(cause => new StatusCause(cause.Text("reason"), cause.Text("message"), cause.Text("field")))],
        };
    }
}
