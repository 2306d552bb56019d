using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>Point 4: names, virtual addresses, node ports; configuration as environment and files.</summary>
[Collection(SharedCluster.Name)]
public sealed class ServiceTests(ClusterFixture cluster)
{
    private const string Namespace = "guestbook";

    [Fact]
    public void The_node_port_answers_from_all_three_replicas_in_turn()
    {
        cluster.ApplyGuestbook();
        Eventually.Equal(3, () => cluster.PodsOf(Namespace, "app=web").Length, "three pods");
        var pods = cluster.PodsOf(Namespace, "app=web").Order().ToArray();

        // A change of the rules that is still on its way begins the round anew.
        Eventually.Holds(
            () =>
            {
                var seen = Enumerable.Range(0, 6).Select(_ => Field("pod", Page())).ToArray();
                return (pods.SequenceEqual(seen[..3].Order()) && pods.SequenceEqual(seen[3..].Order()), string.Join(' ', seen));
            },
            "each pod answers once in a round");
    }

    [Fact]
    public void Web_counts_visits_in_redis_which_it_finds_by_name()
    {
        cluster.ApplyGuestbook();

        var first = "";
        Eventually.Holds(() => { first = Page(); return (int.TryParse(Field("visits", first), out _), first); }, "web reaches redis");
        var second = Page();

        var before = int.Parse(Field("visits", first), System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(int.TryParse(Field("visits", second), out var after), second);
        Assert.Equal(before + 1, after);
    }

    [Fact]
    public void The_config_map_is_environment_and_the_secret_is_files()
    {
        cluster.ApplyGuestbook();

        var page = Page();

        Assert.StartsWith("Welcome to the guestbook", page, StringComparison.Ordinal);
        Assert.Equal("alice", Field("owner", page));
    }

    [Theory, InlineData("redis"), InlineData("redis.guestbook"), InlineData("redis.guestbook.svc.cluster.local")]
    public void A_pod_resolves_a_service_by(string name)
    {
        cluster.ApplyGuestbook();
        var container = cluster.ContainerOf(Namespace, cluster.PodsOf(Namespace, "app=web")[0]);
        var address = cluster.Kubectl.Value("{.spec.clusterIP}", "-n", Namespace, "get", "service", "redis");

        Assert.StartsWith(TestAddresses.ServicePrefix, address, StringComparison.Ordinal);
        Eventually.Contains(
            "+PONG", () => Shell.Run("docker", ["exec", container, "sh", "-c", $"printf 'PING\\r\\nQUIT\\r\\n' | timeout 10 nc {name} 6379"]).All, "redis answers by its name");
    }

    [Fact]
    public void The_cluster_address_answers_from_the_host_and_from_a_pod_that_is_its_own_only_endpoint()
    {
        cluster.ApplyGuestbook();
        var address = cluster.Kubectl.Value("{.spec.clusterIP}", "-n", Namespace, "get", "service", "redis");
        var redis = cluster.ContainerOf(Namespace, cluster.PodsOf(Namespace, "app=redis")[0]);

        Assert.Contains("+PONG", Shell.Bash($"printf 'PING\\r\\nQUIT\\r\\n' | timeout 10 nc -q 2 {address} 6379 || exec 3<>/dev/tcp/{address}/6379 && printf 'PING\\r\\nQUIT\\r\\n' >&3 && timeout 10 cat <&3").Output, StringComparison.Ordinal);
        Assert.Contains("PONG", Shell.Run("docker", ["exec", redis, "redis-cli", "-h", address, "ping"]).All, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_without_a_selector_leads_to_the_endpoints_that_somebody_writes_for_it()
    {
        cluster.ApplyGuestbook();
        var redis = cluster.Kubectl.Value("{.items[0].status.podIP}", "-n", Namespace, "get", "pods", "-l", "app=redis");
        cluster.Kubectl.Apply($$"""
            apiVersion: v1
            kind: Service
            metadata: { name: by-hand, namespace: default }
            spec:
              ports: [{ port: 6379 }]
            ---
            apiVersion: v1
            kind: Endpoints
            metadata: { name: by-hand, namespace: default }
            subsets: [{ addresses: [{ ip: {{redis}} }], ports: [{ port: 6379 }] }]
            """);
        var address = cluster.Kubectl.Value("{.spec.clusterIP}", "get", "service", "by-hand");
        var container = cluster.ContainerOf(Namespace, cluster.PodsOf(Namespace, "app=redis")[0]);
        try
        {
            Eventually.Contains("PONG", () => Shell.Run("docker", ["exec", container, "redis-cli", "-h", address, "ping"]).All, "redis answers behind the other Service");
        }
        finally
        {
            cluster.Kubectl.Do("delete", "service,endpoints", "by-hand");
        }
    }

    [Fact]
    public void A_service_without_endpoints_refuses_at_once()
    {
        cluster.Kubectl.Apply("""
            apiVersion: v1
            kind: Service
            metadata: { name: nobody-home, namespace: default }
            spec:
              selector: { app: nobody }
              ports: [{ port: 80 }]
            """);
        var address = cluster.Kubectl.Value("{.spec.clusterIP}", "get", "service", "nobody-home");

        Eventually.Holds(
            () => { var run = Shell.Bash($"curl -s --max-time 3 http://{address}/"); return (run.ExitCode == 7, $"curl ended with {run.ExitCode} (7 is refused, 28 a time-out)"); },
            "the connection is refused");
        cluster.Kubectl.Do("delete", "service", "nobody-home");
    }

    private static string Page()
    {
        var page = "";
        Eventually.Contains("pod: ", () => page = Shell.Bash("curl -s --max-time 30 http://127.0.0.1:30080/").Output, "the guestbook answers");
        return page;
    }

    private static string Field(string name, string page) =>
        page.Split('\n').FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.Ordinal))?[(name.Length + 2)..].Trim()
        ?? throw new Xunit.Sdk.XunitException($"No line `{name}:` in the page:\n{page}");
}
