using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>Pods with names that stay theirs, and a pod on every node.</summary>
[Collection(SharedCluster.Name)]
public sealed class StatefulTests(ClusterFixture cluster)
{
    private const string Set = """
        apiVersion: v1
        kind: Service
        metadata: {name: svc}
        spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
        ---
        apiVersion: apps/v1
        kind: StatefulSet
        metadata: {name: web}
        spec:
          serviceName: svc
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: web
                  image: busybox:1.36
                  command: [sh, -c, 'trap exit TERM; sleep 3600 & wait']
                  env: [{name: VERSION, value: "1"}]
        """;

    private const string Daemons = """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: agent}
        spec:
          selector: {matchLabels: {app: agent}}
          template:
            metadata: {labels: {app: agent}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: agent
                  image: busybox:1.36
                  command: [sh, -c, 'trap exit TERM; sleep 3600 & wait']
                  env: [{name: VERSION, value: "1"}]
        """;

    [Fact]
    public void A_StatefulSet_scales_updates_goes_back_and_its_pods_are_found_by_their_names()
    {
        using var space = new Space(cluster, "1.32", "stateful");
        space.Feed(Set, "apply", "-f", "-");
        space.Do("rollout", "status", "statefulset/web", "--timeout=60s");

        Eventually.Contains(
            space.Do("get", "pod", "web-1", "-o", "jsonpath={.status.podIP}"),
            () => In(space, "web-0", "nslookup", $"web-1.svc.{space.Name}.svc.cluster.local"),
            "the name of a pod");
        Assert.Equal("web-0", In(space, "web-0", "hostname").Trim());

        space.Do("scale", "statefulset/web", "--replicas=3");
        space.Do("rollout", "status", "statefulset/web", "--timeout=60s");
        space.Do("set", "env", "statefulset/web", "VERSION=2");
        space.Do("rollout", "status", "statefulset/web", "--timeout=60s");
        Assert.Equal("2", space.Do("get", "pod", "web-0", "-o", "jsonpath={.spec.containers[0].env[0].value}"));

        Assert.Matches(@"1 +<none>\s+2 +<none>", space.Do("rollout", "history", "statefulset/web"));
        space.Do("rollout", "undo", "statefulset/web");
        space.Do("rollout", "status", "statefulset/web", "--timeout=60s");
        Assert.Equal("1", space.Do("get", "pod", "web-0", "-o", "jsonpath={.spec.containers[0].env[0].value}"));
    }

    private string In(Space space, string pod, params string[] command) => Shell.Run("docker", ["exec", cluster.ContainerOf(space.Name, pod), .. command]).All;

    [Fact]
    public void A_DaemonSet_runs_on_every_node_updates_and_goes_back()
    {
        using var space = new Space(cluster, "1.32", "daemons");
        space.Feed(Daemons, "apply", "-f", "-");
        space.Do("rollout", "status", "daemonset/agent", "--timeout=60s");
        Assert.Equal(
            space.Do("get", "nodes", "-o", "name").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ToString(System.Globalization.CultureInfo.InvariantCulture),
            space.Do("get", "daemonset", "agent", "-o", "jsonpath={.status.numberReady}"));

        space.Do("set", "env", "daemonset/agent", "VERSION=2");
        space.Do("rollout", "status", "daemonset/agent", "--timeout=60s");
        Assert.Equal("2", space.Do("get", "pods", "-l", "app=agent", "-o", "jsonpath={.items[0].spec.containers[0].env[0].value}"));
        space.Do("rollout", "undo", "daemonset/agent");
        space.Do("rollout", "status", "daemonset/agent", "--timeout=60s");
        Assert.Equal("1", space.Do("get", "pods", "-l", "app=agent", "-o", "jsonpath={.items[0].spec.containers[0].env[0].value}"));
    }
}
