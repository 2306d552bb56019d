using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Schema;

/// <summary>What decoding found.</summary>
/// <param name="UnknownFields">The paths of fields that the kind does not have, in document order: <c>spec.template.spec.contaners</c>.</param>
/// <param name="TypeError">The first value of a wrong type, worded as Go's decoder words it; null when every value fits.</param>
public sealed record DecodeReport(ImmutableArray<string> UnknownFields, string? TypeError)
{
    public static DecodeReport Clean { get; } = new([], null);

    /// <summary>For the <c>Warning</c> headers of <c>fieldValidation=Warn</c>.</summary>
    public IEnumerable<string> Warnings => UnknownFields.Select(path => $"unknown field \"{path}\"");

    /// <summary>The 400 answer to a value of a wrong type; null when every value fits.</summary>
    public ApiStatus? TypeFailure(ResourceDescriptor descriptor) => TypeError is null ? null : Refusal(descriptor, TypeError);

    /// <summary>The 400 answer to unknown fields under <c>fieldValidation=Strict</c>; null when there are none.</summary>
    public ApiStatus? StrictFailure(ResourceDescriptor descriptor) =>
        UnknownFields.IsEmpty ? null : Refusal(descriptor, $"strict decoding error: {string.Join(", ", Warnings)}");

    private static ApiStatus Refusal(ResourceDescriptor descriptor, string problem) =>
        ApiStatus.BadRequest($"{descriptor.Kind} in version \"{descriptor.Version}\" cannot be handled as a {descriptor.Kind}: {problem}") with { Decoding = problem };
}

/// <summary>
/// Makes a tree what upstream's typed decoder would have made of it: fields that the kind does not have are dropped and reported, nulls are
/// dropped as absent, quantities are brought to their canonical form, and a value of a wrong type is refused.
/// </summary>
public static class StructuralDecoder
{
    /// <summary>Changes <paramref name="obj"/> in place. After a type error the rest of the tree may be untouched.</summary>
    public static DecodeReport Decode(ObjectSchema schema, JsonObject obj) => Decode(schema, obj, new FieldPath(null, ""));

    /// <summary>A part of an object, whose place is told.</summary>
    internal static DecodeReport Decode(ObjectSchema schema, JsonObject obj, FieldPath path)
    {
        var walk = new Walk(path);
        walk.Object(schema, obj);
        return walk.Report();
    }

    public static DecodeReport Decode(ResourceDescriptor descriptor, JsonObject obj) =>
        descriptor.Custom is { } custom ? CustomDecoder.Decode(custom, obj) : Decode(ObjectSchema.Of(descriptor), obj);

    /// <summary>The status alone, of a built-in kind whose object is known to be decoded but for it.</summary>
    public static DecodeReport DecodeStatus(ResourceDescriptor descriptor, JsonObject obj)
    {
        var schema = ObjectSchema.Of(descriptor);
        return obj["status"] is JsonObject status && schema.Properties.GetValueOrDefault("status")?.Object is { } fields
            ? Decode(fields, status, FieldPath.Of("status"))
            : Decode(schema, obj);
    }

    /// <param name="root">Where the object stands.</param>
    private sealed class Walk(FieldPath root)
    {
        /// <summary>The steps to where the walk is: a name, or the index where it is null. Spelled only when something is wrong there.</summary>
        private readonly Stack<(string? Name, int Index, bool IsKey)> _steps = new();

        private ImmutableArray<string>.Builder? _unknown;
        private string? _typeError;

        public DecodeReport Report() => _unknown is null && _typeError is null
            ? DecodeReport.Clean
            : new DecodeReport(_unknown?.ToImmutable() ?? [], _typeError);

