using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Somebody whom the API calls: a server on a loopback port that shows a certificate of its own for one name.</summary>
internal sealed class HttpsBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private HttpsBackend(WebApplication app, string caBundle) => (_app, CaBundle) = (app, caBundle);

    /// <summary>PEM in base64.</summary>
    public string CaBundle { get; }

    public int Port { get; private set; }

    public static async Task<HttpsBackend> StartAsync(string name, RequestDelegate answer)
    {
        var certificate = SelfSigned(name);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var backend = new HttpsBackend(builder.Build(), Convert.ToBase64String(Encoding.UTF8.GetBytes(certificate.ExportCertificatePem())));
        backend._app.Run(answer);
        await backend._app.StartAsync();
        backend.Port = new Uri(backend._app.Urls.First()).Port;
        return backend;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
