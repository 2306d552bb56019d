using System.Text;
using System.Text.Json;
using ActorOrchestrator.Host.Api.Errors;

namespace ActorOrchestrator.Host.Api.Resources;

/// <summary>Where a list that came in pieces goes on: after which object, and at which revision. A revision of -1 means "whatever is newest".</summary>
internal readonly record struct ContinueToken(long Revision, string Namespace, string Name)
{
    public const long Inconsistent = -1;
    private const string Malformed = "invalid continue token: continue key is not valid";

    public string Encode()
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["v"] = "meta.k8s.io/v1", ["rv"] = Revision, ["start"] = $"{Namespace}/{Name}\0" });
        return Convert.ToBase64String(json).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }

    /// <exception cref="ApiException">400: not one of ours.</exception>
    public static ContinueToken Decode(string text)
    {
        try
        {
            var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
            using var json = JsonDocument.Parse(Convert.FromBase64String(padded));
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || root.GetProperty("v").GetString() != "meta.k8s.io/v1")
            {
                throw ApiException.BadRequest($"{Malformed}: server does not recognize this encoded version {root.GetProperty("v").GetString()}");
            }

            var revision = root.GetProperty("rv").GetInt64();
            var start = root.GetProperty("start").GetString() ?? "";
            var slash = start.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0 || revision is 0 or < Inconsistent || !start.EndsWith('\0'))
            {
                throw Invalid("incorrect encoded start or resourceVersion (version meta.k8s.io/v1)");
            }

            return new ContinueToken(revision, start[..slash], start[(slash + 1)..^1]);
        }
        catch (Exception malformed) when (malformed is FormatException or JsonException or KeyNotFoundException or InvalidOperationException or DecoderFallbackException)
        {
            throw Invalid(malformed.Message);
        }
    }

    private static ApiException Invalid(string why) => ApiException.BadRequest($"{Malformed}: {why}");
}
