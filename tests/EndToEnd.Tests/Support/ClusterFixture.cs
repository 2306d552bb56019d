using System.Diagnostics;

namespace ActorOrchestrator.EndToEnd.Tests.Support;

/// <summary>
/// One orchestrator, brought up by <c>./up --detach</c> as a user would, on its own data folder and the real engine of the machine.
/// Purged at the end: what is left afterwards would be a defect that LifeCycleTests shows.
/// </summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    public const int Port = 18443;
    public const string PbmAddress = "127.0.0.1:19110";

    public string Data { get; } = Directory.CreateTempSubdirectory("orchestrator-e2e-").FullName;

    public string Kubeconfig => Path.Combine(Data, "kubeconfig");

    /// <summary>kubectl 1.32, as Debian trixie ships it.</summary>
    public Kubectl Kubectl => new(Tool("KUBECTL_NEW", "kubectl-1.32"), Kubeconfig);

    /// <summary>kubectl 1.20, as Debian bookworm ships it.</summary>
    public Kubectl OldKubectl => new(Tool("KUBECTL_OLD", "kubectl-1.20"), Kubeconfig);

    public Kubectl KubectlOf(string version) => version == "1.20" ? OldKubectl : Kubectl;

    public Task InitializeAsync()
    {
        Shell.Run(Path.Combine(Repository.Root, "tests/images/build.sh"), [], patience: TimeSpan.FromMinutes(3)).MustSucceed();
        PurgeLeftovers();
        Up().MustSucceed();
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        var purge = Purge();
        if (Directory.Exists(Data))
        {
            Directory.Delete(Data, recursive: true);
        }

        purge.MustSucceed();
        return Task.CompletedTask;
    }

    public CommandResult Up(params string[] more) =>
        Script(["--detach", "--data", Data, "--port", $"{Port}", "--cluster-port", "18053", "--node-port", "18250", .. TestAddresses.Flags, .. more]);

    /// <summary>What a run of the tests left behind that was ended in the middle: its network has the addresses that this one needs.</summary>
    private static void PurgeLeftovers()
    {
        string[] names = ["orchestrator-e2e-??????", "orchestrator-life-??????"];
        foreach (var folder in names.SelectMany(name => Directory.EnumerateDirectories(Path.GetTempPath(), name)).Where(folder => File.Exists(Path.Combine(folder, "cluster-id"))))
        {
            Script(["--purge", "--data", folder]);
        }
    }

    public CommandResult Stop() => Script(["--stop", "--data", Data]);

    public CommandResult Purge() => Script(["--purge", "--data", Data]);

    public static CommandResult Script(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        Shell.Run(Path.Combine(Repository.Root, "up"), arguments, environment, patience: TimeSpan.FromMinutes(10));

    /// <summary>The pid of the host process of this data folder.</summary>
    public int HostProcess() => int.Parse(File.ReadAllText(Path.Combine(Data, "host.pid")).Trim(), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary><c>kill -9</c>, as a power cut would.</summary>
    public void KillHost()
    {
        using var host = Process.GetProcessById(HostProcess());
        host.Kill();
        host.WaitForExit(TimeSpan.FromMinutes(1));
    }

    public void ApplyGuestbook()
    {
        Kubectl.Do("apply", "-f", "samples/guestbook.yaml");
        Kubectl.RolledOut("guestbook", "redis");
        Kubectl.RolledOut("guestbook", "web");
    }

    /// <summary>The whole container id of a pod's only container.</summary>
    public string ContainerOf(string @namespace, string pod) =>
        Kubectl.Value("{.status.containerStatuses[0].containerID}", "-n", @namespace, "get", "pod", pod).Replace("docker://", "", StringComparison.Ordinal);

    public string[] PodsOf(string @namespace, string selector) =>
        Kubectl.Value("{.items[*].metadata.name}", "-n", @namespace, "get", "pods", "-l", selector).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Tool(string variable, string name) =>
        System.Environment.GetEnvironmentVariable(variable) ?? Path.Combine(Repository.Root, "artifacts/tools", name);
}

/// <summary>Tests that share one running cluster with the guestbook on it.</summary>
[CollectionDefinition(Name)]
public sealed class SharedCluster : ICollectionFixture<ClusterFixture>
{
    public const string Name = "one cluster";
}
