using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Host.Api.Authentication.Tokens;
using Microsoft.IdentityModel.Tokens;

namespace ActorOrchestrator.Host.Api.Documents;

/// <summary>By what others check ServiceAccount tokens without asking us: OpenID Connect's discovery document and the public keys.</summary>
internal sealed class IssuerDocuments : IApiDocuments
{
    private const string ConfigurationPath = "/.well-known/openid-configuration";
    private const string KeysPath = "/openid/v1/jwks";
    private readonly RenderedDocument _configuration;
    private readonly RenderedDocument _keys;

    public IssuerDocuments(ServiceAccountKeys keys, TokenSettings tokens, ApiSettings settings)
    {
        _configuration = RenderedDocument.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("issuer", tokens.Issuer);
            writer.WriteString("jwks_uri", $"https://{settings.ServerAddress}{KeysPath}");
            Write("response_types_supported", ["id_token"]);
            Write("subject_types_supported", ["public"]);
            Write("id_token_signing_alg_values_supported", keys.Verifying.Select(ServiceAccountKeys.AlgorithmOf).Distinct());
            writer.WriteEndObject();

            void Write(string name, IEnumerable<string> values)
            {
                writer.WriteStartArray(name);
                foreach (var value in values)
                {
                    writer.WriteStringValue(value);
                }

                writer.WriteEndArray();
            }
        });
        _keys = RenderedDocument.Write(
            writer =>
            {
                writer.WriteStartObject();
                writer.WriteStartArray("keys");
                foreach (var key in keys.Verifying)
                {
                    Write(writer, key);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            },
            "application/jwk-set+json");
    }

    public Task? Serve(HttpContext context, string path)
    {
        var document = path == ConfigurationPath ? _configuration : path == KeysPath ? _keys : null;
        if (document is null)
        {
            return null;
        }

        context.Response.Headers.CacheControl = "public, max-age=3600";
        context.Response.ContentType = document.ContentType;
        context.Response.ContentLength = document.Body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.BodyWriter.WriteAsync(document.Body, context.RequestAborted).AsTask();
    }

    /// <summary>RFC 7517; the private part of a key has no way in here.</summary>
    private static void Write(System.Text.Json.Utf8JsonWriter writer, SecurityKey key)
    {
        writer.WriteStartObject();
        writer.WriteString("use", "sig");
        if (key is RsaSecurityKey rsa)
        {
            var numbers = rsa.Rsa.ExportParameters(includePrivateParameters: false);
            writer.WriteString("kty", "RSA");
            writer.WriteString("kid", key.KeyId);
            writer.WriteString("alg", ServiceAccountKeys.AlgorithmOf(key));
            writer.WriteString("n", Base64UrlEncoder.Encode(numbers.Modulus));
            writer.WriteString("e", Base64UrlEncoder.Encode(numbers.Exponent));
        }
        else if (key is ECDsaSecurityKey ecdsa)
        {
            var numbers = ecdsa.ECDsa.ExportParameters(includePrivateParameters: false);
            writer.WriteString("kty", "EC");
            writer.WriteString("kid", key.KeyId);
            writer.WriteString("crv", $"P-{ecdsa.ECDsa.KeySize}");
            writer.WriteString("alg", ServiceAccountKeys.AlgorithmOf(key));
            writer.WriteString("x", Base64UrlEncoder.Encode(numbers.Q.X));
            writer.WriteString("y", Base64UrlEncoder.Encode(numbers.Q.Y));
        }

        writer.WriteEndObject();
    }
}
