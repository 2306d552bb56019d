using System.Globalization;
using System.Text;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Texts that break readers: of selectors, tokens, JSON, YAML, paths and headers.</summary>
internal sealed class HostileText(Random random)
{
    private static readonly string[] SelectorParts = ["a", "a.b/c", "/a", "a/", "-a", "", " ", "=", "==", "!=", "!", ",", "in", "notin", "(", ")", "()", "(,)", "<", ">", "gt", "5", "exists", "metadata.name", "spec.nodeName", "\\", "\\,", "\\=", "'", "\"", "🙂", "\t", "a b"];
    private static readonly string[] Numbers = ["1e400", "-1e400", "1e-400", "-0", "0.0", "00", "+1", "1.", ".5", "0x7f", "1_000", "99999999999999999999", "-9223372036854775809", "9223372036854775808", "4294967296", "2147483648", "NaN", "Infinity", "1e2", "3.9999999999999999999999999999"];
    private static readonly string[] Steps = ["..", ".", "%2e%2e", "%2E", "..%2f", "%2f", "%5c..", "%c0%ae%c0%ae", "%00", "%0a", "%ff", "%zz", "%", "%2", ";x=y", "a;b", "a,b", "a:b", "~", "*", "%25%32%65", "%u0041", "\\"];

    private static readonly string[] Yaml =
    [
        "a: &a [*a]\n", "a: &a\n  b: *a\n", "x: *nobody\n", "? [a, b]\n: c\n", "? {a: b}\n: c\n", "<<: 5\n", "x: &x {a: b}\ny: {<<: *x, <<: [*x, *x]}\n", "!!binary |\n  ====\n", "!!float x\n", "!<tag:yaml.org,2002:map> {a: .inf, b: -.inf, c: .nan, d: 0o17, e: 0b1, f: 1:30}\n",
        "%YAML 9.9\n---\na: b\n", "a: b\na: c\n", "\ta: b\n", "a: \"\\xff\\ud800\\U0011ffff\"\n", "--- |\n text\n...\n--- a\n", "a: b: c\n", "- a\nb: c\n", "{a: [}\n", "a: 2001-12-14t21:59:43.10-05:00\nb: ~\nnull: x\ntrue: y\n1: z\n1.5: w\n",
    ];

    private static readonly byte[][] NoUtf8 = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80], [0xfe, 0xff], [0xef, 0xbb, 0xbf], [0x00]];

    private static readonly (string Name, string[] Values)[] Headers =
    [
        ("Impersonate-User", ["bob", "", "system:serviceaccount:a:b", "system:serviceaccount:", "%F0%9F%99%82", "a,b"]),
        ("Impersonate-Group", ["system:masters", "", "x"]),
        ("Impersonate-Uid", ["", "1"]),
        ("Impersonate-Extra-a%2fb", ["x"]),
        ("Impersonate-Extra-%zz", ["x"]),
        ("Impersonate-Extra-", ["x"]),
        ("Content-Encoding", ["gzip", "br", "nope"]),
        ("Accept-Encoding", ["gzip;q=x", "identity;q=0", "*;q=0", ",,,"]),
        ("If-None-Match", ["*", "\"", "W/", "x,y"]),
        ("Audit-ID", ["x", "\"}", "%F0%9F"]),
        ("Range", ["bytes=0-1", "x"]),
        ("Expect", ["100-continue"]),
        ("X-Remote-User", ["admin"]),
        ("X-HTTP-Method-Override", ["DELETE"]),
        ("Upgrade", ["websocket", "SPDY/3.1", "x"]),
        ("Sec-WebSocket-Protocol", ["base64url.bearer.authorization.k8s.io.!!!", "v4.channel.k8s.io"]),
    ];

    public string Selector() => string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => Pick(SelectorParts)));

    /// <summary>A token as our own are, but for what it says.</summary>
    public string Continue() => Convert.ToBase64String(Encoding.UTF8.GetBytes(random.Next(3) == 0
        ? new string((char)random.Next(32, 127), random.Next(1, 40))
        : $$"""{"v":"meta.k8s.io/v{{random.Next(3)}}","rv":{{Pick(["5", "-5", "0", "1e9", "null", "\"x\"", "9223372036854775807", "99999999999999999999"])}},"start":{{Pick(["\"default/a\\u0000\"", "\"../../x\"", "\"\"", "null", "5", "\"/\"", "\"\\ud800\""])}}}"""))[random.Next(2)..];

    public string Number() => Pick(Numbers);

    public string Step() => Pick(Steps);

    public string YamlDocument() => random.Next(4) switch
    {
        0 => Pick(Yaml),
        1 => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  {Pick(Yaml).Replace("\n", "\n  ", StringComparison.Ordinal)}",
        2 => "a: " + Nested("[", "]"),
        _ => string.Concat(Enumerable.Range(0, random.Next(1, 400)).Select(depth => $"{new string(' ', depth)}a:\n")),
    };

    /// <summary>JSON that is deep, says a thing twice, has numbers that nothing holds, or is no UTF-8.</summary>
    public byte[] Json(string text)
    {
        var end = text.LastIndexOf('}');
        switch (random.Next(4))
        {
            case 0 when end > 0:
                return Encoding.UTF8.GetBytes($"{text[..end]},\"x\":{(random.Next(2) == 0 ? Nested("[", "]") : Nested("{\"a\":", "}", "1"))}{text[end..]}");
            case 1 when end > 0:
                return Encoding.UTF8.GetBytes($"{text[..end]},{Pick(["\"metadata\":{\"name\":\"z\"}", "\"apiVersion\":\"v1\"", "\"kind\":5", "\"spec\":null", "\"data\":{\"k\":\"1\",\"k\":\"2\"}", "\"\":1"])}{text[end..]}");
            case 2 when text.AsSpan().IndexOfAnyInRange('0', '9') is >= 0 and var digit:
                return Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, digit), Number(), text.AsSpan(digit + 1)));
            default:
                var bytes = Encoding.UTF8.GetBytes(text);
                var at = random.Next(bytes.Length + 1);
                return [.. bytes[..at], .. NoUtf8[random.Next(NoUtf8.Length)], .. bytes[at..]];
        }
    }

    public (string Name, string Value) Header()
    {
        var (name, values) = Headers[random.Next(Headers.Length)];
        return (name, Pick(values));
    }

    public string MediaType(string type) => random.Next(6) switch
    {
        0 => type.ToUpperInvariant(),
        1 => type + ";charset=utf-16",
        2 => type + "; a=\"b;c\"; charset=\"UTF-8\"",
        3 => type + ";" + new string('x', random.Next(500)),
        4 => type + "," + type,
        _ => "multipart/form-data; boundary=" + random.Next().ToString(CultureInfo.InvariantCulture),
    };

    private string Nested(string open, string close, string core = "")
    {
        var depth = random.Next(4) switch { 0 => random.Next(60), 1 => random.Next(60, 70), 2 => random.Next(1000), _ => 20_000 };
        return new StringBuilder().Insert(0, open, depth).Append(core).Insert(depth * open.Length + core.Length, close, depth).ToString();
    }

    private string Pick(string[] from) => from[random.Next(from.Length)];
}
