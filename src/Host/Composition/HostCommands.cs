using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ActorOrchestrator.Actors.NodeAgent.Shutdown;
using ActorOrchestrator.Host.Certificates;
using ActorOrchestrator.Host.Join;

namespace ActorOrchestrator.Host.Composition;

/// <summary>What is done to a host from outside of it.</summary>
public static class HostCommands
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    public static int Status(string data)
    {
        if (HostFolder.RunningHost(data) is not { } pid)
        {
            System.Console.WriteLine($"No orchestrator runs on {data}.");
            return 3;
        }

        System.Console.WriteLine($"An orchestrator runs on {data} (pid {pid}).");
        var ready = Path.Combine(data, "host.ready");
        System.Console.Write(File.Exists(ready) ? File.ReadAllText(ready) : "It is not ready yet.\n");
        return 0;
    }

    /// <summary>Ends the host gracefully; its containers run on, unless the host's settings end them with it.</summary>
    public static async Task<int> StopAsync(string data, CancellationToken cancellation)
    {
        if (HostFolder.RunningHost(data) is not { } pid)
        {
            System.Console.WriteLine($"No orchestrator runs on {data}.");
            return 0;
        }

        await EndAsync(data, pid, cancellation).ConfigureAwait(false);
        System.Console.WriteLine(HostProcess.StoppedText(ShutdownOf(data).IsOn));
        return 0;
    }

    public static async Task<int> PurgeAsync(string data, string dockerHost, CancellationToken cancellation)
    {
        if (HostFolder.RunningHost(data) is { } pid)
        {
            await EndAsync(data, pid, cancellation).ConfigureAwait(false);
        }

        return await Purge.RunAsync(data, dockerHost, cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes a token through the API, as the admin, and prints the command that uses it.</summary>
    public static async Task<int> CreateTokenAsync(string data, CancellationToken cancellation)
    {
        var pki = new PkiFolder(Path.Combine(data, "pki"), TimeProvider.System);
        if (HostFolder.RunningHost(data) is null || pki.Load("admin") is not { } admin)
        {
            throw new HostException($"no orchestrator with the control role runs on {data}; say which with --data.");
        }

        using var authority = pki.LoadAuthorityCertificate();
        var address = (await File.ReadAllTextAsync(Path.Combine(data, "api-address"), cancellation).ConfigureAwait(false)).Trim();
        var token = JoinToken.Create(CertificateAuthority.PinOf(authority));
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [admin],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && CertificateAuthority.Trusts(authority, shown),
            },
        };
        using var client = new HttpClient(handler);
        using var body = new StringContent(token.ToSecret(TimeProvider.System.GetUtcNow()).ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            using var response = await client.PostAsync($"https://{address}/api/v1/namespaces/kube-system/secrets", body, cancellation).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw new HostException($"the token could not be kept: {await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false)}");
            }
        }
        catch (HttpRequestException failed)
        {
            throw new HostException($"the API at {address} does not answer: {failed.GetBaseException().Message}", failed);
        }

        System.Console.WriteLine($"{Environment.ProcessPath} join {address} --token {token}");
        return 0;
    }

    /// <summary>As the host was told when it started.</summary>
    private static NodeShutdownSettings ShutdownOf(string data)
    {
        var file = HostFolder.ConfigFileOf(data);
        return NodeShutdownSettings.From(HostConfig.Load(File.Exists(file) ? file : null).Rooms.GetConfig("orchestrator.node"));
    }

    private static async Task EndAsync(string data, int pid, CancellationToken cancellation)
    {
        using var host = Process.GetProcessById(pid);
        if (!host.ProcessName.StartsWith("orchestrator", StringComparison.Ordinal) && !host.ProcessName.StartsWith("dotnet", StringComparison.Ordinal))
        {
            throw new HostException($"process {pid} holds {data} but is {host.ProcessName}, not an orchestrator; nothing was stopped.");
        }

        using var kill = Process.Start("kill", ["-TERM", pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var longest = StopPatience + ShutdownOf(data).Total;
        patience.CancelAfter(longest);
        try
        {
            await host.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new HostException($"the orchestrator (pid {pid}) did not stop within {longest.TotalSeconds:0} s; its log is {Path.Combine(data, "host.log")}.");
        }
    }
}
