using ActorOrchestrator.Actors.NodeAgent.Containers;
using k8s.Models;

namespace ActorOrchestrator.Host.Tests.Engine;

/// <summary>The node agent on the real engine.</summary>
[Collection("engine")]
public sealed class NodeAgentTests : IAsyncLifetime
{
    private NodeFixture _node = null!;

    public async Task InitializeAsync() => _node = await NodeFixture.StartAsync();

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_pod_runs_with_its_own_address_names_and_files_and_goes_when_deleted()
    {
        var created = await _node.PodAsync("web", NodeFixture.Sleeper("web", ""","env":[{"name":"WHO","value":"me"},{"name":"GREET","value":"hi $(WHO)"},{"name":"IP","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}]"""));
        var pod = await _node.Running("web");

        Assert.Equal("Running", pod.Status.Phase);
        Assert.StartsWith(_node.PodCidr[..^4], pod.Status.PodIP, StringComparison.Ordinal);
        Assert.All(pod.Status.Conditions.Where(condition => condition.Type != "PodScheduled"), condition => Assert.Equal("True", condition.Status));
        Assert.Equal(["Pulled", "Created", "Started"], _node.Recorded.Where(e => e.About == "web").Select(e => e.Reason));
        var seen = await _node.Engine.ExecAsync(NodeFixture.IdOf(pod), ["sh", "-c", "hostname; echo $GREET; echo $IP; cat /etc/resolv.conf; tail -1 /etc/hosts; tr '\\0' ' ' </proc/1/cmdline"]);
        Assert.Contains("web\nhi me\n" + pod.Status.PodIP, seen.Output, StringComparison.Ordinal);
        Assert.Contains("nameserver 10.43.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local", seen.Output, StringComparison.Ordinal);
        Assert.Contains(pod.Status.PodIP + "\tweb", seen.Output, StringComparison.Ordinal);

        var deleted = await _node.Client.DeleteAsync(created.Key, new Actors.Resources.DeleteRequest(), NodeFixture.By);
        Assert.True(deleted.Ok);
        await Eventually(() => _node.Find("web") is null, "the pod is confirmed gone");
        Assert.Empty(await _node.ContainersAsync(created.Uid));
        await Eventually(() => _node.Recorded.Any(e => e is { Reason: "Killing", Message: "Stopping container web" }), "the stop is told");
    }

