using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authentication.Tokens;

/// <summary>
/// Bootstrap tokens: <c>id.secret</c> of a Secret <c>bootstrap-token-ID</c> of type <c>bootstrap.kubernetes.io/token</c> in kube-system, by which a new
/// machine asks for its certificate.
/// </summary>
public sealed partial class BootstrapTokenAuthenticator(IClusterReader reader, TokenSettings settings, TimeProvider time) : ITokenAuthenticator
{
    private const string SecretType = "bootstrap.kubernetes.io/token";
    private const string Bootstrappers = "system:bootstrappers";

    public ValueTask<TokenAnswer> AuthenticateAsync(string token, ImmutableArray<string> audiences) => new(Authenticate(token, audiences));

    private TokenAnswer Authenticate(string token, ImmutableArray<string> audiences)
    {
        if (Form().Match(token) is not { Success: true } form || !audiences.Contains(settings.Audience))
        {
            return TokenAnswer.Unknown;
        }

        var id = form.Groups[1].Value;
        var secret = reader.Current.Find(new ObjectKey(ResourceTypes.Secrets, "kube-system", $"bootstrap-token-{id}"));
        if (secret is null || secret.Metadata.DeletionTimestamp is not null)
        {
            return TokenAnswer.Unknown;
        }

        var tree = secret.ToJson();
        var data = tree.Object("data");
        var same = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Text(data, "token-secret")), Encoding.UTF8.GetBytes(form.Groups[2].Value));
        if (JsonNodes.Text(tree, "type") != SecretType || !same || Text(data, "token-id") != id || IsOver(data) || Text(data, "usage-bootstrap-authentication") != "true")
        {
            return TokenAnswer.Unknown;
        }

        var groups = Text(data, "auth-extra-groups").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (groups.FirstOrDefault(group => !Group().IsMatch(group)) is { } wrong)
        {
            return TokenAnswer.Refused($"bootstrap group \"{wrong}\" is invalid (must match {Group()})");
        }

        var user = new UserInfo($"system:bootstrap:{id}", [Bootstrappers, .. groups.Order(StringComparer.Ordinal), UserInfo.Authenticated]);
        return new TokenAnswer(user, [settings.Audience], "");
    }

    /// <summary>A token without an end lasts; one whose end cannot be read has ended.</summary>
    private bool IsOver(JsonObject? data)
    {
        var text = Text(data, "expiration");
        return text.Length > 0
            && !(DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end) && time.GetUtcNow() < end);
    }

    private static string Text(JsonObject? data, string name)
    {
        var encoded = JsonNodes.Text(data, name);
        var bytes = new byte[(encoded.Length * 3 / 4) + 3];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
    }

    [GeneratedRegex("^([a-z0-9]{6})\\.([a-z0-9]{16})$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex("^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex Group();
}
