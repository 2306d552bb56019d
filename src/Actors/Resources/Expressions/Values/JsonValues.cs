using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Expressions.Values;

/// <summary>JSON to values as its declared type says, and back.</summary>
internal static class JsonValues
{
    public static object? Wrap(JsonNode? node, ExpressionType type) => node switch
    {
        null => null,
        JsonObject obj => new JsonMap(obj, type),
        JsonArray array => new JsonList(array, type),
        JsonValue value => Scalar(value, type),
        _ => new Failure("invalid data"),
    };

    /// <summary>A value as JSON, for what an expression hands back; null where it has none.</summary>
    public static JsonNode? Unwrap(object? value) => value switch
    {
        null => null,
        bool flag => JsonValue.Create(flag),
        long number => JsonValue.Create(number),
        ulong number => JsonValue.Create(number),
        double real => double.IsFinite(real) ? JsonValue.Create(real) : null,
        string text => JsonValue.Create(text),
        ByteString bytes => JsonValue.Create(Convert.ToBase64String(bytes.Bytes)),
        JsonMap map => map.Object.DeepClone(),
        JsonList list => list.Array.DeepClone(),
        CelList list => new JsonArray([.. list.Select(Unwrap)]),
        CelMap map => new JsonObject(map.Keys.Select(key => KeyValuePair.Create(Values.Display(key), Unwrap(map.TryGet(key, out var item) ? item : null)))),
        OptionalValue optional => optional.HasValue ? Unwrap(optional.Value) : null,
        _ => JsonValue.Create(Values.Display(value)),
    };

    private static object? Scalar(JsonValue value, ExpressionType type) => value.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        JsonValueKind.String => Text(value.GetValue<string>(), type.Kind),
        JsonValueKind.Number => Number(value, type.Kind),
        _ => new Failure("invalid data"),
    };

    private static object Text(string text, ExpressionKind kind)
    {
        switch (kind)
        {
            case ExpressionKind.Timestamp:
                return Times.TryParseTimestamp(text, out var time) || Times.TryParseDate(text, out time)
                    ? time
                    : new Failure($"Invalid date-time formatted string {text}");
            case ExpressionKind.Duration:
                return Times.TryParseDuration(text, out var duration) ? duration : new Failure($"Invalid duration {text}");
            case ExpressionKind.Bytes:
                var buffer = new byte[(text.Length * 3 / 4) + 3];
                return Convert.TryFromBase64String(text, buffer, out var length)
                    ? new ByteString(buffer[..length])
                    : new Failure($"Invalid byte formatted string {text}");
            case ExpressionKind.Opaque when Quantity.TryParse(text, out var quantity):
                return quantity;
            default:
                return text;
        }
    }

    /// <summary>The branches are objects, lest the compiler makes whole numbers and reals one type.</summary>
    private static object Number(JsonValue value, ExpressionKind kind)
    {
        if (value.TryGetValue<JsonElement>(out var element))
        {
            return Number(element.GetRawText(), kind);
        }

        if (value.TryGetValue<long>(out var number))
        {
            return kind == ExpressionKind.Double ? (object)(double)number : number;
        }

        if (value.TryGetValue<int>(out var small))
        {
            return kind == ExpressionKind.Double ? (object)(double)small : (long)small;
        }

        return value.TryGetValue<double>(out var real)
            ? kind == ExpressionKind.Int && real == Math.Floor(real) && Math.Abs(real) < 9.2e18 ? (object)(long)real : real
            : Number(value.ToJsonString(), kind);
    }

    private static object Number(string text, ExpressionKind kind)
    {
        if (kind != ExpressionKind.Double && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        var real = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return kind == ExpressionKind.Int && real == Math.Floor(real) && Math.Abs(real) < 9.2e18 ? (object)(long)real : real;
    }
}