        public void Object(ObjectSchema schema, JsonObject obj)
        {
            List<string>? dropped = null;
            List<(string, JsonNode)>? replaced = null;
            for (var i = 0; i < obj.Count; i++)
            {
                var (name, value) = obj.GetAt(i);
                _steps.Push((name, 0, false));
                if (!schema.Properties.TryGetValue(name, out var node))
                {
                    (_unknown ??= ImmutableArray.CreateBuilder<string>()).Add(Here().ToString());
                    (dropped ??= []).Add(name);
                }
                else if (value is null)
                {
                    (dropped ??= []).Add(name);
                }
                else if (Value(node, value, schema) is { } canonical)
                {
                    (replaced ??= []).Add((name, canonical));
                }
                else if (node.Type == SchemaType.Any && schema.Model == typeof(V1JSONSchemaProps) && name is "items" or "additionalProperties" && value is JsonObject nested)
                {
                    // Upstream's type is a schema or something else; the model class has no word for that.
                    Object(schema, nested);
                }

                if (_typeError is not null)
                {
                    return;
                }

                _steps.Pop();
            }

            Apply(obj, dropped, replaced);
        }

        private FieldPath Here()
        {
            var path = root;
            foreach (var (name, index, isKey) in _steps.Reverse())
            {
                path = name is null ? path.Index(index) : isKey ? path.Key(name) : path.Field(name);
            }

            return path;
        }

        private static void Apply(JsonObject obj, List<string>? dropped, List<(string, JsonNode)>? replaced)
        {
            foreach (var name in dropped ?? [])
            {
                obj.Remove(name);
            }

            foreach (var (name, canonical) in replaced ?? [])
            {
                obj[name] = canonical;
            }
        }

        /// <returns>What to put in the value's place; null to leave it.</returns>
        private JsonNode? Value(SchemaNode node, JsonNode value, ObjectSchema holder)
        {
            switch (node.Type)
            {
                case SchemaType.Object when value is JsonObject obj:
                    Object(node.Object!, obj);
                    return null;
                case SchemaType.Array when value is JsonArray array:
                    Array(node.Items!, array, holder);
                    return null;
                case SchemaType.Map when value is JsonObject map:
                    Map(node.Items!, map, holder);
                    return null;
                case SchemaType.Any:
                    return null;
                case SchemaType.Object or SchemaType.Array or SchemaType.Map:
                    return Mismatch(node, value, holder);
                default:
                    return Scalar(node, value, holder);
            }
        }

        private void Array(SchemaNode items, JsonArray array, ObjectSchema holder)
        {
            for (var i = 0; i < array.Count && _typeError is null; i++)
            {
                // A null item is Go's zero value.
                if (array[i] is not { } item)
                {
                    array[i] = Zero(items);
                    continue;
                }

                _steps.Push((null, i, false));
                if (Value(items, item, holder) is { } canonical)
                {
                    array[i] = canonical;
                }

                if (_typeError is null)
                {
                    _steps.Pop();
                }
            }
        }

        private void Map(SchemaNode items, JsonObject map, ObjectSchema holder)
        {
            List<(string, JsonNode)>? replaced = null;
            List<string>? dropped = null;
            for (var i = 0; i < map.Count; i++)
            {
                var (key, value) = map.GetAt(i);
                _steps.Push((key, 0, true));
                if (value is null)
                {
                    if (Zero(items) is { } zero)
                    {
                        (replaced ??= []).Add((key, zero));
                    }
                    else
                    {
                        (dropped ??= []).Add(key);
                    }
                }
                else if (MapValue(items, value, holder) is { } canonical)
                {
                    (replaced ??= []).Add((key, canonical));
                }

                if (_typeError is not null)
                {
                    return;
                }

                _steps.Pop();
            }

            Apply(map, dropped, replaced);
        }

        private JsonNode? MapValue(SchemaNode items, JsonNode value, ObjectSchema holder) =>
            items.Type == SchemaType.Quantity && value.GetValueKind() is var kind and (JsonValueKind.String or JsonValueKind.Number)
                ? CanonicalQuantity(value, kind, thousandths: true)
                : Value(items, value, holder);

