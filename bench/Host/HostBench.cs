using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Bench.Node;

namespace ActorOrchestrator.Bench.Host;

/// <summary>
/// The whole program as <c>./up</c> publishes it: from start to <c>/readyz</c>, and what it costs while it does nothing with 30 pods running.
/// Needs root, a Docker Engine, the image busybox:1.36 and <c>artifacts/publish</c> (any <c>./up</c> makes it).
/// </summary>
public sealed class HostBench : IBench
{
    private const int Pods = 30;
    private const int Starts = 5;
    private const int ScaleRounds = 3;
    private static readonly int[] Concurrencies = [2, 4, 8];
    private const int Port = 19443;
    private static readonly string Deployments = $"https://127.0.0.1:{Port}/apis/apps/v1/namespaces/default/deployments";
    /// <summary>The runtime compiles what is called often once more, in the background; idle is what comes after.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan IdleSample = TimeSpan.FromSeconds(30);

    public string Name => "host";

    public async Task RunAsync(Report report, CancellationToken cancellation)
    {
        var program = Find();
        var data = Directory.CreateTempSubdirectory("orchestrator-bench-").FullName;
        var starts = new List<double>();
        Process? host = null;
        try
        {
            for (var start = 0; start <= Starts; start++)
            {
                var clock = Stopwatch.StartNew();
                host = Start(program, data);
                await ReadyAsync(cancellation);
                starts.Add(clock.Elapsed.TotalMilliseconds);
                if (start < Starts)
                {
                    await AnnouncedAsync(data, host, cancellation);
                    await EndAsync(host);
                }
            }

            report.Add(new Measurement(Name, "first start (new data folder) to /readyz", starts[0], "ms"));
            report.Add(new Measurement(Name, "warm start to /readyz", Median(starts.Skip(1)), "ms", Target: "≤ 1,500 ms"));

            await AnnouncedAsync(data, host!, cancellation);
            await ScaleAsync(report, data, cancellation);
            await Task.Delay(Settling, cancellation);
            var before = CpuSeconds(host!.Id);
            await Task.Delay(IdleSample, cancellation);
            var share = (CpuSeconds(host.Id) - before) / IdleSample.TotalSeconds * 100;
            report.Add(new Measurement(Name, $"idle with {Pods} pods: processor", share, "% of a core", Target: "≤ 0.3 %"));
            report.Add(new Measurement(Name, $"idle with {Pods} pods: memory (RSS)", ResidentMiB(host.Id), "MiB", Target: "≤ 150 MiB"));
        }
        finally
        {
            using var purge = Process.Start(new ProcessStartInfo(program, ["purge", "--data", data]) { RedirectStandardOutput = true })!;
            await purge.WaitForExitAsync(CancellationToken.None);
            host?.Dispose();
        }
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActorOrchestrator.sln")))
        {
            folder = folder.Parent;
        }

        var program = Path.Combine(folder?.FullName ?? ".", "artifacts/publish/orchestrator");
        return File.Exists(program) ? program : throw new FileNotFoundException("Nothing is published yet: run ./up once.", program);
    }

    private static Process Start(string program, string data) => Process.Start(new ProcessStartInfo(
        program, ["up", "--data", data, "--port", $"{Port}", "--cluster-port", "19053", "--node-port", "19250"]) { RedirectStandardOutput = true })!;

    private static async Task EndAsync(Process host)
    {
        using var kill = Process.Start("kill", ["-TERM", host.Id.ToString(CultureInfo.InvariantCulture)])!;
        await host.WaitForExitAsync();
        host.Dispose();
    }

