using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>A bad release does no harm: it goes back by itself, and a canary meets only a few.</summary>
[Collection(SharedCluster.Name)]
public sealed class RolloutTests(ClusterFixture cluster)
{
    private const string Good = "trap exit TERM; while :; do sleep 1 & wait; done";

    /// <summary>Without a probe a container is ready while it runs, be it for a moment: enough for an old pod to make way.</summary>
    private const string NotReadyAtOnce = "readinessProbe: { exec: { command: [\"true\"] }, initialDelaySeconds: 2 }";

    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_bad_image_a_crash_loop_and_a_failing_probe_each_go_back_to_what_worked()
    {
        using var space = new Space(cluster, "1.32", "rollback");
        space.Feed(Manifest("web", 2, Good), "apply", "-f", "-");
        space.Do("rollout", "status", "deployment/web", "--timeout=60s");
        var pods = Pods(space, "web");
        Assert.Equal(2, pods.Length);

        // An image that nobody has.
        space.Feed(Manifest("web", 2, Good, image: "localhost:1/nobody/has-this:1"), "apply", "-f", "-");
        Failed(space, "web", "revision 2 to revision 1", "ErrImagePull", "ImagePullBackOff");
        Assert.Contains("exceeded its progress deadline", space.Try("rollout", "status", "deployment/web", "--timeout=60s").All, StringComparison.Ordinal);
        Assert.Contains("DeploymentRollback", space.Do("describe", "deployment", "web"), StringComparison.Ordinal);
        Assert.Contains("unchanged", space.Feed(Manifest("web", 2, Good, image: "localhost:1/nobody/has-this:1"), "apply", "-f", "-"), StringComparison.Ordinal);

        // A process that dies.
        space.Feed(Manifest("web", 2, "exit 3", more: NotReadyAtOnce), "apply", "-f", "-");
        Failed(space, "web", "revision 3 to revision 1", "CrashLoopBackOff");

        // A process that runs and never becomes ready.
        space.Feed(Manifest("web", 2, Good, more: "readinessProbe: { exec: { command: [\"false\"] }, periodSeconds: 1 }", deadline: 8), "apply", "-f", "-");
        Failed(space, "web", "revision 4 to revision 1", "ProgressDeadlineExceeded");

        Eventually.Equal(2, () => Pods(space, "web").Length, "only the pods that worked", Minute);
        Assert.Contains(pods[0], Pods(space, "web"));
        space.Do("rollout", "undo", "deployment/web", "--to-revision=1");
        space.Do("rollout", "status", "deployment/web", "--timeout=60s");
        Assert.Equal("", Condition(space, "web", "RolledBack", "reason"));
    }

    [Fact]
    public void A_canary_takes_its_share_waits_for_the_user_and_goes_on_and_a_bad_one_goes_back()
    {
        using var space = new Space(cluster, "1.32", "canary");
        space.Feed(Manifest("shop", 4, Good, canary: "25%:pause,50%:2s"), "apply", "-f", "-");
        space.Do("rollout", "status", "deployment/shop", "--timeout=60s");

        space.Do("set", "env", "deployment/shop", "VERSION=2");
        Eventually.Equal("Paused", () => Condition(space, "shop", "Canary", "reason"), "the canary waits", Minute);
        Assert.Equal("1", space.Do("get", "deployment", "shop", "-o", "jsonpath={.status.updatedReplicas}"));
        space.Do("rollout", "resume", "deployment/shop");
        space.Do("rollout", "status", "deployment/shop", "--timeout=60s");
        Assert.Equal("", Condition(space, "shop", "Canary", "reason"));

        space.Feed(Manifest("shop", 4, "exit 3", canary: "25%:5m", more: NotReadyAtOnce), "apply", "-f", "-");
        Failed(space, "shop", "revision 3 to revision 2", "CrashLoopBackOff");
        Assert.Contains("Invalid value", space.TryFeed(Manifest("shop", 4, Good, canary: "a few"), "apply", "-f", "-").All, StringComparison.Ordinal);
    }

    private static void Failed(Space space, string name, string way, params string[] reasons)
    {
        Eventually.Contains(way, () => Condition(space, name, "RolledBack", "message"), $"{name} went back", Minute);
        Assert.Contains(Condition(space, name, "RolledBack", "reason"), reasons);
        Eventually.Equal(
            space.Do("get", "deployment", name, "-o", "jsonpath={.spec.replicas}"),
            () => space.Do("get", "deployment", name, "-o", "jsonpath={.status.availableReplicas}"),
            "all available again", Minute);
    }

    private static string Condition(Space space, string name, string type, string field) =>
        space.Do("get", "deployment", name, "-o", $"jsonpath={{.status.conditions[?(@.type==\"{type}\")].{field}}}");

    private static string[] Pods(Space space, string name) =>
        space.Do("get", "pods", "-l", $"app={name}", "-o", "jsonpath={.items[*].metadata.name}").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Manifest(string name, int replicas, string script, string image = "busybox:1.36", string canary = "", string more = "", int deadline = 60)
    {
        var annotations = canary.Length > 0 ? "{ orchestrator/canary: \"" + canary + "\" }" : "{}";
        return $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{name}}
          annotations: {{annotations}}
        spec:
          replicas: {{replicas}}
          progressDeadlineSeconds: {{deadline}}
          selector: { matchLabels: { app: {{name}} } }
          template:
            metadata: { labels: { app: {{name}} } }
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: main
                  image: {{image}}
                  command: ["sh", "-c", "{{script}}"]
                  {{more}}
        """;
    }
}