        private JsonNode? Scalar(SchemaNode node, JsonNode value, ObjectSchema holder)
        {
            var kind = value.GetValueKind();
            switch (node.Type)
            {
                case SchemaType.String when kind == JsonValueKind.String:
                case SchemaType.Boolean when kind is JsonValueKind.True or JsonValueKind.False:
                case SchemaType.Number when kind == JsonValueKind.Number:
                    return null;
                case SchemaType.Integer when kind == JsonValueKind.Number:
                    return FitsInteger(node, value.AsValue()) ? null : Mismatch(node, value, holder);
                case SchemaType.IntOrString when kind == JsonValueKind.String || (kind == JsonValueKind.Number && FitsInteger(node, value.AsValue())):
                    return null;
                case SchemaType.Quantity when kind is JsonValueKind.String or JsonValueKind.Number:
                    return CanonicalQuantity(value, kind, thousandths: false);
                case SchemaType.Time when kind == JsonValueKind.String:
                    return IsTime(value.GetValue<string>()) ? null : Fail(
                        $"{Here()}: parsing time {value.ToJsonString()} as \"2006-01-02T15:04:05Z07:00\": cannot parse {value.ToJsonString()} as \"2006\"");
                case SchemaType.Bytes when kind == JsonValueKind.String:
                    return Base64.IsValid(value.GetValue<string>()) ? null : Fail($"{Here()}: illegal base64 data in {Shortened(value)}");
                default:
                    return Mismatch(node, value, holder);
            }
        }

        /// <param name="thousandths">Maps of resources are kept to a thousandth, rounded up, as upstream's defaults do.</param>
        private JsonNode? CanonicalQuantity(JsonNode value, JsonValueKind kind, bool thousandths)
        {
            var text = kind == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
            if (kind == JsonValueKind.String && Quantity.IsPlainlyCanonical(text))
            {
                return null;
            }

            if (!Quantity.TryParse(text.Trim(), out var quantity))
            {
                return Fail($"{Here()}: {Quantity.MalformedMessage}, found {value.ToJsonString()}");
            }

            var canonical = (thousandths ? quantity.RoundedUpToMilli() : quantity).ToString();
            return kind == JsonValueKind.String && canonical == text ? null : JsonValue.Create(canonical);
        }

        private static bool FitsInteger(SchemaNode node, JsonValue value)
        {
            // A tree that was parsed converts freely; one that was made keeps the type it was made of.
            if (value.TryGetValue(out int _))
            {
                return true;
            }

            return value.TryGetValue(out long wide)
                ? node.Format == "int64" || wide is >= int.MinValue and <= int.MaxValue
                : node.Format == "int64" && long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        }

        private static bool IsTime(string text) => text.Length >= 20 && text[10] is 'T' or 't'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

        private static JsonNode? Zero(SchemaNode node) => node.Type switch
        {
            SchemaType.Object => new JsonObject(),
            SchemaType.String or SchemaType.Bytes => JsonValue.Create(""),
            SchemaType.Integer or SchemaType.Number or SchemaType.IntOrString => JsonValue.Create(0),
            SchemaType.Boolean => JsonValue.Create(false),
            SchemaType.Quantity => JsonValue.Create("0"),
            _ => null,
        };

        private JsonNode? Mismatch(SchemaNode node, JsonNode value, ObjectSchema holder)
        {
            var found = value.GetValueKind() switch
            {
                JsonValueKind.Object => "object",
                JsonValueKind.Array => "array",
                JsonValueKind.String => "string",
                JsonValueKind.Number when node.Type is SchemaType.Integer or SchemaType.IntOrString => $"number {value.ToJsonString()}",
                JsonValueKind.Number => "number",
                _ => "bool",
            };
            return Fail($"json: cannot unmarshal {found} into Go struct field {holder.Name}.{Here()} of type {node.GoName}");
        }

        private JsonNode? Fail(string error)
        {
            _typeError = error;
            return null;
        }

        private static string Shortened(JsonNode value)
        {
            var text = value.ToJsonString();
            return text.Length <= 40 ? text : text[..37] + "...\"";
        }
    }
}
