using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>Numbers as upstream's JSON decoder sees them: what is written without fraction and exponent and fits 64 bits is an integer, all else is real.</summary>
internal static class JsonNumbers
{
    public static bool TryInteger(JsonNode? node, out long number)
    {
        number = 0;
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
        {
            return false;
        }

        // A tree that was parsed converts freely; one that was made keeps the type it was made of.
        return value.TryGetValue(out number)
            || long.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
    }

    public static bool TryReal(JsonNode? node, out double number)
    {
        number = 0;
        return node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
            && (value.TryGetValue(out number) || double.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number));
    }

    /// <summary>A real that has no fraction, as <c>1.0</c>: upstream takes it for an integer.</summary>
    public static bool IsWhole(double number) => number == Math.Floor(number) && Math.Abs(number) < 1.8e19;

    /// <summary>As Go prints a float64 with <c>%v</c>.</summary>
    public static string Text(double number)
    {
        if (number != 0 && (Math.Abs(number) >= 1e21 || Math.Abs(number) < 1e-4))
        {
            var written = number.ToString("0.################e+00", CultureInfo.InvariantCulture);
            return written;
        }

        return number.ToString("0.################", CultureInfo.InvariantCulture);
    }
}
