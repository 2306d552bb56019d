using System.Security.Cryptography.X509Certificates;

namespace ActorOrchestrator.Host.Certificates;

/// <summary>
/// The certificates of one host on disk: <c>DATA/pki/NAME.crt</c> and <c>NAME.key</c>, readable by their owner alone. What is there and valid is used
/// again; what is missing, about to expire, or made for other names is made anew.
/// </summary>
public sealed class PkiFolder(string folder, TimeProvider time)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>A certificate is renewed at a start when less than this is left.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    public string Folder => folder;

    public string AuthorityFile => CertificateFile("ca");

    /// <summary>The authority of this control host, made on the first start.</summary>
    public CertificateAuthority OpenAuthority()
    {
        CreateFolder();
        if (File.Exists(CertificateFile("ca")) && File.Exists(KeyFile("ca")))
        {
            return CertificateAuthority.Load(CertificateFile("ca"), KeyFile("ca"), time);
        }

        var authority = CertificateAuthority.Create(time);
        Write("ca", authority.Certificate);
        return authority;
    }

    /// <summary>The kept certificate, or a new one where there is none that will do.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="names">The names it must be good for; it is made anew when they have changed.</param>
    /// <param name="issue">Makes one.</param>
    public X509Certificate2 Keep(string name, IReadOnlyCollection<string> names, Func<X509Certificate2> issue)
    {
        if (Load(name) is { } kept)
        {
            if (kept.NotAfter.ToUniversalTime() - time.GetUtcNow().UtcDateTime > RenewBefore && CoversAll(kept, names))
            {
                return kept;
            }

            kept.Dispose();
        }

        var made = issue();
        Write(name, made);
        return made;
    }

    /// <summary>Null when it is not there.</summary>
    public X509Certificate2? Load(string name) =>
        File.Exists(CertificateFile(name)) && File.Exists(KeyFile(name))
            ? X509Certificate2.CreateFromPemFile(CertificateFile(name), KeyFile(name))
            : null;

    public X509Certificate2 LoadAuthorityCertificate() => X509CertificateLoader.LoadCertificateFromFile(AuthorityFile);

    public void Write(string name, X509Certificate2 certificate)
    {
        CreateFolder();
        WritePrivate(CertificateFile(name), certificate.ExportCertificatePem());
        if (certificate.GetECDsaPrivateKey() is { } key)
        {
            using (key)
            {
                WritePrivate(KeyFile(name), key.ExportPkcs8PrivateKeyPem());
            }
        }
    }

    public void Write(string name, string certificatePem, string? keyPem)
    {
        CreateFolder();
        WritePrivate(CertificateFile(name), certificatePem);
        if (keyPem is not null)
        {
            WritePrivate(KeyFile(name), keyPem);
        }
    }

    /// <summary>Writes a whole file that only its owner may read, never half of one.</summary>
    public static void WritePrivate(string file, string text)
    {
        var temporary = file + ".new";
        File.Delete(temporary);
        using (var stream = new FileStream(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(text);
        }

        File.Move(temporary, file, overwrite: true);
    }

    private static bool CoversAll(X509Certificate2 certificate, IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
        {
            return true;
        }

        var covered = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return names.All(covered.Contains);
    }

    private void CreateFolder()
    {
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    private string CertificateFile(string name) => Path.Combine(folder, name + ".crt");

    private string KeyFile(string name) => Path.Combine(folder, name + ".key");
}