    private static async Task ReadyAsync(CancellationToken cancellation)
    {
        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } });
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync($"https://127.0.0.1:{Port}/readyz", cancellation);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(10, cancellation);
        }
    }

    private static async Task AnnouncedAsync(string data, Process host, CancellationToken cancellation)
    {
        while (!File.Exists(Path.Combine(data, "host.ready")))
        {
            if (host.HasExited)
            {
                throw new InvalidOperationException($"The host ended with {host.ExitCode}; see {data}/host.log.");
            }

            await Task.Delay(20, cancellation);
        }
    }

    /// <summary>As a user does it: a Deployment of one is scaled over the API, through controllers, scheduler and agent. It stays at its size at the end.</summary>
    private async Task ScaleAsync(Report report, string data, CancellationToken cancellation)
    {
        using var admin = X509Certificate2.CreateFromPemFile(Path.Combine(data, "pki/admin.crt"), Path.Combine(data, "pki/admin.key"));
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { ClientCertificates = [admin], RemoteCertificateValidationCallback = (_, _, _, _) => true },
        });
        var container = $$"""{"name":"c","image":"{{BareEngine.Image}}","command":["sh","-c","trap 'exit 0' TERM; sleep 86400 & wait"]}""";
        var template = """{"metadata":{"labels":{"app":"idle"}},"spec":{"terminationGracePeriodSeconds":1,"containers":[CONTAINER]}}""".Replace("CONTAINER", container, StringComparison.Ordinal);
        var deployment = """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"idle"},"spec":{"replicas":1,"selector":{"matchLabels":{"app":"idle"}},"template":TEMPLATE}}"""
            .Replace("TEMPLATE", template, StringComparison.Ordinal);
        await SendAsync(client, HttpMethod.Post, Deployments, deployment, "application/json", cancellation);
        await AvailableAsync(client, 1, cancellation);

        var ours = new List<double>();
        var floors = Concurrencies.ToDictionary(concurrency => concurrency, _ => new List<double>());
        var node = (string)JsonNode.Parse(await client.GetStringAsync($"https://127.0.0.1:{Port}/api/v1/nodes", cancellation))!["items"]![0]!["metadata"]!["name"]!;
        var cluster = (await File.ReadAllTextAsync(Path.Combine(data, "cluster-id"), cancellation)).Trim();
        using var bare = new BareEngine(cluster, $"orchestrator-{cluster}-{node}");
        for (var round = 0; round < ScaleRounds; round++)
        {
            await PodsAsync(client, 1, cancellation);
            foreach (var (concurrency, times) in floors)
            {
                times.Add(await bare.PodsAsync(Pods - 1, concurrency, cancellation));
            }

            ours.Add(await PodsAsync(client, Pods, cancellation));
        }

        var (best, floor) = floors.Select(pair => (pair.Key, Median(pair.Value))).MinBy(pair => pair.Item2);
        report.Add(new Measurement(Name, $"kubectl scale: 1 → {Pods} available", Median(ours), "ms", $"the same containers on the bare engine, {best} at once", floor, "≤ 1.1x"));
    }

    /// <returns>How long it took until so many pods were available, and no more were left, in milliseconds.</returns>
    private static async Task<double> PodsAsync(HttpClient client, int replicas, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        await SendAsync(client, HttpMethod.Patch, $"{Deployments}/idle/scale", $$$"""{"spec":{"replicas":{{{replicas}}}}}""", "application/merge-patch+json", cancellation);
        await AvailableAsync(client, replicas, cancellation);
        var took = clock.Elapsed.TotalMilliseconds;
        while (JsonNode.Parse(await client.GetStringAsync($"https://127.0.0.1:{Port}/api/v1/namespaces/default/pods", cancellation))!["items"]!.AsArray().Count != replicas)
        {
            await Task.Delay(200, cancellation);
        }

        return took;
    }

    private static async Task AvailableAsync(HttpClient client, int replicas, CancellationToken cancellation)
    {
        while (JsonNode.Parse(await client.GetStringAsync($"{Deployments}/idle", cancellation))!["status"] is not { } status
            || (int?)status["availableReplicas"] != replicas || (int?)status["replicas"] != replicas)
        {
            await Task.Delay(20, cancellation);
        }
    }

    private static async Task SendAsync(HttpClient client, HttpMethod method, string url, string body, string type, CancellationToken cancellation)
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        using var request = new HttpRequestMessage(method, url) { Content = content };
        using var answer = await client.SendAsync(request, cancellation);
        answer.EnsureSuccessStatusCode();
    }

    private static double CpuSeconds(int process)
    {
        var fields = File.ReadAllText($"/proc/{process}/stat").Split(") ")[1].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;
    }

    private static double ResidentMiB(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(entry => entry.StartsWith("VmRSS", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
