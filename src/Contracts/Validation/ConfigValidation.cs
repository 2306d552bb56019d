using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for ConfigMaps and Secrets.</summary>
internal static class ConfigValidation
{
    private const int MostBytes = 1024 * 1024;
    private static readonly FieldPath Unformatted = FieldPath.Of("data[%s]");

    public static void ConfigMap(JsonObject map, JsonObject? old, FieldErrors errors)
    {
        var size = 0L;
        foreach (var (key, text) in map.Pairs("data"))
        {
            errors.Check(FieldPath.Of("data").Key(key), key, Names.ConfigKey(key));
            if (map.Child("binaryData")?.ContainsKey(key) == true)
            {
                errors.Invalid(FieldPath.Of("data").Key(key), key, "duplicate of key present in binaryData");
            }

            size += Encoding.UTF8.GetByteCount(text);
        }

        foreach (var (key, base64) in map.Pairs("binaryData"))
        {
            errors.Check(FieldPath.Of("binaryData").Key(key), key, Names.ConfigKey(key));
            size += DecodedLength(base64);
        }

        if (size > MostBytes)
        {
            errors.TooLong(FieldPath.Unnamed, MostBytes);
        }
    }

    public static void Secret(JsonObject secret, JsonObject? old, FieldErrors errors)
    {
        var path = FieldPath.Of("data");
        var size = 0L;
        foreach (var (key, base64) in secret.Pairs("data"))
        {
            errors.Check(path.Key(key), key, Names.ConfigKey(key));
            size += DecodedLength(base64);
        }

        if (size > MostBytes)
        {
            errors.TooLong(path, MostBytes);
        }

        var data = secret.Child("data") ?? [];
        switch (secret.Text("type"))
        {
            case "kubernetes.io/service-account-token":
                var annotations = secret.Child("metadata")?.Child("annotations") ?? [];
                if (annotations.Text("kubernetes.io/service-account.name").Length == 0)
                {
                    errors.Required(FieldPath.Of("metadata").Field("annotations").Key("kubernetes.io/service-account.name"));
                }

                break;
            case "kubernetes.io/dockercfg":
                Holds(data, ".dockercfg", isJson: true, path, errors);
                break;
            case "kubernetes.io/dockerconfigjson":
                Holds(data, ".dockerconfigjson", isJson: true, path, errors);
                break;
            case "kubernetes.io/basic-auth":
                if (!data.ContainsKey("username") && !data.ContainsKey("password"))
                {
                    // The path is upstream's own, letter for letter.
                    errors.Required(Unformatted.Key("username"));
                    errors.Required(Unformatted.Key("password"));
                }

                break;
            case "kubernetes.io/ssh-auth":
                if (data.Text("ssh-privatekey").Length == 0)
                {
                    errors.Required(Unformatted.Key("ssh-privatekey"));
                }

                break;
            case "kubernetes.io/tls":
                Holds(data, "tls.crt", isJson: false, path, errors);
                Holds(data, "tls.key", isJson: false, path, errors);
                break;
        }
    }

    private static void Holds(JsonObject data, string key, bool isJson, FieldPath path, FieldErrors errors)
    {
        if (!data.ContainsKey(key))
        {
            errors.Required(path.Key(key));
        }
        else if (isJson && !IsJson(data.Text(key)))
        {
            errors.Invalid(path.Key(key), "<secret contents redacted>", "invalid character looking for beginning of value");
        }
    }

    private static bool IsJson(string base64)
    {
        try
        {
            JsonNode.Parse(Convert.FromBase64String(base64));
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }

    private static long DecodedLength(string base64) => ((long)base64.Length * 3 / 4) - (base64.EndsWith("==", StringComparison.Ordinal) ? 2 : base64.EndsWith('=') ? 1 : 0);
}
