namespace ActorOrchestrator.Actors.Resources.Expressions.Costs;

/// <summary>Between how few and how many characters, items or pairs a value has. Sums and products end at the largest number.</summary>
internal readonly record struct SizeRange(ulong Min, ulong Max)
{
    public static readonly SizeRange Unknown = new(0, ulong.MaxValue);
    public static readonly SizeRange One = Exactly(1);

    public static SizeRange Exactly(ulong size) => new(size, size);

    public SizeRange Plus(SizeRange other) => new(Add(Min, other.Min), Add(Max, other.Max));

    public SizeRange Times(SizeRange other) => new(Multiply(Min, other.Min), Multiply(Max, other.Max));

    public SizeRange Or(SizeRange other) => new(Math.Min(Min, other.Min), Math.Max(Max, other.Max));

    /// <summary>The most that looking at all of it costs.</summary>
    public ulong Cost(double each) => Scale(Max, each);

    public static ulong Add(ulong left, ulong right) => right > ulong.MaxValue - left ? ulong.MaxValue : left + right;

    public static ulong Multiply(ulong left, ulong right) => right != 0 && left > ulong.MaxValue / right ? ulong.MaxValue : left * right;

    public static ulong Scale(ulong value, double factor)
    {
        var scaled = Math.Ceiling(value * factor);
        return scaled >= 18446744073709551616.0 ? ulong.MaxValue : (ulong)scaled;
    }
}
