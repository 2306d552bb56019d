using System.Net;
using System.Net.Sockets;
using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>Point 1: what <c>./up</c> promises, on clusters of its own.</summary>
[Collection("life cycle")]
public sealed class LifeCycleTests : IDisposable
{
    private const int Port = 17443;
    private static readonly string[] Addresses = ["--port", $"{Port}", "--cluster-port", "17053", "--node-port", "17250", .. TestAddresses.Flags];
    private readonly string _data = Directory.CreateTempSubdirectory("orchestrator-life-").FullName;

    public void Dispose()
    {
        Up("--purge");
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    [Fact]
    public void Up_tells_how_to_go_on_and_a_second_up_says_that_it_runs()
    {
        var up = Up("--detach").MustSucceed();
        Assert.Contains($"export KUBECONFIG={_data}/kubeconfig", up.Output, StringComparison.Ordinal);
        Assert.Contains($"https://127.0.0.1:{Port}/dashboard", up.Output, StringComparison.Ordinal);
        Assert.Contains("kubectl apply -f samples/guestbook.yaml", up.Output, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_data, "kubeconfig")));

        var again = Up("--detach");
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("already running", again.All, StringComparison.OrdinalIgnoreCase);

        Assert.Contains("401", Shell.Bash($"curl -sk -o /dev/null -w '%{{http_code}}' https://127.0.0.1:{Port}/api/v1/pods").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Stop_leaves_workloads_and_purge_leaves_nothing_of_ours_and_everything_of_the_users()
    {
        Shell.Run(Path.Combine(Repository.Root, "tests/images/build.sh"), [], patience: TimeSpan.FromMinutes(3)).MustSucceed();
        var mine = Shell.Bash("docker run -d --rm --name the-users-own busybox:1.36 sh -c 'trap exit TERM; sleep 600 & wait'").MustSucceed().Output.Trim();
        Shell.Bash("docker network create the-users-net").MustSucceed();
        Shell.Bash("nft add table ip the_users_table").MustSucceed();
        try
        {
            Up("--detach").MustSucceed();
            var kubectl = new Kubectl(new ClusterFixture().Kubectl.Program, Path.Combine(_data, "kubeconfig"));
            kubectl.Do("create", "deployment", "sleeper", "--image=nginx:1.27");
            kubectl.RolledOut("default", "sleeper");
            var rulesBefore = Rules();
            var cluster = File.ReadAllText(Path.Combine(_data, "cluster-id"));
            Assert.Contains(TestAddresses.Table, rulesBefore, StringComparison.Ordinal);

            var stopped = Up("--stop").MustSucceed();
            Assert.Contains("running", stopped.All, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("sleeper", Shell.Bash("docker ps").Output, StringComparison.Ordinal);

            Up("--purge").MustSucceed();

            Assert.DoesNotContain("sleeper", Shell.Bash("docker ps -a").Output, StringComparison.Ordinal);
            Assert.Contains(mine[..12], Shell.Bash("docker ps").Output, StringComparison.Ordinal);
            Assert.Contains("the-users-net", Shell.Bash("docker network ls").Output, StringComparison.Ordinal);
            Assert.DoesNotContain($"orchestrator-{cluster}", Shell.Bash("docker network ls").Output, StringComparison.Ordinal);
            Assert.Contains("the_users_table", Rules(), StringComparison.Ordinal);
            Assert.DoesNotContain(TestAddresses.Table, Rules(), StringComparison.Ordinal);
            Assert.False(Directory.Exists(_data) && Directory.EnumerateFileSystemEntries(_data).Any(), "files are left");
        }
        finally
        {
            Shell.Bash("docker rm -f the-users-own; docker network rm the-users-net; nft delete table ip the_users_table");
        }
    }

    [Fact]
    public void A_taken_port_is_named_and_nothing_is_half_done()
    {
        using var squatter = new TcpListener(IPAddress.Any, Port);
        squatter.Start();

        var up = Up("--detach");

        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains($"{Port}", up.All, StringComparison.Ordinal);
        Assert.Contains("in use", up.All, StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(_data) && Directory.EnumerateFileSystemEntries(_data).Any());
    }

    [Fact]
    public void Addresses_that_are_somebodys_are_named_and_nothing_is_half_done()
    {
        Shell.Bash($"docker network create --subnet {TestAddresses.SomePods} the-users-range").MustSucceed();
        try
        {
            var up = Up("--detach");

            Assert.NotEqual(0, up.ExitCode);
            Assert.Contains($"overlaps {TestAddresses.SomePods} of the engine's network the-users-range", up.All, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_data) && Directory.EnumerateFileSystemEntries(_data).Any());
        }
        finally
        {
            Shell.Bash("docker network rm the-users-range").MustSucceed();
        }
    }

    [Fact]
    public void No_engine_is_one_clear_line()
    {
        var up = Up("--detach", "--docker-host", "unix:///nowhere/docker.sock");

        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("/nowhere/docker.sock", up.All, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_root_it_says_what_is_missing()
    {
        var up = Shell.Run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", Path.Combine(Repository.Root, "up"), "--detach", "--data", _data, "--port", $"{Port}"],
            new Dictionary<string, string> { ["HOME"] = "/tmp" }, patience: TimeSpan.FromMinutes(2));

        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("root", up.All, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_full_disk_is_said_and_nothing_is_half_done()
    {
        var small = Path.Combine(_data, "small");
        Directory.CreateDirectory(small);
        Shell.Bash($"mount -t tmpfs -o size=64k tmpfs {small} && (head -c 60000 /dev/zero > {small}/filler || true)").MustSucceed();
        try
        {
            var up = ClusterFixture.Script(["--detach", "--data", small, .. Addresses]);

            Assert.NotEqual(0, up.ExitCode);
            Assert.Contains("space", up.All, StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            Shell.Bash($"umount {small}").MustSucceed();
        }
    }

    [Fact]
    public void An_unknown_flag_is_named()
    {
        var up = Up("--frobnicate");
        Assert.NotEqual(0, up.ExitCode);
        Assert.Contains("--frobnicate", up.All, StringComparison.Ordinal);
    }

    [Fact]
    public void In_the_foreground_an_interrupt_stops_the_host_and_says_that_workloads_go_on()
    {
        // A shell that runs the tests in its background makes everything below it deaf to Ctrl-C; a user's terminal does not.
        using var up = Shell.Start("env", ["--default-signal=INT", Path.Combine(Repository.Root, "up"), "--data", _data, .. Addresses]);
        Eventually.Contains("KUBECONFIG", () => up.Output, "the cluster is up", TimeSpan.FromMinutes(5));

        Shell.Bash($"kill -INT {File.ReadAllText(Path.Combine(_data, "host.pid")).Trim()}").MustSucceed();

        Assert.Equal(0, up.WaitForExit(TimeSpan.FromMinutes(2)));
        Assert.Contains("keep running", up.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_host_that_was_given_time_for_it_ends_its_pods_and_others_take_their_place_when_it_is_back()
    {
        var config = Path.Combine(Directory.CreateTempSubdirectory("orchestrator-shutdown-").FullName, "host.conf");
        File.WriteAllText(config, File.ReadAllText(TestAddresses.Flags[1]) + "\norchestrator.node.shutdown-grace-period = 20s\n");
        string[] addresses = [.. Addresses.Select(flag => flag == TestAddresses.Flags[1] ? config : flag)];
        ClusterFixture.Script(["--detach", "--data", _data, .. addresses]).MustSucceed();
        var kubectl = new Kubectl(new ClusterFixture().Kubectl.Program, Path.Combine(_data, "kubeconfig"));
        kubectl.Do("create", "deployment", "sleeper", "--image=busybox:1.36", "--", "sh", "-c", "trap exit TERM; while :; do sleep 1; done");
        kubectl.RolledOut("default", "sleeper");
        var before = kubectl.Value("{.items[0].metadata.name}", "get", "pods", "-l", "app=sleeper");

        var stopped = Up("--stop").MustSucceed();

        Assert.Contains("pods of this node with it", stopped.All, StringComparison.Ordinal);
        Assert.DoesNotContain("sleeper", Shell.Bash("docker ps").Output, StringComparison.Ordinal);
        ClusterFixture.Script(["--detach", "--data", _data, .. addresses]).MustSucceed();
        Assert.Equal("Failed Terminated", kubectl.Value("{.status.phase} {.status.reason}", "get", "pod", before));
        kubectl.RolledOut("default", "sleeper");
    }

    private CommandResult Up(params string[] arguments) =>
        ClusterFixture.Script([.. arguments, "--data", _data, .. arguments.Contains("--purge") || arguments.Contains("--stop") ? [] : Addresses]);

    private static string Rules() => Shell.Bash("nft list ruleset").MustSucceed().Output;
}
