using System.Buffers.Text;
using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text.RegularExpressions;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// The formats of strings that upstream checks (apiextensions' <c>formats.go</c> over kube-openapi's <c>strfmt</c>). Any other format is a remark for
/// readers and fits every text.
/// </summary>
internal static partial class StringFormats
{
    private static readonly FrozenDictionary<string, Func<string, bool>> Known = new Dictionary<string, Func<string, bool>>(StringComparer.Ordinal)
    {
        ["bsonobjectid"] = text => text.Length == 24 && text.All(char.IsAsciiHexDigit),
        ["uri"] = IsUri,
        ["email"] = text => MailAddress.TryCreate(text, out _),
        ["hostname"] = text => text.Length <= 255 && Hostname().IsMatch(text),
        ["ipv4"] = text => IPAddress.TryParse(text, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && text.Count(letter => letter == '.') == 3,
        ["ipv6"] = text => text.Contains(':', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal) && IPAddress.TryParse(text, out _),
        ["cidr"] = IsCidr,
        ["mac"] = text => Mac().IsMatch(text),
        ["uuid"] = text => Uuid().IsMatch(text),
        ["uuid3"] = text => Uuid3().IsMatch(text),
        ["uuid4"] = text => Uuid4().IsMatch(text),
        ["uuid5"] = text => Uuid5().IsMatch(text),
        ["isbn"] = text => IsIsbn10(text) || IsIsbn13(text),
        ["isbn10"] = IsIsbn10,
        ["isbn13"] = IsIsbn13,
        ["creditcard"] = text => CreditCard().IsMatch(string.Concat(text.Where(char.IsAsciiDigit))),
        ["ssn"] = text => SocialSecurity().IsMatch(text),
        ["hexcolor"] = text => HexColor().IsMatch(text),
        ["rgbcolor"] = text => RgbColor().IsMatch(text),
        ["byte"] = text => Base64.IsValid(text),
        ["password"] = _ => true,
        ["date"] = text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        ["duration"] = IsDuration,
        ["datetime"] = IsDateTime,
        ["k8sshortname"] = text => text.Length <= 63 && ShortName().IsMatch(text),
        ["k8slongname"] = text => text.Length <= 253 && text.Split('.').All(part => ShortName().IsMatch(part)),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool Fits(string format, string text) => !Known.TryGetValue(Normal(format), out var check) || check(text);

    /// <summary>A format that is checked, or a number's.</summary>
    public static bool IsRecognized(string type, string format) => type switch
    {
        "" or "string" => Known.ContainsKey(Normal(format)),
        "integer" => format is "int32" or "int64",
        "number" => format is "float" or "double",
        _ => false,
    };

    /// <summary>A format of texts that is checked, or one of numbers, which says how wide they are.</summary>
    public static bool IsKnown(string format) => format is "int32" or "int64" or "float" or "double" || Known.ContainsKey(Normal(format));

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex ShortName();

    private static string Normal(string format) => format.Replace("-", "", StringComparison.Ordinal);

    private static bool IsUri(string text) =>
        text.Length > 0 && (text[0] == '/' || Uri.TryCreate(text, UriKind.Absolute, out _)) && !text.Any(letter => letter is <= ' ' or '\x7f');

    private static bool IsCidr(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && IPAddress.TryParse(text.AsSpan(0, slash), out var address)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128);
    }

    private static bool IsIsbn10(string text)
    {
        var digits = text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        if (digits.Length != 10 || !digits[..9].All(char.IsAsciiDigit) || !(char.IsAsciiDigit(digits[9]) || digits[9] == 'X'))
        {
            return false;
        }

        var sum = Enumerable.Range(0, 10).Sum(i => (10 - i) * (digits[i] == 'X' ? 10 : digits[i] - '0'));
        return sum % 11 == 0;
    }

    private static bool IsIsbn13(string text)
    {
        var digits = text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);
        return digits.Length == 13 && digits.All(char.IsAsciiDigit) && Enumerable.Range(0, 13).Sum(i => (digits[i] - '0') * (i % 2 == 0 ? 1 : 3)) % 10 == 0;
    }

    private static bool IsDateTime(string text) => DateTimePattern().IsMatch(text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static bool IsDuration(string text) => GoDuration().IsMatch(text) || WordedDuration().IsMatch(text.Trim());

    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.NonBacktracking;
    private const RegexOptions AnyCase = Options | RegexOptions.IgnoreCase;

    [GeneratedRegex(@"^([a-zA-Z0-9\u00a1-\uffff]([a-zA-Z0-9_\u00a1-\uffff-]{0,62}[a-zA-Z0-9\u00a1-\uffff])?)(\.[a-zA-Z0-9\u00a1-\uffff]([a-zA-Z0-9_\u00a1-\uffff-]{0,62}[a-zA-Z0-9\u00a1-\uffff])?)*\.?\z", Options)]
    private static partial Regex Hostname();

    [GeneratedRegex(@"^([0-9a-f]{2}([:-]))([0-9a-f]{2}[:-]){4,6}[0-9a-f]{2}\z|^([0-9a-f]{4}\.){2,3}[0-9a-f]{4}\z", AnyCase)]
    private static partial Regex Mac();

    [GeneratedRegex(@"^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\z", AnyCase)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}\z", AnyCase)]
    private static partial Regex Uuid3();

    [GeneratedRegex(@"^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}\z", AnyCase)]
    private static partial Regex Uuid4();

    [GeneratedRegex(@"^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}\z", AnyCase)]
    private static partial Regex Uuid5();

    [GeneratedRegex(@"^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11})\z", Options)]
    private static partial Regex CreditCard();

    [GeneratedRegex(@"^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}\z", Options)]
    private static partial Regex SocialSecurity();

    [GeneratedRegex(@"^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})\z", Options)]
    private static partial Regex HexColor();

    [GeneratedRegex(@"^rgb\(\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*,\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*,\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*\)\z", Options)]
    private static partial Regex RgbColor();

    [GeneratedRegex(@"^[0-9]{4}-[0-9]{2}-[0-9]{2}[tT][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([zZ]|[+-][0-9]{2}:[0-9]{2})\z", Options)]
    private static partial Regex DateTimePattern();

    [GeneratedRegex(@"^[+-]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))*)\z", Options)]
    private static partial Regex GoDuration();

    [GeneratedRegex(@"^([0-9]+\s*(ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)\s*)+\z", Options)]
    private static partial Regex WordedDuration();
}
