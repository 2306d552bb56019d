using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Reviews;
using ActorOrchestrator.Host.Api.Subresources;
using Microsoft.AspNetCore.Http.Features;

namespace ActorOrchestrator.Host.Api.Audit;

/// <summary>One request on its way through the server, as its audit events will tell of it. A feature of the connection's context while audit is on.</summary>
internal sealed class AuditedRequest(HttpContext http, AuditDecision decision, UserInfo? user, RequestAttributes attributes, DateTimeOffset received)
{
    private readonly JsonObject _annotations = [];
    private readonly string _id = http.Request.Headers["Audit-ID"].ToString() is { Length: > 0 and <= 64 } given ? given : Guid.NewGuid().ToString();
    private UserInfo? _impersonated;
    private JsonNode? _requestObject;
    private bool _panicked;

    public AuditDecision Decision => decision;
    public string Id => _id;
    public ResponseCapture? Response { get; private set; }

    /// <summary>The failure that was answered.</summary>
    public ApiStatus? Failure { get; set; }

    public string LastStage => _panicked ? AuditStages.Panic : AuditStages.ResponseComplete;

    public static AuditedRequest? Of(HttpContext http) => http.Features.Get<AuditedRequest>();

    public void Impersonates(UserInfo other) => _impersonated = other;

    public void Panicked() => _panicked = true;

    public void Annotate(string key, string value) => _annotations[key] = value;

    public void Decided(in AccessDecision access)
    {
        Annotate("authorization.k8s.io/decision", access.IsAllowed ? "allow" : "forbid");
        Annotate("authorization.k8s.io/reason", access.Reason);
    }

    public void Sent(JsonNode? body) => _requestObject = Trimmed(body);

    public void Capture(long limit)
    {
        if (http.Features.Get<IHttpResponseBodyFeature>() is { } inner)
        {
            Response = new ResponseCapture(inner.Stream, limit);
            http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Response, inner));
        }
    }

    public byte[] Line(string stage, DateTimeOffset now)
    {
        var request = http.Request;
        var line = new JsonObject
        {
            ["kind"] = "Event",
            ["apiVersion"] = "audit.k8s.io/v1",
            ["level"] = decision.Level.ToString(),
            ["auditID"] = _id,
            ["stage"] = stage,
            ["requestURI"] = request.Path.ToUriComponent() + request.QueryString.ToUriComponent(),
            ["verb"] = attributes.Verb,
            ["user"] = user is null ? new JsonObject() : IdentityReviews.Render(user),
        };
        if (_impersonated is not null)
        {
            line["impersonatedUser"] = IdentityReviews.Render(_impersonated);
        }

        line["sourceIPs"] = new JsonArray(http.Connection.RemoteIpAddress?.MapToIPv4().ToString() ?? "");
        if (request.Headers.UserAgent.Count > 0)
        {
            line["userAgent"] = request.Headers.UserAgent.ToString();
        }

        if (attributes.IsResource)
        {
            line["objectRef"] = Reference();
        }

        if (stage != AuditStages.RequestReceived)
        {
            line["responseStatus"] = Status();
        }

        if (_requestObject is not null && decision.Level >= AuditLevel.Request && stage != AuditStages.RequestReceived)
        {
            line["requestObject"] = _requestObject.DeepClone();
        }

        if (decision.Level == AuditLevel.RequestResponse && stage == AuditStages.ResponseComplete && Trimmed(Response?.Object(http.Response)) is { } answered)
        {
            line["responseObject"] = answered;
        }

        line["requestReceivedTimestamp"] = Micros(received);
        line["stageTimestamp"] = Micros(now);
        if (_annotations.Count > 0 && stage != AuditStages.RequestReceived)
        {
            line["annotations"] = _annotations.DeepClone();
        }

        return [.. line.Utf8(), (byte)'\n'];
    }

    private JsonObject Reference()
    {
        var reference = new JsonObject { ["resource"] = attributes.Type.Plural };
        Add("namespace", attributes.Namespace);
        Add("name", attributes.Name);
        Add("apiGroup", attributes.Type.Group);
        Add("apiVersion", attributes.Version);
        Add("subresource", attributes.Subresource);
        return reference;

        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                reference[name] = value;
            }
        }
    }

    private JsonObject Status()
    {
        var status = new JsonObject { ["metadata"] = new JsonObject() };
        if (Failure is { } failure)
        {
            status["status"] = "Failure";
            status["message"] = failure.Message;
            status["reason"] = failure.Reason;
        }

        status["code"] = http.Response.StatusCode;
        return status;
    }

    private JsonNode? Trimmed(JsonNode? body)
    {
        if (decision.OmitManagedFields && body is JsonObject obj)
        {
            obj.Object("metadata")?.Remove("managedFields");
            foreach (var item in obj.Array("items") ?? [])
            {
                item.Object("metadata")?.Remove("managedFields");
            }
        }

        return body;
    }

    private static string Micros(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
