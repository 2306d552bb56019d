using System.Globalization;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Errors;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Patch;
using ActorOrchestrator.Host.Api.Resources;
using ActorOrchestrator.Host.Api.Warnings;

namespace ActorOrchestrator.Host.Api;

/// <summary>One request for a resource: who, what, and the query's parameters read with the errors they deserve.</summary>
internal readonly struct ApiRequest(HttpContext http, ApiPath path, UserInfo user)
{
    public HttpContext Http => http;
    public ApiPath Path => path;
    public UserInfo User => user;
    public ResourceDescriptor Descriptor => path.Descriptor;

    public string Query(string name) => http.Request.QueryString.HasValue ? http.Request.Query[name].ToString() : "";

    public bool Flag(string name) => Query(name) switch
    {
        "" or "0" or "false" or "False" or "F" or "f" or "FALSE" => http.Request.QueryString.HasValue && http.Request.Query.ContainsKey(name) && Query(name).Length == 0,
        _ => true,
    };

    public long? Number(string name)
    {
        var text = Query(name);
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiException.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax (query parameter {name})");
    }

    /// <summary>What the client takes.</summary>
    /// <exception cref="ApiException">406.</exception>
    public ResponseFormat Format
    {
        get
        {
            var accept = Accept;
            var format = accept.Contains(ResponseFormat.Protobuf, StringComparison.OrdinalIgnoreCase)
                ? ResponseFormat.Negotiate(accept, ProtobufText.Supports(path.Descriptor))
                : ResponseFormat.Find(accept, protobuf: false) ?? ResponseFormat.Negotiate(accept, ProtobufText.Supports(path.Descriptor));
            if (format.Shape == ResponseShape.Table)
            {
                _ = ObjectResponse.TableObjects(http);
            }

            return format.Syntax == ResponseSyntax.Json && PrettyText.IsAsked(http.Request) ? format with { Pretty = true } : format;
        }
    }

    /// <summary>What the client takes of an answer that is never a Table.</summary>
    /// <exception cref="ApiException">406.</exception>
    public ResponseFormat ObjectFormat => ResponseFormat.NegotiateObject(Accept, ProtobufText.Supports(path.Descriptor));

    /// <summary>What the client takes of a watch.</summary>
    /// <exception cref="ApiException">406.</exception>
    public ResponseFormat StreamFormat
    {
        get
        {
            var format = ResponseFormat.NegotiateStream(Accept, ProtobufText.Supports(path.Descriptor));
            if (format.Shape == ResponseShape.Table)
            {
                _ = ObjectResponse.TableObjects(http);
            }

            return format;
        }
    }

    private string Accept => http.Request.Headers.Accept.Count == 0 ? "" : http.Request.Headers.Accept.ToString();

    /// <summary>The options of a write, with <c>dryRun</c> and <c>fieldValidation</c>.</summary>
    public WriteOptions Write(string act, string subresource = "")
    {
        WriteQuery.Check(http.Request);
        if (!http.Request.QueryString.HasValue)
        {
            return new WriteOptions(user, act)
            {
                View = path.Descriptor,
                Subresource = subresource,
                Fields = new FieldAudit(strict: false),
                Observer = new RequestAdmissionObserver(http),
                FieldManager = FieldManagerName.Of(http),
            };
        }

        return new WriteOptions(user, act)
        {
            View = path.Descriptor,
            Subresource = subresource,
            DryRun = WriteQuery.IsDryRun(http.Request.Query["dryRun"]),
            Fields = Audit(),
            Observer = new RequestAdmissionObserver(http),
            FieldManager = FieldManagerName.Of(http),
        };
    }

    public LabelSelector Labels() =>
        LabelSelector.TryParse(Query("labelSelector"), out var selector, out var error) ? selector : throw ApiException.BadRequest(error);

    public FieldSelector Fields()
    {
        var text = Query("fieldSelector");
        return FieldSelector.TryParse(path.Descriptor, text, out var selector, out var error)
            ? selector
            : throw ApiException.BadRequest(error);
    }

    /// <summary>The <c>resourceVersion</c> of the query; null when it is not given.</summary>
    public Revision? Revision()
    {
        var text = Query("resourceVersion");
        if (text.Length == 0)
        {
            return null;
        }

        return Contracts.Resources.Revision.TryParse(text, out var revision)
            ? revision
            : throw ApiException.BadRequest($"Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax (resourceVersion)");
    }

    private FieldAudit? Audit() => Query("fieldValidation") switch
    {
        "Ignore" => null,
        "Strict" => new FieldAudit(strict: true),
        _ => new FieldAudit(strict: false),
    };
}
