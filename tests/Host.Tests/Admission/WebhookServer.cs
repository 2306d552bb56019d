using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ActorOrchestrator.Host.Tests.Admission;

/// <summary>A webhook behind HTTPS on a loopback port, with an authority of its own. Each path is a behaviour.</summary>
public sealed class WebhookServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookServer(WebApplication app, string caBundle)
    {
        _app = app;
        CaBundle = caBundle;
    }

    /// <summary>PEM in base64.</summary>
    public string CaBundle { get; }

    public int Port { get; private set; }
    public List<JsonObject> Requests { get; } = [];

    /// <summary>The answer to a request (its <c>request</c> part), by path.</summary>
    public Dictionary<string, Func<JsonObject, JsonObject>> Answers { get; } = [];

    public static async Task<WebhookServer> StartAsync()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=webhook-ca", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var (from, to) = (DateTimeOffset.Parse("2020-01-01T00:00:00Z"), DateTimeOffset.Parse("2099-01-01T00:00:00Z"));
        using var authority = authorityRequest.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=hook", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("hook.default.svc");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(authority, from, to, [1, 2, 3]);
        var certificate = X509CertificateLoader.LoadPkcs12(issued.CopyWithPrivateKey(key).Export(X509ContentType.Pkcs12), null);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        var server = new WebhookServer(builder.Build(), Convert.ToBase64String(Encoding.ASCII.GetBytes(authority.ExportCertificatePem())));
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        server.Port = new Uri(server._app.Urls.First()).Port;
        return server;
    }

    public static JsonObject Allow(Action<JsonObject>? more = null)
    {
        var response = new JsonObject { ["allowed"] = true };
        more?.Invoke(response);
        return response;
    }

    public static JsonObject Patch(string patch) => Allow(response =>
    {
        response["patchType"] = "JSONPatch";
        response["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(patch));
    });

    public static JsonObject Deny(string message, int code = 403) => new()
    {
        ["allowed"] = false,
        ["status"] = new JsonObject { ["message"] = message, ["code"] = code, ["reason"] = "Forbidden" },
    };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var review = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        var request = review["request"]!.AsObject();
        lock (Requests)
        {
            Requests.Add(request);
        }

        if (!Answers.TryGetValue(http.Request.Path, out var answer))
        {
            http.Response.StatusCode = 404;
            return;
        }

        if (http.Request.Path == "/slow")
        {
            // The caller's own time-out ends this.
            await new TaskCompletionSource().Task.WaitAsync(http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        var response = answer(request);
        response["uid"] ??= (string)request["uid"]!;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(new JsonObject { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["response"] = response }.ToJsonString());
    }
}
