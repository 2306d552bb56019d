using ActorOrchestrator.Actors.Resources.Admission;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Warnings;
using ActorOrchestrator.Host.Composition;
using YamlDotNet.Core;

namespace ActorOrchestrator.Host.Api.Audit;

/// <summary>Tells the audit log what was done: by whom, when, to what, with which outcome. Registered only when audit is on.</summary>
internal sealed class RequestAudit(AuditPolicy policy, AuditLog log, ApiSettings settings, TimeProvider time)
{
    /// <summary>Before a request is judged.</summary>
    public async ValueTask BeginAsync(HttpContext context, UserInfo? user, RequestAttributes attributes)
    {
        var decision = policy.Decide(user, attributes);
        if (decision.Level == AuditLevel.None)
        {
            return;
        }

        var audited = new AuditedRequest(context, decision, user, attributes, time.GetUtcNow());
        context.Features.Set(audited);
        context.Response.Headers["Audit-ID"] = audited.Id;
        await WriteAsync(audited, AuditStages.RequestReceived).ConfigureAwait(false);
        if (decision.Level >= AuditLevel.Request && attributes.Verb is "create" or "update" or "patch" or "delete" or "deletecollection")
        {
            await ReadBodyAsync(context, audited).ConfigureAwait(false);
        }

        var streams = attributes.Verb == "watch" || attributes.Subresource is "log" or "exec" or "attach" or "portforward" or "proxy";
        if (streams)
        {
            context.Response.OnStarting(() => WriteAsync(audited, AuditStages.ResponseStarted).AsTask());
        }
        else if (decision.Level == AuditLevel.RequestResponse)
        {
            audited.Capture(settings.MaxBodyBytes);
        }
    }

    /// <summary>When the answer is out.</summary>
    public async ValueTask EndAsync(HttpContext context)
    {
        if (AuditedRequest.Of(context) is not { } audited)
        {
            return;
        }

        if (context.Items.TryGetValue(RequestAdmissionObserver.AnnotationsKey, out var told) && told is Dictionary<string, (string Value, AnnotationLevel Level)> annotations)
        {
            foreach (var (key, (value, level)) in annotations)
            {
                if (level == AnnotationLevel.Metadata || audited.Decision.Level >= AuditLevel.Request)
                {
                    audited.Annotate(key, value);
                }
            }
        }

        if (audited.Response is not null)
        {
            await context.Response.BodyWriter.FlushAsync().ConfigureAwait(false);
        }

        await WriteAsync(audited, audited.LastStage).ConfigureAwait(false);
    }

    /// <exception cref="HostException">The policy cannot be read or is none.</exception>
    public static AuditPolicy LoadPolicy(string file)
    {
        try
        {
            return AuditPolicy.Read(YamlText.Read(File.ReadAllText(file), out _));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or FormatException or YamlException or ArgumentException)
        {
            throw new HostException($"the audit policy {file} (orchestrator.audit.policy-file) cannot be used: {failed.Message}", failed);
        }
    }

    private ValueTask WriteAsync(AuditedRequest audited, string stage) =>
        audited.Decision.OmitStages.Contains(stage) ? default : log.WriteAsync(audited.Line(stage, time.GetUtcNow()));

    /// <summary>The body is read here, and once more by the endpoint from memory.</summary>
    private async Task ReadBodyAsync(HttpContext context, AuditedRequest audited)
    {
        var body = await RequestBody.ReadAsync(context, settings.MaxBodyBytes).ConfigureAwait(false);
        context.Request.Body = new MemoryStream(body, writable: false);
        audited.Sent(Parsed(context.Request.ContentType, body));
    }

    private static JsonNode? Parsed(string? contentType, byte[] body)
    {
        if (body.Length == 0)
        {
            return null;
        }

        try
        {
            return RequestBody.MediaTypeOf(contentType) switch
            {
                var type when type.EndsWith("json", StringComparison.Ordinal) => JsonNode.Parse(body),
                _ => RequestBody.ReadObject(contentType, body, out _),
            };
        }
        catch (Exception malformed) when (malformed is ApiException or System.Text.Json.JsonException)
        {
            // What cannot be read is refused by the endpoint, in its own words.
            return null;
        }
    }
}
