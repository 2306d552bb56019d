using System.Globalization;
using System.Text;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary><c>"…%s…".format([…])</c> with the verbs s, d, f, e, b, x, X and o, and <c>strings.quote</c>.</summary>
internal static class StringFormat
{
    private const int DefaultPrecision = 6;
    private const int MaxPrecision = 100;

    public static object Apply(string format, CelList arguments)
    {
        var text = new StringBuilder(format.Length);
        var next = 0;
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }

            if (++i >= format.Length)
            {
                return new Failure("unexpected end of format string");
            }

            if (format[i] == '%')
            {
                text.Append('%');
                continue;
            }

            int? precision = null;
            if (format[i] == '.')
            {
                var start = ++i;
                while (i < format.Length && char.IsAsciiDigit(format[i]))
                {
                    i++;
                }

                if (i >= format.Length || !int.TryParse(format.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) || digits > MaxPrecision)
                {
                    return new Failure("error while parsing precision: invalid precision");
                }

                precision = digits;
            }

            if (next >= arguments.Count)
            {
                return new Failure($"index {next} out of range");
            }

            if (Verb(format[i], arguments[next++], precision) is not { } part)
            {
                return new Failure(
                    "sfdebxXo".Contains(format[i], StringComparison.Ordinal)
                        ? $"error during formatting: clause %{format[i]} does not accept values of type {Values.Values.TypeOf(arguments[next - 1])}"
                        : $"could not parse formatting clause: unrecognized formatting clause \"{format[i]}\"");
            }

            text.Append(part);
        }

        return text.ToString();
    }

    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            quoted.Append(c switch
            {
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                '\\' => "\\\\",
                '"' => "\\\"",
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    private static string? Verb(char verb, object? value, int? precision) => (verb, value) switch
    {
        ('s', _) => Values.Values.Display(value),
        ('d', long or ulong) => Values.Values.Display(value),
        ('d', double real) when !double.IsFinite(real) => Values.Values.Display(value),
        ('f', _) when Real(value) is { } real => double.IsFinite(real) ? real.ToString($"F{precision ?? DefaultPrecision}", CultureInfo.InvariantCulture) : Values.Values.Display(real),
        ('e', _) when Real(value) is { } real => double.IsFinite(real) ? Scientific(real, precision ?? DefaultPrecision) : Values.Values.Display(real),
        ('b', bool flag) => flag ? "1" : "0",
        ('b', long number) => Signed(number, 2),
        ('b', ulong number) => number.ToString("B", CultureInfo.InvariantCulture),
        ('o', long number) => Signed(number, 8),
        ('o', ulong number) => Octal(number),
        ('x', long number) => Signed(number, 16),
        ('X', long number) => Signed(number, 16).ToUpperInvariant(),
        ('x', ulong number) => number.ToString("x", CultureInfo.InvariantCulture),
        ('X', ulong number) => number.ToString("X", CultureInfo.InvariantCulture),
        ('x', string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)),
        ('X', string text) => Convert.ToHexString(Encoding.UTF8.GetBytes(text)),
        ('x', ByteString bytes) => Convert.ToHexStringLower(bytes.Bytes),
        ('X', ByteString bytes) => Convert.ToHexString(bytes.Bytes),
        _ => null,
    };

    private static double? Real(object? value) => value switch
    {
        double real => real,
        long number => number,
        ulong number => number,
        _ => null,
    };

    private static string Scientific(double real, int precision)
    {
        var text = real.ToString($"e{precision}", CultureInfo.InvariantCulture);
        var at = text.IndexOf('e', StringComparison.Ordinal);
        var exponent = int.Parse(text.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return $"{text[..at]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static string Signed(long number, int radix)
    {
        var magnitude = number < 0 ? unchecked((ulong)-number) : (ulong)number;
        var digits = radix switch
        {
            2 => magnitude.ToString("B", CultureInfo.InvariantCulture),
            8 => Octal(magnitude),
            _ => magnitude.ToString("x", CultureInfo.InvariantCulture),
        };
        return number < 0 ? "-" + digits : digits;
    }

    private static string Octal(ulong number)
    {
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, (char)('0' + (number & 7)));
            number >>= 3;
        }
        while (number > 0);
        return digits.ToString();
    }
}
