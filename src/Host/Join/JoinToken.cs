using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Join;

/// <summary>
/// What lets a host join: <c>PIN.id.secret</c>. The pin (SHA-256 of the authority's public key) lets the joiner know the cluster, the secret lets
/// the cluster know the joiner. The cluster keeps only the secret's hash, in a Secret of type <c>bootstrap.kubernetes.io/token</c> that expires.
/// </summary>
public sealed partial record JoinToken(string Pin, string Id, string Secret)
{
    public const string SecretType = "bootstrap.kubernetes.io/token";

    public static readonly TimeSpan Life = TimeSpan.FromHours(24);

    public string SecretName => $"bootstrap-token-{Id}";

    public ObjectKey Key => new(ResourceTypes.Secrets, "kube-system", SecretName);

    public static JoinToken Create(string pin) =>
        new(pin, RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 6), RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 32));

    public static JoinToken? Parse(string text) =>
        Form().Match(text) is { Success: true } match ? new JoinToken(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value) : null;

    public override string ToString() => $"{Pin}.{Id}.{Secret}";

    /// <summary>The Secret that remembers this token.</summary>
    public JsonObject ToSecret(DateTimeOffset now) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = SecretName, ["namespace"] = "kube-system" },
        ["type"] = SecretType,
        ["stringData"] = new JsonObject
        {
            ["token-id"] = Id,
            ["token-secret-sha256"] = Hash(Secret),
            ["expiration"] = (now + Life).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["description"] = "Lets a host join with orchestrator join.",
        },
    };

    /// <summary>Null when the token is good; otherwise why it is not.</summary>
    public string? Refuse(StoredObject? kept, DateTimeOffset now)
    {
        var data = kept?.ToJson()["data"] as JsonObject;
        if (data is null || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Text(data, "token-secret-sha256")), Encoding.UTF8.GetBytes(Hash(Secret))))
        {
            return "the token is not known to this cluster.";
        }

        return DateTimeOffset.TryParse(Text(data, "expiration"), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var end) && now < end
            ? null
            : "the token has expired; make another with: orchestrator token create";
    }

    private static string Text(JsonObject data, string name) =>
        (string?)data[name] is { } encoded ? Encoding.UTF8.GetString(Convert.FromBase64String(encoded)) : "";

    private static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    [GeneratedRegex("^([0-9a-f]{64})\\.([a-z0-9]{6})\\.([a-z0-9]{32})$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
