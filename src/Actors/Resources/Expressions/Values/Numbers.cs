using System.Globalization;

namespace ActorOrchestrator.Actors.Resources.Expressions.Values;

/// <summary>Numbers of three types that compare by value.</summary>
internal static class Numbers
{
    public static bool Is(object? value) => value is long or ulong or double;

    /// <summary>Null when one of them is not a number (NaN).</summary>
    public static int? Compare(object left, object right) => (left, right) switch
    {
        (long a, long b) => a.CompareTo(b),
        (ulong a, ulong b) => a.CompareTo(b),
        (double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? null : a.CompareTo(b),
        (long a, ulong b) => a < 0 ? -1 : ((ulong)a).CompareTo(b),
        (ulong a, long b) => b < 0 ? 1 : a.CompareTo((ulong)b),
        (double a, long b) => OfDouble(a, b),
        (double a, ulong b) => OfDouble(a, b),
        (long a, double b) => -OfDouble(b, a),
        (ulong a, double b) => -OfDouble(b, a),
        _ => null,
    };

    /// <summary>As Go prints the shortest form: an exponent from a million on, or below four places.</summary>
    public static string Text(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        }

        if (value == 0)
        {
            return double.IsNegative(value) ? "-0" : "0";
        }

        var scientific = value.ToString("E16", CultureInfo.InvariantCulture);
        var exponent = int.Parse(scientific.AsSpan(scientific.IndexOf('E', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var digits = shortest.Split('E')[0].Replace(".", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Trim('0');
        if (exponent is >= -4 and < 6)
        {
            return Plain(value < 0, digits, exponent);
        }

        var mantissa = digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits;
        return $"{(value < 0 ? "-" : "")}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static string Plain(bool negative, string digits, int exponent)
    {
        var text = exponent < 0 ? $"0.{new string('0', -exponent - 1)}{digits}"
            : digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0')
            : $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
        return negative ? "-" + text : text;
    }

    private static int? OfDouble(double real, decimal whole)
    {
        if (double.IsNaN(real))
        {
            return null;
        }

        return real > 1.9e19 ? 1 : real < -1.9e19 ? -1 : ((decimal)Math.Truncate(real)).CompareTo(whole) is var order && order != 0 ? order
            : (real - Math.Truncate(real)).CompareTo(0.0);
    }
}
