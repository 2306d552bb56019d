using System.Globalization;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>Versions by semver.org 2.0; normalized reading forgives a leading <c>v</c>, missing parts and leading zeros.</summary>
internal static class SemverFunctions
{
    public static void AddTo(FunctionTable table)
    {
        table.Add("semver(string) -> semver", a => Parse((string)a[0]!), Effort.Traversal);
        table.Add("semver(string, bool) -> semver", a => Parse((bool)a[1]! ? Normalize((string)a[0]!) : (string)a[0]!), Effort.Traversal);
        table.Add("isSemver(string) -> bool", a => Parse((string)a[0]!) is SemverValue, Effort.Traversal);
        table.Add("isSemver(string, bool) -> bool", a => Parse((bool)a[1]! ? Normalize((string)a[0]!) : (string)a[0]!) is SemverValue, Effort.Traversal);
        table.Add("semver::isGreaterThan(semver) -> bool", a => Version(a[0]).CompareTo(Version(a[1])) > 0);
        table.Add("semver::isLessThan(semver) -> bool", a => Version(a[0]).CompareTo(Version(a[1])) < 0);
        table.Add("semver::compareTo(semver) -> int", a => (long)Math.Sign(Version(a[0]).CompareTo(Version(a[1]))));
        table.Add("semver::major() -> int", a => Version(a[0]).Major);
        table.Add("semver::minor() -> int", a => Version(a[0]).Minor);
        table.Add("semver::patch() -> int", a => Version(a[0]).Patch);
    }

    private static SemverValue Version(object? value) => (SemverValue)value!;

    private static object Parse(string text)
    {
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        var (rest, build) = plus < 0 ? (text, "") : (text[..plus], text[(plus + 1)..]);
        var dash = rest.IndexOf('-', StringComparison.Ordinal);
        var prerelease = dash < 0 ? "" : rest[(dash + 1)..];
        var parts = (dash < 0 ? rest : rest[..dash]).Split('.');
        var numbers = new long[3];
        if (parts.Length != 3 || (plus >= 0 && !AreIdentifiers(build, false)) || (dash >= 0 && !AreIdentifiers(prerelease, true)))
        {
            return new Failure("No Major.Minor.Patch elements found");
        }

        for (var i = 0; i < 3; i++)
        {
            if (parts[i].Length > 1 && parts[i][0] == '0')
            {
                return new Failure($"{(i == 0 ? "Major" : i == 1 ? "Minor" : "Patch")} number must not contain leading zeroes \"{parts[i]}\"");
            }

            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return new Failure($"Invalid character(s) found in version number \"{parts[i]}\"");
            }
        }

        return new SemverValue(numbers[0], numbers[1], numbers[2], prerelease, build);
    }

    private static bool AreIdentifiers(string text, bool numbersWithoutZeros) => text.Split('.').All(part =>
        part.Length > 0
        && part.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
        && !(numbersWithoutZeros && part.Length > 1 && part[0] == '0' && part.All(char.IsAsciiDigit)));

    private static string Normalize(string text)
    {
        text = text.StartsWith('v') ? text[1..] : text;
        var end = text.AsSpan().IndexOfAny('-', '+');
        var (core, rest) = end < 0 ? (text, "") : (text[..end], text[end..]);
        var parts = core.Split('.').Select(part => part.TrimStart('0') is { Length: > 0 } trimmed || part.Length == 0 ? part.TrimStart('0') : "0").ToList();
        while (parts.Count < 3)
        {
            parts.Add("0");
        }

        return string.Join('.', parts) + rest;
    }
}
