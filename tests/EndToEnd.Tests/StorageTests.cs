using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>Claims and the folders behind them; ports of the node; requests through the API to pods and services.</summary>
[Collection(SharedCluster.Name)]
public sealed class StorageTests(ClusterFixture cluster)
{
    [Fact]
    public void A_claim_gets_a_folder_that_outlives_its_pod_and_goes_with_the_claim()
    {
        using var space = new Space(cluster, "1.32", "folders");
        space.Feed(
            """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: data}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Mi}}}
            """,
            "apply", "-f", "-");
        Eventually.Equal("Pending", () => space.Do("get", "pvc", "data", "-o", "jsonpath={.status.phase}"), "nobody uses it yet");

        space.Feed(Writer("first"), "apply", "-f", "-");
        space.Do("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/first", "--timeout=60s");
        Assert.Equal("Bound", space.Do("get", "pvc", "data", "-o", "jsonpath={.status.phase}"));
        space.Do("delete", "pod", "first");
        space.Feed(Writer("second"), "apply", "-f", "-");
        space.Do("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/second", "--timeout=60s");
        Assert.Equal("first\nsecond", space.Do("logs", "second").Trim());

        var volume = space.Do("get", "pvc", "data", "-o", "jsonpath={.spec.volumeName}");
        space.Do("delete", "pod", "second");
        space.Do("delete", "pvc", "data");
        Eventually.Equal("", () => space.Do("get", "pv", volume, "--ignore-not-found", "-o", "name"), "the volume went with its claim");
    }

    [Fact]
    public void A_port_of_the_node_and_the_proxy_of_the_API_lead_into_a_pod()
    {
        using var space = new Space(cluster, "1.32", "doors");
        space.Feed(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, labels: {app: web}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: web
                image: busybox:1.36
                command: [sh, -c, 'mkdir /www && echo hello from the pod > /www/page && exec httpd -f -p 8080 -h /www']
                ports: [{name: http, containerPort: 8080, hostPort: 18099}]
                readinessProbe: {tcpSocket: {port: http}, periodSeconds: 1}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}]}
            """,
            "apply", "-f", "-");
        space.Do("wait", "--for=condition=Ready", "pod/web", "--timeout=60s");

        Eventually.Equal("hello from the pod", () => Shell.Bash("curl -s -m 3 http://127.0.0.1:18099/page").Output.Trim(), "the node's port answers");
        foreach (var target in new[] { "pods/web/proxy", "pods/web:8080/proxy", "pods/http:web:http/proxy" })
        {
            Assert.Equal("hello from the pod", space.Do("get", "--raw", $"/api/v1/namespaces/{space.Name}/{target}/page").Trim());
        }

        Eventually.Equal(
            "hello from the pod", () => space.Try("get", "--raw", $"/api/v1/namespaces/{space.Name}/services/web:http/proxy/page").Output.Trim(), "the service has its endpoint");
        Assert.Contains("no service port", space.Try("get", "--raw", $"/api/v1/namespaces/{space.Name}/services/web:none/proxy/page").All, StringComparison.Ordinal);

        space.Do("delete", "pod", "web");
        Eventually.Holds(
            () => (Shell.Bash("curl -s -m 1 http://127.0.0.1:18099/page").ExitCode != 0, "it still answers"), "the port is closed with its pod");
    }

    private static string Writer(string name) =>
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: NAME}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 1
          containers:
          - name: writer
            image: busybox:1.36
            command: [sh, -c, 'echo NAME >> /data/names && cat /data/names']
            volumeMounts: [{name: data, mountPath: /data}]
          volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
        """.Replace("NAME", name, StringComparison.Ordinal);
}
