using System.Text.RegularExpressions;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>
/// The rules for names as in apimachinery's <c>util/validation</c>. Each answers what is wrong with a value, in upstream's
/// words; an empty list means nothing is.
/// </summary>
public static partial class Names
{
    private const string Dns1123LabelMessage =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";

    private const string Dns1123SubdomainMessage =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";

    private const string Dns1123SubdomainWithUnderscoreMessage =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character";

    private const string Dns1035LabelMessage =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";

    private const string QualifiedNameMessage =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

    private const string LabelValueMessage =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

    /// <summary>Namespaces, containers, volumes: at most 63 characters, no dots.</summary>
    public static IReadOnlyList<string> Dns1123Label(string value)
    {
        var problems = Check(value, 63, Label1123(), Dns1123LabelMessage, "[a-z0-9]([-a-z0-9]*[a-z0-9])?", "my-name", "123-abc");
        if (problems.Count > 0 && !Label1123().IsMatch(value) && Subdomain1123().IsMatch(value))
        {
            problems[^1] = "must not contain dots";
        }

        return problems;
    }

    /// <summary>Most objects: at most 253 characters.</summary>
    public static IReadOnlyList<string> Dns1123Subdomain(string value) => Check(
        value, 253, Subdomain1123(), Dns1123SubdomainMessage, @"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", "example.com");

    /// <summary>Domains in which names are looked up; some have underscores.</summary>
    public static IReadOnlyList<string> Dns1123SubdomainWithUnderscore(string value) => Check(
        value, 253, SubdomainWithUnderscore(), Dns1123SubdomainWithUnderscoreMessage, "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*", "example.com");

    /// <summary>Hosts that stand for all hosts of a domain.</summary>
    public static IReadOnlyList<string> WildcardDns1123Subdomain(string value) =>
        value.Length <= 253 && value.StartsWith("*.", StringComparison.Ordinal) && Subdomain1123().IsMatch(value[2..]) ? []
        : value.Length > 253 ? [TooLong(253)]
        : [WithPattern(
            "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
            @"\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", "*.example.com")];

    /// <summary>Names of HTTP headers.</summary>
    public static IReadOnlyList<string> HttpHeader(string value) => value.Length > 0 && value.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')
        ? []
        : [WithPattern("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", "X-Header-Name")];

    /// <summary>Services: as a label, but a letter first.</summary>
    public static IReadOnlyList<string> Dns1035Label(string value) => Check(
        value, 63, Label1035(), Dns1035LabelMessage, "[a-z]([-a-z0-9]*[a-z0-9])?", "my-name", "abc-123");

    public static IReadOnlyList<string> LabelValue(string value) => Check(
        value, 63, LabelValuePattern(), LabelValueMessage, "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", "MyValue", "my_value", "12345");

    /// <summary>Keys of labels and annotations, taint keys, condition types: an optional DNS prefix and a name.</summary>
    public static IReadOnlyList<string> QualifiedName(string value)
    {
        List<string> problems = [];
        var parts = value.Split('/');
        if (parts.Length > 2)
        {
            return
            [
                "a qualified name " + WithPattern(QualifiedNameMessage, "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", "MyName", "my.name", "123-abc")
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
            ];
        }

        if (parts.Length == 2)
        {
            if (parts[0].Length == 0)
            {
                problems.Add("prefix part must be non-empty");
            }
            else
            {
                problems.AddRange(Dns1123Subdomain(parts[0]).Select(problem => "prefix part " + problem));
            }
        }

        var name = parts[^1];
        if (name.Length == 0)
        {
            problems.Add("name part must be non-empty");
        }
        else if (name.Length > 63)
        {
            problems.Add("name part " + TooLong(63));
        }

        if (!QualifiedNamePattern().IsMatch(name))
        {
            problems.Add("name part " + WithPattern(QualifiedNameMessage, "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", "MyName", "my.name", "123-abc"));
        }

        return problems;
    }

    /// <summary>Bundles: a subdomain, and before it the signer that the bundle belongs to, with a colon for each of the signer's slashes and one more.</summary>
    public static IReadOnlyList<string> ClusterTrustBundle(string value) => Dns1123Subdomain(value[(value.LastIndexOf(':') + 1)..]);

    /// <summary>Names that become path segments of a URL and nothing more.</summary>
    public static IReadOnlyList<string> PathSegment(string value)
    {
        if (value is "." or "..")
        {
            return [$"may not be '{value}'"];
        }

        List<string> problems = [];
        foreach (var forbidden in "/%")
        {
            if (value.Contains(forbidden, StringComparison.Ordinal))
            {
                problems.Add($"may not contain '{forbidden}'");
            }
        }

        return problems;
    }

    /// <summary>Keys of ConfigMaps and Secrets, which become names of files.</summary>
    public static IReadOnlyList<string> ConfigKey(string value)
    {
        var problems = Check(
            value, 253, ConfigKeyPattern(), "a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "[-._a-zA-Z0-9]+", "key.name", "KEY_NAME", "key-name");
        if (value == ".")
        {
            problems.Add("must not be '.'");
        }
        else if (value == "..")
        {
            problems.Add("must not be '..'");
        }
        else if (value.StartsWith("..", StringComparison.Ordinal))
        {
            problems.Add("must not start with '..'");
        }

        return problems;
    }

    /// <summary>Whatever a shell could not misread: printable ASCII without the equals sign (KEP-4369).</summary>
    public static IReadOnlyList<string> EnvironmentVariable(string value) => value.All(letter => letter is >= ' ' and <= '~' and not '=')
        ? []
        : [WithPattern("a valid environment variable name must consist only of printable ASCII characters other than '='", "[ -<>-~]+")];

    /// <summary>Names of ports (RFC 6335): at most 15 letters, digits and hyphens.</summary>
    public static IReadOnlyList<string> PortName(string value)
    {
        List<string> problems = [];
        if (value.Length > 15)
        {
            problems.Add(TooLong(15));
        }

        if (value.Any(letter => letter is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-')))
        {
            problems.Add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }

        if (!value.Any(letter => letter is >= 'a' and <= 'z'))
        {
            problems.Add("must contain at least one letter (a-z)");
        }

        if (value.Contains("--", StringComparison.Ordinal))
        {
            problems.Add("must not contain consecutive hyphens");
        }

        if (value.StartsWith('-') || value.EndsWith('-'))
        {
            problems.Add("must not begin or end with a hyphen");
        }

        return problems;
    }

    internal static string TooLong(int most) => $"must be no more than {most} characters";

    /// <summary>Upstream's <c>RegexError</c>.</summary>
    internal static string WithPattern(string message, string pattern, params ReadOnlySpan<string> examples)
    {
        if (examples.Length == 0)
        {
            return $"{message} (regex used for validation is '{pattern}')";
        }

        // The two spaces are upstream's.
        var list = string.Join("',  or '", examples.ToArray());
        return $"{message} (e.g. '{list}', regex used for validation is '{pattern}')";
    }

    private static List<string> Check(string value, int most, Regex pattern, string message, string written, params ReadOnlySpan<string> examples)
    {
        List<string> problems = [];
        if (value.Length > most)
        {
            problems.Add(TooLong(most));
        }

        if (!pattern.IsMatch(value))
        {
            problems.Add(WithPattern(message, written, examples));
        }

        return problems;
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label1123();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Subdomain1123();

    [GeneratedRegex(@"^_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SubdomainWithUnderscore();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Label1035();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex LabelValuePattern();

    [GeneratedRegex(@"^[-._a-zA-Z0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex ConfigKeyPattern();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex QualifiedNamePattern();
}
