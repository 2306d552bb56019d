using System.Security.Cryptography;

namespace ActorOrchestrator.Actors.Resources;

/// <summary>The names that objects, labels and annotations may have; apimachinery's <c>util/validation</c> and its words.</summary>
public static class ObjectNames
{
    private const string Suffix = "bcdfghjklmnpqrstvwxz2456789";
    private const int MaxGeneratedPrefix = 58;

    public const string SubdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    public const string LabelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    public const string Rfc1035Rule =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    private const string QualifiedRule =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string LabelValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    /// <summary>A prefix and five random characters that spell no word, as upstream's name generator.</summary>
    public static string Generate(string prefix)
    {
        var head = prefix.Length > MaxGeneratedPrefix ? prefix[..MaxGeneratedPrefix] : prefix;
        return head + RandomNumberGenerator.GetString(Suffix, 5);
    }

    public static string? SubdomainError(string name)
    {
        if (name.Length > 253)
        {
            return "must be no more than 253 bytes";
        }

        foreach (var range in name.AsSpan().Split('.'))
        {
            if (!IsLabel(name.AsSpan()[range]))
            {
                return SubdomainRule;
            }
        }

        return null;
    }

    public static string? LabelError(string name) =>
        name.Length > 63 ? "must be no more than 63 bytes" : IsLabel(name) ? null : LabelRule;

    public static string? Rfc1035Error(string name) =>
        name.Length > 63 ? "must be no more than 63 bytes" : IsLabel(name) && name[0] is >= 'a' and <= 'z' ? null : Rfc1035Rule;

    /// <summary>For kinds whose names are only a path segment.</summary>
    public static string? PathSegmentError(string name) => name switch
    {
        "." or ".." => $"may not be '{name}'",
        _ when name.Contains('/', StringComparison.Ordinal) => "may not contain '/'",
        _ when name.Contains('%', StringComparison.Ordinal) => "may not contain '%'",
        _ => null,
    };

    /// <summary>Label and annotation keys: an optional subdomain prefix, a slash, a name.</summary>
    public static string? QualifiedNameError(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            if (slash == 0)
            {
                return "prefix part must be non-empty";
            }

            if (SubdomainError(key[..slash]) is { } wrong)
            {
                return "prefix part " + wrong;
            }
        }

        var name = key[(slash + 1)..];
        return name.Length switch
        {
            0 => "name part must be non-empty",
            > 63 => "name part must be no more than 63 bytes",
            _ => IsQualified(name) ? null : QualifiedRule,
        };
    }

    public static string? LabelValueError(string value) =>
        value.Length == 0 ? null : value.Length > 63 ? "must be no more than 63 bytes" : IsQualified(value) ? null : LabelValueRule;

    private static bool IsLabel(ReadOnlySpan<char> text)
    {
        if (text.Length == 0 || text[0] == '-' || text[^1] == '-')
        {
            return false;
        }

        foreach (var c in text)
        {
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsQualified(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                return false;
            }
        }

        return char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]);
    }
}
