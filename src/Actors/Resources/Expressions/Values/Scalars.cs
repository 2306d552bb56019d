using System.Net;

namespace ActorOrchestrator.Actors.Resources.Expressions.Values;

/// <summary>Bytes that are equal by content.</summary>
public sealed class ByteString(byte[] bytes) : IEquatable<ByteString>
{
    public byte[] Bytes { get; } = bytes;

    public bool Equals(ByteString? other) => other is not null && Bytes.AsSpan().SequenceEqual(other.Bytes);
    public override bool Equals(object? obj) => Equals(obj as ByteString);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }
}

/// <summary>A value or nothing.</summary>
internal sealed class OptionalValue
{
    public static readonly OptionalValue None = new(null, false);

    private OptionalValue(object? value, bool has)
    {
        Value = value;
        HasValue = has;
    }

    public object? Value { get; }
    public bool HasValue { get; }

    public static OptionalValue Of(object? value) => new(value, true);
}

/// <summary>A type as a value: what <c>type(x)</c> answers.</summary>
internal sealed record TypeValue(string Name);

/// <summary>A network with the address as it was written.</summary>
internal readonly record struct CidrValue(IPAddress Address, int PrefixLength)
{
    public IPNetwork Network => new(Networks.Mask(Address, PrefixLength), PrefixLength);
    public override string ToString() => $"{Networks.Text(Address)}/{PrefixLength}";
}

/// <summary>An absolute URL or an absolute path, in its parts, as Go's <c>url.ParseRequestURI</c> has it.</summary>
internal sealed record UrlValue(string Text, string Scheme, string Host, string Hostname, string Port, string EscapedPath, CelMap Query);

internal readonly record struct SemverValue(long Major, long Minor, long Patch, string Prerelease, string Build) : IComparable<SemverValue>
{
    public int CompareTo(SemverValue other)
    {
        var order = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        return order != 0 ? order : ComparePrerelease(Prerelease, other.Prerelease);
    }

    private static int ComparePrerelease(string left, string right)
    {
        if (left.Length == 0 || right.Length == 0)
        {
            return left.Length == right.Length ? 0 : left.Length == 0 ? 1 : -1;
        }

        var (mine, others) = (left.Split('.'), right.Split('.'));
        for (var i = 0; i < Math.Min(mine.Length, others.Length); i++)
        {
            var numeric = (IsNumber(mine[i]), IsNumber(others[i]));
            var order = numeric switch
            {
                (true, true) => mine[i].Length != others[i].Length ? mine[i].Length.CompareTo(others[i].Length) : string.CompareOrdinal(mine[i], others[i]),
                (true, false) => -1,
                (false, true) => 1,
                _ => string.CompareOrdinal(mine[i], others[i]),
            };
            if (order != 0)
            {
                return order;
            }
        }

        return mine.Length.CompareTo(others.Length);
    }

    private static bool IsNumber(string text) => text.All(char.IsAsciiDigit);
}

/// <summary>A named format: its check answers the complaints.</summary>
/// <param name="MaxPatternSize">How long a pattern of the same effort would be, for the cost.</param>
internal sealed record FormatValue(string Name, Func<string, IReadOnlyList<string>> Check, int MaxPatternSize);
