using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace ActorOrchestrator.Contracts.Resources;

public enum QuantityFormat : byte
{
    /// <summary>Powers of ten with a suffix: 100m, 2k, 3M.</summary>
    DecimalSI,

    /// <summary>Powers of 1024 with a suffix: 64Mi, 2Gi.</summary>
    BinarySI,

    /// <summary>Powers of ten with an exponent: 1e3.</summary>
    DecimalExponent,
}

/// <summary>
/// An amount of a resource as apimachinery's <c>resource.Quantity</c>: a number with a suffix, exact to a billionth (finer parts are
/// rounded up). Two quantities are equal when their amounts are, whatever their suffixes.
/// </summary>
public readonly record struct Quantity(decimal Amount, QuantityFormat Format = QuantityFormat.DecimalSI) : IComparable<Quantity>
{
    public const string MalformedMessage =
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private const decimal Nano = 0.000_000_001m;
    private const decimal Largest = long.MaxValue;
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    public static Quantity Zero { get; } = new(0m);

    /// <summary>The amount rounded up to a whole number, as a count of bytes or pods is read.</summary>
    public long Value => (long)Math.Min(decimal.Ceiling(Amount), Largest);

    /// <summary>The amount in thousandths, rounded up, as CPU is read.</summary>
    public long MilliValue => (long)Math.Min(decimal.Ceiling(Math.Min(Amount, Largest / 1000m) * 1000m), Largest);

    public Quantity RoundedUpToMilli()
    {
        // Away from zero, as upstream's RoundUp.
        var milli = Math.Abs(Amount) * 1000m;
        return Math.Abs(Amount) >= Largest / 1000m || decimal.Truncate(milli) == milli ? this : this with { Amount = Sign * decimal.Ceiling(milli) / 1000m };
    }

    public bool IsZero => Amount == 0m;
    public int Sign => Math.Sign(Amount);

    public static Quantity OfMilli(long milli, QuantityFormat format = QuantityFormat.DecimalSI) => new(milli / 1000m, format);
    public static Quantity Of(long amount, QuantityFormat format = QuantityFormat.DecimalSI) => new(amount, format);
    public static Quantity OfBytes(long bytes) => new(bytes, QuantityFormat.BinarySI);

    public static Quantity operator +(Quantity left, Quantity right) => new(left.Amount + right.Amount, left.IsZero ? right.Format : left.Format);
    public static Quantity operator -(Quantity left, Quantity right) => new(left.Amount - right.Amount, left.IsZero ? right.Format : left.Format);
    public static bool operator <(Quantity left, Quantity right) => left.Amount < right.Amount;
    public static bool operator >(Quantity left, Quantity right) => left.Amount > right.Amount;
    public static bool operator <=(Quantity left, Quantity right) => left.Amount <= right.Amount;
    public static bool operator >=(Quantity left, Quantity right) => left.Amount >= right.Amount;

    public bool Equals(Quantity other) => Amount == other.Amount;
    public override int GetHashCode() => Amount.GetHashCode();
    public int CompareTo(Quantity other) => Amount.CompareTo(other.Amount);

    /// <exception cref="FormatException">The text is not a quantity.</exception>
    public static Quantity Parse(string text) => TryParse(text, out var quantity)
        ? quantity
        : throw new FormatException($"\"{text}\" is not a quantity: {MalformedMessage}");

    public static bool TryParse([NotNullWhen(true)] string? text, out Quantity quantity)
    {
        quantity = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        var start = text[0] is '+' or '-' ? 1 : 0;
        var end = start;
        var (digits, points) = (0, 0);
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
        {
            if (text[end] == '.') { points++; } else { digits++; }
            end++;
        }

        if (digits == 0 || points > 1 || !TryParseSuffix(text.AsSpan(end), out var scale, out var format))
        {
            return false;
        }

        if (!decimal.TryParse(text.AsSpan(start, end - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            number = Largest;
        }

        var amount = RoundUp(Scale(number, scale));
        quantity = new Quantity(text[0] == '-' ? -amount : amount, format);
        return true;
    }

    /// <summary>
    /// True of what is plainly canonical already: one to three digits without a leading zero, with or without a usual suffix. No such number is a multiple of
    /// the next suffix's unit, so none of them would be written in another way. False says nothing.
    /// </summary>
    public static bool IsPlainlyCanonical(ReadOnlySpan<char> text)
    {
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            digits++;
        }

        return digits is >= 1 and <= 3 && text[0] != '0' && text[digits..] is "" or "m" or "k" or "M" or "G" or "Ki" or "Mi" or "Gi";
    }

    /// <summary>The canonical form: no fraction, no precision lost, the largest suffix that allows this.</summary>
    public override string ToString()
    {
        if (Amount == 0m)
        {
            return "0";
        }

        var format = Format;
        if (format == QuantityFormat.BinarySI && (Math.Abs(Amount) < 1024m || decimal.Truncate(Amount) != Amount))
        {
            format = QuantityFormat.DecimalSI;
        }

        return format == QuantityFormat.BinarySI ? Binary(Amount) : Decimal(Amount, format);
    }

    private static string Binary(decimal amount)
    {
        var power = 0;
        while (power < BinarySuffixes.Length - 1 && amount % 1024m == 0m)
        {
            amount /= 1024m;
            power++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{amount:0}{BinarySuffixes[power]}");
    }

    private static string Decimal(decimal amount, QuantityFormat format)
    {
        // In billionths every quantity is a whole number; then thousands are taken out as long as it stays one.
        var (mantissa, power) = (amount, 3);
        while (power > 0 && decimal.Truncate(mantissa) != mantissa)
        {
            mantissa *= 1000m;
            power--;
        }

        while (power < DecimalSuffixes.Length - 1 && mantissa % 1000m == 0m)
        {
            mantissa /= 1000m;
            power++;
        }

        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{mantissa:0}");
        var exponent = (power - 3) * 3;
        return format == QuantityFormat.DecimalSI ? text.Append(DecimalSuffixes[power]).ToString()
            : exponent == 0 ? text.ToString()
            : text.Append(CultureInfo.InvariantCulture, $"e{exponent}").ToString();
    }

    private static bool TryParseSuffix(ReadOnlySpan<char> suffix, out (int Base, int Exponent) scale, out QuantityFormat format)
    {
        scale = (10, 0);
        format = QuantityFormat.DecimalSI;
        for (var i = 0; i < DecimalSuffixes.Length; i++)
        {
            if (suffix.SequenceEqual(DecimalSuffixes[i]))
            {
                scale = (10, (i - 3) * 3);
                return true;
            }
        }

        for (var i = 1; i < BinarySuffixes.Length; i++)
        {
            if (suffix.SequenceEqual(BinarySuffixes[i]))
            {
                scale = (1024, i);
                format = QuantityFormat.BinarySI;
                return true;
            }
        }

        if (suffix[0] is 'e' or 'E' && int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent))
        {
            scale = (10, exponent);
            format = QuantityFormat.DecimalExponent;
            return true;
        }

        return false;
    }

    private static decimal Scale(decimal number, (int Base, int Exponent) scale)
    {
        for (var i = 0; i < scale.Exponent && number is > 0m and < Largest; i++)
        {
            number *= scale.Base;
        }

        for (var i = 0; i > scale.Exponent && number > 0m; i--)
        {
            number = number < Nano * Nano ? Nano * Nano : number / scale.Base;
            if (i < -30)
            {
                break;
            }
        }

        return Math.Min(number, Largest);
    }

    private static decimal RoundUp(decimal amount)
    {
        var whole = decimal.Truncate(amount);
        return whole + (decimal.Ceiling((amount - whole) / Nano) * Nano);
    }
}
