using System.Globalization;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>
/// A point in the history of the whole cluster. There is one counter for every object of every kind; a fact's
/// revision is its object's <c>metadata.resourceVersion</c>. It starts at 1, never goes back and is never used twice.
/// </summary>
public readonly record struct Revision(long Value) : IComparable<Revision>
{
    /// <summary>Before the first fact.</summary>
    public static readonly Revision None = new(0);

    public Revision Next => new(Value + 1);

    public int CompareTo(Revision other) => Value.CompareTo(other.Value);

    public static bool operator <(Revision left, Revision right) => left.Value < right.Value;
    public static bool operator >(Revision left, Revision right) => left.Value > right.Value;
    public static bool operator <=(Revision left, Revision right) => left.Value <= right.Value;
    public static bool operator >=(Revision left, Revision right) => left.Value >= right.Value;

    /// <summary>Reads a resourceVersion as a client sends it: decimal digits only. Empty is <see cref="None"/>.</summary>
    public static bool TryParse(string? text, out Revision revision)
    {
        revision = None;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        revision = new Revision(value);
        return true;
    }

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
