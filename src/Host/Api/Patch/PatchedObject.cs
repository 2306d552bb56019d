using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Resources;

namespace ActorOrchestrator.Host.Api.Patch;

/// <summary>What must hold of an object after a patch before it is written, and how a patch is refused that leaves no object of the kind.</summary>
internal static class PatchedObject
{
    /// <summary>A patch renames nothing, moves nothing and turns nothing into something else; null when it does not.</summary>
    public static ApiStatus? Check(in ApiRequest request, StoredObject stored, JsonObject patched)
    {
        var metadata = patched.Object("metadata");
        var @namespace = JsonNodes.Text(metadata, "namespace");
        if (@namespace.Length > 0 && request.Path.Namespace.Length > 0 && @namespace != request.Path.Namespace)
        {
            return ApiStatus.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        }

        if (JsonNodes.Text(metadata, "name").Length == 0)
        {
            return WriteEndpoint.Unnamed(request);
        }

        if (WriteEndpoint.CheckName(request, patched) is { } renamed)
        {
            return renamed;
        }

        return JsonNodes.Text(metadata, "uid") is { Length: > 0 } uid && uid != stored.Uid
            ? ApiStatus.Invalid(
                request.Path.Key with { Type = request.Path.Key.Type with { Group = request.Descriptor.Group } },
                request.Descriptor.Kind,
                [new StatusCause("FieldValueInvalid", $"Invalid value: \"{uid}\": field is immutable", "metadata.uid")])
            : null;
    }

    /// <summary>What a decoder says that expects the kind and finds another; null when it does not, or when the object says nothing.</summary>
    public static string? OtherKind(ResourceDescriptor descriptor, JsonObject patched)
    {
        var apiVersion = JsonNodes.Text(patched, "apiVersion");
        var kind = JsonNodes.Text(patched, "kind");
        return (apiVersion.Length == 0 || apiVersion == descriptor.ApiVersion) && (kind.Length == 0 || kind == descriptor.Kind)
            ? null
            : $"no conversion of \"{kind}\" in version \"{apiVersion}\" to {descriptor.Kind} in version \"{descriptor.ApiVersion}\"";
    }

    /// <summary>422: the patch could be applied, but <paramref name="problem"/> is what the decoder says of the outcome.</summary>
    /// <param name="value">The patched object's text, or a strategic patch as Go prints it.</param>
    /// <param name="problem">In the decoder's words.</param>
    public static ApiStatus Undecodable(string value, string problem)
    {
        var message = $"Invalid value: {JsonSerializer.Serialize(value, Relaxed)}: {problem}";
        return new ApiStatus(422, "Invalid", $" \"\" is invalid: patch: {message}") { Causes = [new StatusCause("FieldValueInvalid", message, "patch")] };
    }

    /// <summary>A tree as Go's <c>%+v</c> prints a map of it.</summary>
    public static string GoText(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return text.ToString();
    }

    /// <summary>What a strict reader finds in the operations of a JSON patch besides fields that come twice.</summary>
    public static IEnumerable<string> UnknownMembers(JsonArray operations)
    {
        for (var i = 0; i < operations.Count; i++)
        {
            foreach (var (name, _) in operations[i] as JsonObject ?? [])
            {
                if (name is not ("op" or "path" or "from" or "value"))
                {
                    yield return string.Create(CultureInfo.InvariantCulture, $"unknown field \"[{i}].{name}\"");
                }
            }
        }
    }

    private static JsonSerializerOptions Relaxed { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static void Write(StringBuilder text, JsonNode? node)
    {
        switch (node)
        {
            case null:
                text.Append("<nil>");
                break;
            case JsonObject members:
                text.Append("map[");
                foreach (var (name, value) in members.OrderBy(member => member.Key, StringComparer.Ordinal))
                {
                    text.Append(text[^1] == '[' ? "" : " ").Append(name).Append(':');
                    Write(text, value);
                }

                text.Append(']');
                break;
            case JsonArray items:
                text.Append('[');
                for (var i = 0; i < items.Count; i++)
                {
                    text.Append(i == 0 ? "" : " ");
                    Write(text, items[i]);
                }

                text.Append(']');
                break;
            default:
                text.Append(node.ToString());
                break;
        }
    }
}