    [Fact]
    public async Task A_killed_container_runs_again_as_attempt_1_in_the_same_sandbox()
    {
        await _node.PodAsync("victim", NodeFixture.Sleeper("c"));
        var before = await _node.Running("victim");
        var sandbox = (await _node.ContainersAsync(before.Metadata.Uid))[0].Id;

        await _node.Engine.KillAsync(NodeFixture.IdOf(before), "SIGKILL");

        var after = await _node.Until("victim", pod => pod.Status.ContainerStatuses[0] is { RestartCount: 1, State.Running: not null });
        Assert.Equal(137, after.Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
        Assert.Equal("Error", after.Status.ContainerStatuses[0].LastState.Terminated.Reason);
        Assert.NotEqual(NodeFixture.IdOf(before), NodeFixture.IdOf(after));
        Assert.Equal(before.Status.PodIP, after.Status.PodIP);
        Assert.Contains(await _node.ContainersAsync(before.Metadata.Uid), container => container.Id == sandbox);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_pod_is_rebuilt_when_its_containers_are_removed(bool everything)
    {
        await _node.PodAsync("rebuilt", NodeFixture.Sleeper("c"));
        var before = await _node.Running("rebuilt");
        foreach (var container in (await _node.ContainersAsync(before.Metadata.Uid)).Where(c => everything || c.Name.StartsWith("k8s_POD", StringComparison.Ordinal)))
        {
            await _node.Engine.RemoveAsync(container.Id);
        }

        var after = await _node.Until("rebuilt", pod => pod.Status.ContainerStatuses[0] is { State.Running: not null, RestartCount: > 0 });
        Assert.NotEqual(NodeFixture.IdOf(before), NodeFixture.IdOf(after));
        await Eventually(() => _node.Recorded.Any(e => e.Reason == "SandboxChanged"), "the change is told");
        var running = (await _node.ContainersAsync(before.Metadata.Uid)).Where(c => c.State == EngineContainerState.Running).ToArray();
        Assert.Equal(2, running.Length);
    }

    [Fact]
    public async Task A_restarted_agent_adopts_what_runs_heals_what_died_and_removes_what_was_deleted()
    {
        await _node.PodAsync("kept", NodeFixture.Sleeper("c", ""","readinessProbe":{"exec":{"command":["true"]},"periodSeconds":1}"""));
        await _node.PodAsync("killed", NodeFixture.Sleeper("c"));
        var gone = await _node.PodAsync("deleted", NodeFixture.Sleeper("c"));
        await _node.Until("kept", pod => pod.Status?.ContainerStatuses?[0].Ready == true);
        var killed = await _node.Running("killed");
        await _node.Running("deleted");
        var kept = await _node.SettledAsync("kept");
        var containers = await _node.ContainersAsync(kept.Uid);

        await _node.StopAgentAsync();
        await _node.Engine.KillAsync(NodeFixture.IdOf(killed), "SIGKILL");
        await _node.Client.DeleteAsync(gone.Key, new Actors.Resources.DeleteRequest(GracePeriodSeconds: 0), NodeFixture.By);
        _node.StartAgent();

        await _node.Until("killed", pod => pod.Status.ContainerStatuses[0] is { RestartCount: 1, State.Running: not null });
        await Eventually(async () => (await _node.ContainersAsync(gone.Uid)).Length == 0, "the deleted pod's containers are gone");
        await Task.Delay(1500);
        Assert.Equal(kept.Revision, _node.Find("kept")!.Revision);
        Assert.Equal(containers.Select(c => c.Id), (await _node.ContainersAsync(kept.Uid)).Select(c => c.Id));
    }

    [Fact]
    public async Task A_container_that_keeps_dying_is_restarted_once_at_once_and_then_backed_off()
    {
        await _node.PodAsync("crasher", """{"name":"c","image":"busybox:1.36","command":["sh","-c","echo bye >/dev/termination-log; exit 3"]}""");

        var pod = await _node.Until("crasher", p => p.Status?.ContainerStatuses?[0].State.Waiting?.Reason == "CrashLoopBackOff");

        var status = pod.Status.ContainerStatuses[0];
        Assert.Equal(1, status.RestartCount);
        Assert.Equal(3, status.LastState.Terminated.ExitCode);
        Assert.Equal("bye\n", status.LastState.Terminated.Message);
        Assert.Equal($"back-off 10s restarting failed container=c pod=crasher_default({pod.Metadata.Uid})", status.State.Waiting.Message);
        Assert.Equal("Running", pod.Status.Phase);
        await Eventually(
            () => _node.Recorded.Any(e => e.Reason == "BackOff" && e.Message == $"Back-off restarting failed container c in pod crasher_default({pod.Metadata.Uid})"), "the back-off is told");
    }

    [Fact]
    public async Task A_missing_image_is_told_in_the_kubelets_words()
    {
        await _node.PodAsync("imageless", """{"name":"c","image":"nowhere.invalid/none:1"}""");

        var pod = await _node.Until("imageless", p => p.Status?.ContainerStatuses?[0].State.Waiting?.Reason == "ErrImagePull");
        Assert.Equal("Pending", pod.Status.Phase);
        await _node.Until("imageless", p => p.Status?.ContainerStatuses?[0].State.Waiting?.Reason == "ImagePullBackOff");
        await Eventually(() => _node.Recorded.Any(e => e is { Reason: "BackOff", Message: "Back-off pulling image \"nowhere.invalid/none:1\"" }), "the back-off is told");
    }

    [Fact]
    public async Task Init_containers_run_in_order_and_a_finished_pod_succeeds()
    {
        await _node.PodAsync("job", """{"name":"c","image":"busybox:1.36","command":["sh","-c","cat /work/*"],"volumeMounts":[{"name":"work","mountPath":"/work"}]}""",
            """
            ,"restartPolicy":"Never","volumes":[{"name":"work","emptyDir":{}}],"initContainers":[
              {"name":"one","image":"busybox:1.36","command":["sh","-c","echo 1 >/work/a"],"volumeMounts":[{"name":"work","mountPath":"/work"}]},
              {"name":"two","image":"busybox:1.36","command":["sh","-c","test -f /work/a && echo 2 >/work/b"],"volumeMounts":[{"name":"work","mountPath":"/work"}]}]
            """);

        var pod = await _node.Until("job", p => p.Status?.Phase == "Succeeded");

        Assert.All(pod.Status.InitContainerStatuses, status => Assert.Equal("Completed", status.State.Terminated.Reason));
        Assert.Equal("PodCompleted", pod.Status.Conditions.Single(condition => condition.Type == "Ready").Reason);
        var output = new MemoryStream();
        await _node.Engine.CopyLogsAsync(NodeFixture.IdOf(pod), new LogRequest(), output);
        Assert.Equal("1\n2\n", System.Text.Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public async Task ConfigMaps_and_secrets_are_files_that_follow_their_source()
    {
        await _node.PodAsync("reader", NodeFixture.Sleeper("c", ""","envFrom":[{"configMapRef":{"name":"settings"}}],"volumeMounts":[{"name":"v","mountPath":"/v"}]"""),
            ""","volumes":[{"name":"v","configMap":{"name":"settings"}}]""");
        await _node.Until("reader", _ => _node.Recorded.Any(e => e.Message == "MountVolume.SetUp failed for volume \"v\" : configmap \"settings\" not found"));
        var map = await _node.Must(_node.Client.CreateAsync(Contracts.Resources.ResourceTypes.ConfigMaps, "default",
            NodeFixture.Json("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings","namespace":"default"},"data":{"A":"one"}}"""), NodeFixture.By));
        var pod = await _node.Running("reader");
        Assert.Equal("one one", (await _node.Engine.ExecAsync(NodeFixture.IdOf(pod), ["sh", "-c", "echo -n $A $(cat /v/A)"])).Output);

        await _node.Client.UpdateAsync(map.Key, (_, json) =>
        {
            json["data"]!["A"] = "two";
            return json;
        }, NodeFixture.By);

        await Eventually(async () => (await _node.Engine.ExecAsync(NodeFixture.IdOf(pod), ["cat", "/v/A"])).Output == "two", "the file follows");
    }

    [Fact]
    public async Task Probes_decide_readiness_and_liveness()
    {
        await _node.PodAsync("probed", NodeFixture.Sleeper("c",
            ""","readinessProbe":{"exec":{"command":["test","-f","/tmp/ready"]},"periodSeconds":1},"livenessProbe":{"exec":{"command":["test","!","-f","/tmp/dead"]},"periodSeconds":1,"failureThreshold":1}"""));
        var pod = await _node.Running("probed");
        Assert.False(pod.Status.ContainerStatuses[0].Ready);

        await _node.Engine.ExecAsync(NodeFixture.IdOf(pod), ["touch", "/tmp/ready"]);
        await _node.Until("probed", p => p.Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" }));
        await _node.Engine.ExecAsync(NodeFixture.IdOf(pod), ["touch", "/tmp/dead"]);

        await _node.Until("probed", p => p.Status.ContainerStatuses[0] is { RestartCount: 1, State.Running: not null, Ready: false });
        await Eventually(() => _node.Recorded.Any(e => e is { Reason: "Killing", Message: "Container c failed liveness probe, will be restarted" }), "the end is told");
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_told_and_backed_off()
    {
        await _node.PodAsync("typo", """{"name":"c","image":"busybox:1.36","command":["/no/such/program"]}""");

        var pod = await _node.Until("typo", p => p.Status?.ContainerStatuses?[0].State.Waiting?.Reason == "CrashLoopBackOff");

        Assert.Equal("ContainerCannotRun", pod.Status.ContainerStatuses[0].LastState.Terminated.Reason);
        Assert.Contains("/no/such/program", pod.Status.ContainerStatuses[0].LastState.Terminated.Message, StringComparison.Ordinal);
        Assert.Contains(_node.Recorded, e => e.Reason == "Failed" && e.Message.StartsWith("Error: failed to start container \"c\": Error response from daemon: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pod_gets_the_identity_limits_and_mounts_that_it_asks_for()
    {
        await _node.PodAsync(
            "asking",
            NodeFixture.Sleeper("c", """
                ,"securityContext":{"runAsUser":1000,"runAsGroup":2000,"readOnlyRootFilesystem":true,"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}
                ,"resources":{"limits":{"cpu":"500m","memory":"64Mi"}}
                ,"volumeMounts":[{"name":"scratch","mountPath":"/scratch"},{"name":"memory","mountPath":"/memory","subPath":"sub"},{"name":"facts","mountPath":"/facts"},{"name":"host","mountPath":"/host","readOnly":true}]
                """),
            """
            ,"securityContext":{"fsGroup":3000}
            ,"volumes":[{"name":"scratch","emptyDir":{}},{"name":"memory","emptyDir":{"medium":"Memory","sizeLimit":"8Mi"}},{"name":"host","hostPath":{"path":"/etc","type":"Directory"}},
              {"name":"facts","downwardAPI":{"items":[{"path":"name","fieldRef":{"fieldPath":"metadata.name"}},{"path":"memory","resourceFieldRef":{"containerName":"c","resource":"limits.memory","divisor":"1Mi"}}]}}]
            """);
        var pod = await _node.Running("asking");

        Assert.Equal("Guaranteed", pod.Status.QosClass);
        var seen = (await _node.Engine.ExecAsync(NodeFixture.IdOf(pod), ["sh", "-c",
            "id -u; id -g; id -G; touch /scratch/x && echo scratch; touch /memory/y && echo memory; touch /z 2>/dev/null || echo readonly; cat /facts/name; echo; cat /facts/memory; echo; test -f /host/hostname && echo host; grep NoNewPrivs /proc/1/status; cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null"])).Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(["1000", "2000", "2000 3000", "scratch", "memory", "readonly", "asking", "64", "host", "NoNewPrivs:\t1", "67108864"], seen);
    }

    [Fact]
    public async Task A_pod_on_the_hosts_network_has_the_hosts_address()
    {
        await _node.PodAsync("hosted", NodeFixture.Sleeper("c"), ",\"hostNetwork\":true");
        var pod = await _node.Running("hosted");
        Assert.Equal(pod.Status.HostIP, pod.Status.PodIP);
    }

    private static Task Eventually(Func<bool> holds, string what) => NodeFixture.EventuallyAsync(() => Task.FromResult(holds()), what);

    private static Task Eventually(Func<Task<bool>> holds, string what) => NodeFixture.EventuallyAsync(holds, what);
}
