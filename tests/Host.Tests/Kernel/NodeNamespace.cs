using System.Diagnostics;
using ActorOrchestrator.Host.Kernel;

namespace ActorOrchestrator.Host.Tests.Kernel;

/// <summary>
/// A machine of its own made of network namespaces: a node with a bridge, pods on it, and a client outside. Everything has a name of this
/// process and is gone after Dispose.
/// </summary>
public sealed class NodeNamespace : IAsyncDisposable
{
    public const string Bridge = "orct0";
    private static int _count;
    private readonly KernelCommand _root = new();
    private readonly List<string> _namespaces = [];
    private readonly List<Process> _processes = [];
    private readonly List<string> _folders = [];
    private readonly string _prefix = $"orct{Environment.ProcessId}x{Interlocked.Increment(ref _count)}";

    public string Node => $"{_prefix}n";
    public string Client => $"{_prefix}c";
    public KernelCommand InNode => In(Node);

    /// <summary>Null when this machine can run these tests.</summary>
    public static string? WhyNot() =>
        Environment.UserName != "root" ? "not root"
        : new[] { "ip", "nft", "nsenter", "busybox", "curl" }.FirstOrDefault(tool => KernelCommand.PathOf(tool) is null) is { } missing ? $"{missing} is missing"
        : null;

    /// <summary>The client 192.0.2.9 reaches the node at 192.0.2.8; pods are 10.42.7.2 and up.</summary>
    public static async Task<NodeNamespace> StartAsync(int pods)
    {
        var machine = new NodeNamespace();
        await machine.AddAsync(machine.Node);
        await machine.AddAsync(machine.Client);
        await machine.IpAsync(machine.Node, "link add", Bridge, "type bridge");
        await machine.IpAsync(machine.Node, "addr add 10.42.7.1/24 dev", Bridge);
        await machine.IpAsync(machine.Node, "link set", Bridge, "up");
        await machine.IpAsync(machine.Node, "link add up0 type veth peer name eth0 netns", machine.Client);
        await machine.IpAsync(machine.Node, "addr add 192.0.2.8/24 dev up0");
        await machine.IpAsync(machine.Node, "link set up0 up");
        await machine.IpAsync(machine.Client, "addr add 192.0.2.9/24 dev eth0");
        await machine.IpAsync(machine.Client, "link set eth0 up");
        await machine.IpAsync(machine.Node, "route add 10.43.0.0/16 dev", Bridge, "src 10.42.7.1");
        for (var pod = 0; pod < pods; pod++)
        {
            await machine.AddPodAsync(pod);
        }

        await machine.RunAsync(machine.Node, "sh", "-c", $"echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv4/conf/{Bridge}/route_localnet; echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables || true");
        for (var pod = 0; pod < pods; pod++)
        {
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            for (var attempt = 0; await machine.GetAsync(machine.Pod(pod), "127.0.0.1:8080") is null; attempt++)
            {
                Assert.True(attempt < 3000, $"The web server of pod {pod} did not start.");
                await pause.WaitForNextTickAsync();
            }
        }

        return machine;
    }

    public string Pod(int index) => $"{_prefix}p{index}";

    public static string PodAddress(int index) => $"10.42.7.{index + 2}";

    public KernelCommand In(string @namespace) => new("nsenter", $"--net=/run/netns/{@namespace}");

    /// <summary>Fetches / over HTTP; null when the connection is refused or nobody answers within ten seconds.</summary>
    public async Task<string?> GetAsync(string from, string authority)
    {
        var outcome = await In(from).RunAsync("curl", ["-s", "-f", "-m", "10", $"http://{authority}/"], null, CancellationToken.None);
        return outcome.Ok ? outcome.Output.Trim() : null;
    }

    public async Task<CommandOutcome> RunAsync(string @namespace, string program, params string[] arguments)
    {
        var outcome = await In(@namespace).RunAsync(program, arguments, null, CancellationToken.None);
        return outcome.Ok ? outcome : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {outcome.Reason}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.Dispose();
        }

        foreach (var @namespace in _namespaces)
        {
            await _root.RunAsync("ip", ["netns", "del", @namespace], null, CancellationToken.None);
        }

        foreach (var folder in _folders)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task AddPodAsync(int index)
    {
        var pod = Pod(index);
        await AddAsync(pod);
        await IpAsync(Node, $"link add v{index} type veth peer name eth0 netns", pod);
        await IpAsync(Node, $"link set v{index} master", Bridge, "up");
        await IpAsync(pod, $"addr add {PodAddress(index)}/24 dev eth0");
        await IpAsync(pod, "link set eth0 up");
        await IpAsync(pod, "route add default via 10.42.7.1");
        var folder = Directory.CreateTempSubdirectory("orct");
        _folders.Add(folder.FullName);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "index.html"), $"pod{index}\n");
        _processes.Add(Process.Start(KernelCommand.StartInfo("nsenter", [$"--net=/run/netns/{pod}", "busybox", "httpd", "-f", "-p", "8080", "-h", folder.FullName], redirectInput: false))!);
    }

    private async Task AddAsync(string @namespace)
    {
        var outcome = await _root.RunAsync("ip", ["netns", "add", @namespace], null, CancellationToken.None);
        Assert.True(outcome.Ok, outcome.Reason);
        _namespaces.Add(@namespace);
        await IpAsync(@namespace, "link set lo up");
    }

    private Task IpAsync(string @namespace, params string[] words) =>
        RunAsync(@namespace, "ip", [.. words.SelectMany(word => word.Split(' ', StringSplitOptions.RemoveEmptyEntries))]);
}

/// <summary>These tests need root, nftables and busybox; elsewhere they are skipped and say why.</summary>
public sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute() => Skip = NodeNamespace.WhyNot();
}

[CollectionDefinition("Kernel", DisableParallelization = true)]
public sealed class KernelCollection;
