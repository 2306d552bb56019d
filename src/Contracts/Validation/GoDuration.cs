using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>A duration as Go writes it: <c>1h30m</c>, <c>-1.5s</c>, <c>300ms</c>.</summary>
public static partial class GoDuration
{
    /// <summary>Null when it is none.</summary>
    public static TimeSpan? Read(string text)
    {
        var match = Duration().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var seconds = 0m;
        foreach (var (amount, unit) in match.Groups["amount"].Captures.Zip(match.Groups["unit"].Captures))
        {
            if (!decimal.TryParse(amount.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > Most)
            {
                return null;
            }

            seconds += number * unit.Value switch { "h" => 3600m, "m" => 60m, "s" => 1m, "ms" => 0.001m, "us" or "µs" or "μs" => 0.000_001m, _ => 0.000_000_001m };
        }

        return seconds > Most / 1_000_000_000m ? null : TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond) * (text[0] == '-' ? -1 : 1));
    }

    /// <summary>Go counts nanoseconds in 64 bits.</summary>
    private const decimal Most = long.MaxValue;

    [GeneratedRegex(@"^[+-]?(?:0|(?:(?<amount>\d+\.?\d*|\.\d+)(?<unit>ns|us|µs|μs|ms|s|m|h))+)$")]
    private static partial Regex Duration();
}
