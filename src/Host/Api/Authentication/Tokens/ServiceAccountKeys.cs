using System.Collections.Immutable;
using System.Security.Cryptography;
using ActorOrchestrator.Host.Certificates;
using Microsoft.IdentityModel.Tokens;

namespace ActorOrchestrator.Host.Api.Authentication.Tokens;

/// <summary>
/// The keys of ServiceAccount tokens, beside the cluster's authority: <c>pki/sa.key</c> signs; <c>pki/sa.key</c> and every <c>pki/sa-*.pub</c> or
/// <c>pki/sa-*.key</c> verify, so that a key can be exchanged without ending every token. Whoever shares the authority's key with another
/// control host shares these with it.
/// </summary>
public sealed class ServiceAccountKeys : IDisposable
{
    private const string SigningFile = "sa.key";
    private readonly ImmutableArray<AsymmetricAlgorithm> _algorithms;

    private ServiceAccountKeys(ImmutableArray<AsymmetricAlgorithm> algorithms)
    {
        _algorithms = algorithms;
        Verifying = [.. algorithms.Select(KeyOf)];
    }

    /// <summary>The first signs.</summary>
    public ImmutableArray<SecurityKey> Verifying { get; }

    public SigningCredentials Signing => new(Verifying[0], AlgorithmOf(Verifying[0]));

    /// <exception cref="CryptographicException">A file is not a key of the kinds that are taken: RSA, or ECDSA over P-256, P-384 or P-521.</exception>
    public static ServiceAccountKeys Open(PkiFolder pki)
    {
        var signing = Path.Combine(pki.Folder, SigningFile);
        if (!File.Exists(signing))
        {
            using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            PkiFolder.WritePrivate(signing, made.ExportPkcs8PrivateKeyPem());
        }

        var others = Directory.EnumerateFiles(pki.Folder, "sa-*").Where(file => file.EndsWith(".pub", StringComparison.Ordinal) || file.EndsWith(".key", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        return new ServiceAccountKeys([Read(signing), .. others.Select(Read)]);
    }

    /// <summary>For a test.</summary>
    public static ServiceAccountKeys Create() => new([ECDsa.Create(ECCurve.NamedCurves.nistP256)]);

    /// <summary>The algorithm by which a key signs.</summary>
    public static string AlgorithmOf(SecurityKey key) => key switch
    {
        RsaSecurityKey => SecurityAlgorithms.RsaSha256,
        ECDsaSecurityKey { ECDsa.KeySize: 256 } => SecurityAlgorithms.EcdsaSha256,
        ECDsaSecurityKey { ECDsa.KeySize: 384 } => SecurityAlgorithms.EcdsaSha384,
        ECDsaSecurityKey { ECDsa.KeySize: 521 } => SecurityAlgorithms.EcdsaSha512,
        _ => throw new CryptographicException("A key for ServiceAccount tokens is RSA, or ECDSA over P-256, P-384 or P-521."),
    };

    public void Dispose()
    {
        foreach (var algorithm in _algorithms)
        {
            algorithm.Dispose();
        }
    }

    private static AsymmetricAlgorithm Read(string file)
    {
        var pem = File.ReadAllText(file);
        AsymmetricAlgorithm key = pem.Contains("RSA", StringComparison.Ordinal) ? RSA.Create() : ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (CryptographicException) when (key is ECDsa)
        {
            // PKCS#8 does not say the algorithm in its label.
            key.Dispose();
            var rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return rsa;
        }
    }

    /// <summary>A key's identifier is the hash of its public part, as upstream's.</summary>
    private static SecurityKey KeyOf(AsymmetricAlgorithm algorithm)
    {
        var id = Base64UrlEncoder.Encode(SHA256.HashData(algorithm.ExportSubjectPublicKeyInfo()));
        SecurityKey key = algorithm is RSA rsa ? new RsaSecurityKey(rsa) { KeyId = id } : new ECDsaSecurityKey((ECDsa)algorithm) { KeyId = id };
        _ = AlgorithmOf(key);
        return key;
    }
}
