using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Audit;
using ActorOrchestrator.Host.Api.Formats;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Errors;

/// <summary>Writes <c>meta/v1 Status</c>.</summary>
internal static class StatusWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, ApiStatus status)
    {
        if (context.Response.HasStarted)
        {
            // Nothing sensible can follow a half-written answer; a broken connection tells the client so.
            context.Abort();
            return;
        }

        if (AuditedRequest.Of(context) is { } audited)
        {
            audited.Failure = status;
        }

        var buffer = new ArrayBufferWriter<byte>(512);
        Write(buffer, status);
        if (status.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        // An error that cannot be told in the client's words is told in JSON.
        var format = ResponseFormat.Find(context.Request.Headers.Accept.Count == 0 ? null : context.Request.Headers.Accept.ToString(), protobuf: true) ?? ResponseFormat.Json;
        if (format.Syntax == ResponseSyntax.Json && PrettyText.IsAsked(context.Request))
        {
            format = format with { Pretty = true };
        }

        await ObjectResponse.WriteBytesAsync(context, buffer.WrittenMemory, format with { Shape = ResponseShape.Objects }, status.Code).ConfigureAwait(false);
    }

    /// <summary>A failure.</summary>
    public static void Write(IBufferWriter<byte> output, ApiStatus status)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        Begin(writer, "Failure", status.Continue);
        writer.WriteString("message", status.Message);
        writer.WriteString("reason", status.Reason);
        WriteDetails(writer, status);
        writer.WriteNumber("code", status.Code);
        writer.WriteEndObject();
    }

    /// <summary>A failure that is the result of what was asked, not of asking: it has no reason and no details.</summary>
    public static void WriteAnswer(IBufferWriter<byte> output, ApiStatus status)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        Begin(writer, "Failure", "");
        writer.WriteString("message", status.Message);
        writer.WriteNumber("code", status.Code);
        writer.WriteEndObject();
    }

    /// <summary>The answer to a completed deletion of a kind that does not answer with the object.</summary>
    public static void WriteSuccess(IBufferWriter<byte> output, ObjectKey key, string uid)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        Begin(writer, "Success", "");
        writer.WriteStartObject("details");
        writer.WriteString("name", key.Name);
        if (key.Type.Group.Length > 0)
        {
            writer.WriteString("group", key.Type.Group);
        }

        writer.WriteString("kind", key.Type.Plural);
        if (uid.Length > 0)
        {
            writer.WriteString("uid", uid);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>A plain success, as bindings and evictions answer.</summary>
    public static void WriteCreated(IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        Begin(writer, "Success", "");
        writer.WriteNumber("code", 201);
        writer.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter writer, string status, string @continue)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", "Status");
        writer.WriteString("apiVersion", "v1");
        writer.WriteStartObject("metadata");
        if (@continue.Length > 0)
        {
            writer.WriteString("continue", @continue);
        }

        writer.WriteEndObject();
        writer.WriteString("status", status);
    }

    private static void WriteDetails(Utf8JsonWriter writer, ApiStatus status)
    {
        if (status.Name.Length == 0 && status.Kind.Length == 0 && status.Causes.IsEmpty && status.RetryAfterSeconds is null)
        {
            return;
        }

        writer.WriteStartObject("details");
        WriteUnlessEmpty(writer, "name", status.Name);
        WriteUnlessEmpty(writer, "group", status.Group);
        WriteUnlessEmpty(writer, "kind", status.Kind);
        WriteUnlessEmpty(writer, "uid", status.Uid);
        if (!status.Causes.IsEmpty)
        {
            writer.WriteStartArray("causes");
            foreach (var cause in status.Causes)
            {
                writer.WriteStartObject();
                WriteUnlessEmpty(writer, "reason", cause.Reason);
                WriteUnlessEmpty(writer, "message", cause.Message);
                WriteUnlessEmpty(writer, "field", cause.Field);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (status.RetryAfterSeconds is { } seconds)
        {
            writer.WriteNumber("retryAfterSeconds", seconds);
        }

        writer.WriteEndObject();
    }

    private static void WriteUnlessEmpty(Utf8JsonWriter writer, string name, string value)
    {
        if (value.Length > 0)
        {
            writer.WriteString(name, value);
        }
    }
}
