using System.Text.RegularExpressions;
using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>Points 2 and 3: the sample, and everyday work with it, in both kubectl versions.</summary>
[Collection(SharedCluster.Name)]
public sealed class GuestbookTests(ClusterFixture cluster)
{
    private const string Namespace = "guestbook";

    [Theory, InlineData("1.20"), InlineData("1.32")]
    public void The_sample_applies_with_validation_on_and_again_without_a_change(string version)
    {
        var kubectl = cluster.KubectlOf(version);
        kubectl.Do("apply", "--validate=true", "-f", "samples/guestbook.yaml");
        kubectl.RolledOut(Namespace, "web");
        kubectl.RolledOut(Namespace, "redis");

        var again = kubectl.Do("apply", "--validate=true", "-f", "samples/guestbook.yaml");

        Assert.DoesNotContain("configured", again, StringComparison.Ordinal);
        Assert.Contains("deployment.apps/web unchanged", again, StringComparison.Ordinal);
    }

    [Theory, InlineData("1.20"), InlineData("1.32")]
    public void A_misspelt_field_is_refused_by_name(string version)
    {
        var refused = Shell.Run(cluster.KubectlOf(version).Program, ["apply", "-f", "-"], cluster.Kubectl.Environment,
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: typo\nspec:\n  portz: []\n");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("portz", refused.All, StringComparison.Ordinal);
        Assert.NotEqual(0, cluster.Kubectl.Try("get", "service", "typo").ExitCode);
    }

    [Theory, InlineData("1.20"), InlineData("1.32")]
    public void Get_all_wide_shows_Kubernetes_own_columns(string version)
    {
        cluster.ApplyGuestbook();

        var all = cluster.KubectlOf(version).Do("-n", Namespace, "get", "all", "-o", "wide");

        Assert.Matches(@"NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES", all);
        Assert.Matches(@"pod/web-[a-z0-9]+-[a-z0-9]+ +1/1 +Running +\d", all);
        Assert.Matches(@"NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE +SELECTOR", all);
        Assert.Matches($@"service/web-public +NodePort +{Regex.Escape(TestAddresses.ServicePrefix)}\d+\.\d+ +<none> +80:30080/TCP", all);
        Assert.Matches(@"NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR", all);
        Assert.Matches(@"deployment.apps/web +3/3 +3 +3 ", all);
        Assert.Matches(@"replicaset.apps/web-[a-z0-9]+ +3 +3 +3 ", all);
    }

    [Theory, InlineData("1.20"), InlineData("1.32")]
    public void Describe_tells_the_story_of_a_pod(string version)
    {
        cluster.ApplyGuestbook();

        var story = "";
        Eventually.Contains("Started container", () => story = cluster.KubectlOf(version).Do("-n", Namespace, "describe", "pods", "-l", "app=redis"), "the last event");
        Assert.Matches(@"Status: +Running", story);
        Assert.Matches(@"Controlled By: +ReplicaSet/redis-", story);
        Assert.Matches(@"Image: +redis:7", story);
        Assert.Matches(@"QoS Class: +Burstable", story);
        Assert.Contains("Successfully assigned guestbook/redis-", story, StringComparison.Ordinal);
    }

    [Theory, InlineData("1.20"), InlineData("1.32")]
    public void Logs_follow_what_a_container_prints(string version)
    {
        cluster.ApplyGuestbook();
        var pod = cluster.PodsOf(Namespace, "app=web")[0];
        var ip = cluster.Kubectl.Value("{.status.podIP}", "-n", Namespace, "get", "pod", pod);

        using var logs = cluster.KubectlOf(version).Start("-n", Namespace, "logs", "-f", pod);
        Eventually.Contains("serving as " + pod, () => logs.Output, "the first line of the log");
        Shell.Bash($"curl -s http://{ip}:8080/nothing-here").MustSucceed();
        Eventually.Contains("response:404", () => logs.Output, "the line of the request that was just made");
    }

    [Theory, InlineData("1.20"), InlineData("1.32")]
    public void Scale_is_followed_by_a_watch(string version)
    {
        cluster.ApplyGuestbook();
        var kubectl = cluster.KubectlOf(version);
        using var watch = kubectl.Start("-n", Namespace, "get", "pods", "-l", "app=web", "-w");
        Eventually.Contains("Running", () => watch.Output, "the watch's first list");

        kubectl.Do("-n", Namespace, "scale", "deployment/web", "--replicas=5");
        kubectl.RolledOut(Namespace, "web");

        Eventually.Equal(5, () => cluster.PodsOf(Namespace, "app=web").Length, "five pods");
        Eventually.Contains("ContainerCreating", () => watch.Output, "the new pods in the watch");
        kubectl.Do("-n", Namespace, "scale", "deployment/web", "--replicas=3");
        Eventually.Equal(3, () => cluster.PodsOf(Namespace, "app=web").Length, "web is back at 3 pods");
        Eventually.Contains("Terminating", () => watch.Output, "the pods that go in the watch");
    }

    [Theory, InlineData("1.20"), InlineData("1.32")]
    public void Set_image_rolls_out_and_undo_rolls_back(string version)
    {
        cluster.ApplyGuestbook();
        var kubectl = cluster.KubectlOf(version);
        string Image() => cluster.Kubectl.Value("{.spec.template.spec.containers[0].image}", "-n", Namespace, "get", "deployment", "web");

        kubectl.Do("-n", Namespace, "set", "image", "deployment/web", "web=busybox:1.37");
        kubectl.RolledOut(Namespace, "web");
        Assert.Equal("busybox:1.37", Image());
        Assert.Contains("REVISION", kubectl.Do("-n", Namespace, "rollout", "history", "deployment/web"), StringComparison.Ordinal);

        kubectl.Do("-n", Namespace, "rollout", "undo", "deployment/web");
        kubectl.RolledOut(Namespace, "web");
        Assert.Equal("busybox:1.36", Image());
        Eventually.Equal(3, () => cluster.PodsOf(Namespace, "app=web").Length, "only the three pods of the old template are left");
    }

    [Theory, InlineData("1.20"), InlineData("1.32")]
    public void Edit_changes_an_object_with_the_users_editor(string version)
    {
        cluster.ApplyGuestbook();
        var kubectl = cluster.KubectlOf(version);
        var environment = new Dictionary<string, string>(kubectl.Environment) { ["KUBE_EDITOR"] = "sed -i s/progressDeadlineSeconds:.*/progressDeadlineSeconds:\\ 123/" };

        Shell.Run(kubectl.Program, ["-n", Namespace, "edit", "deployment/web"], environment).MustSucceed();

        Assert.Equal("123", kubectl.Value("{.spec.progressDeadlineSeconds}", "-n", Namespace, "get", "deployment", "web"));
        kubectl.Do("-n", Namespace, "patch", "deployment", "web", "--type=merge", "-p", "{\"spec\":{\"progressDeadlineSeconds\":600}}");
    }

    [Fact]
    public void An_image_that_cannot_be_had_is_said_clearly_and_the_old_pods_stay()
    {
        cluster.ApplyGuestbook();
        cluster.Kubectl.Do("-n", Namespace, "set", "image", "deployment/web", "web=nowhere.invalid/missing:1");

        Eventually.Holds(
            () =>
            {
                var rolledBack = cluster.Kubectl.Value("{.status.conditions[?(@.type==\"RolledBack\")].reason}", "-n", Namespace, "get", "deployment", "web");
                return (rolledBack is "ErrImagePull" or "ImagePullBackOff", rolledBack);
            },
            "the Deployment went back because of ErrImagePull or ImagePullBackOff");
        Eventually.Contains("Failed to pull image", () => cluster.Kubectl.Do("-n", Namespace, "get", "events"), "the event of the failed pull");
        Assert.True(int.Parse(cluster.Kubectl.Value("{.status.availableReplicas}", "-n", Namespace, "get", "deployment", "web"), System.Globalization.CultureInfo.InvariantCulture) >= 2);

        cluster.Kubectl.Do("-n", Namespace, "rollout", "undo", "deployment/web");
        cluster.Kubectl.RolledOut(Namespace, "web");
    }

    [Fact]
    public void A_pod_that_fits_nowhere_says_why()
    {
        cluster.Kubectl.Apply("""
            apiVersion: v1
            kind: Pod
            metadata: { name: giant, namespace: default }
            spec:
              containers:
                - { name: c, image: "busybox:1.36", resources: { requests: { cpu: "1000" } } }
            """);

        Eventually.Contains("Insufficient cpu", () => cluster.Kubectl.Do("describe", "pod", "giant"), "the FailedScheduling event");
        Assert.Contains("FailedScheduling", cluster.Kubectl.Do("describe", "pod", "giant"), StringComparison.Ordinal);
        Assert.Equal("Pending", cluster.Kubectl.Value("{.status.phase}", "get", "pod", "giant"));
        cluster.Kubectl.Do("delete", "pod", "giant");
    }

    [Theory, InlineData("1.20"), InlineData("1.32")]
    public void Deleting_a_namespace_takes_everything_in_it(string version)
    {
        var kubectl = cluster.KubectlOf(version);
        kubectl.Do("create", "namespace", "short-lived");
        kubectl.Do("-n", "short-lived", "create", "deployment", "sleeper", "--image=nginx:1.27");
        kubectl.RolledOut("short-lived", "sleeper");
        var container = cluster.ContainerOf("short-lived", cluster.PodsOf("short-lived", "app=sleeper")[0]);

        kubectl.Try(TimeSpan.FromMinutes(3), "delete", "namespace", "short-lived").MustSucceed();

        Assert.Contains("not found", kubectl.Try("get", "namespace", "short-lived").All, StringComparison.OrdinalIgnoreCase);
        Eventually.Holds(() => { var seen = Shell.Run("docker", ["inspect", container]); return (seen.ExitCode != 0, seen.All); }, "the container is gone");
    }

    [Theory, InlineData("1.20"), InlineData("1.32")]
    public void Explain_knows_the_fields(string version) =>
        Assert.Contains("containers", cluster.KubectlOf(version).Do("explain", "deployment.spec.template.spec"), StringComparison.Ordinal);
}
