using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>kubectl's commands one by one, with the oldest and the newest kubectl that Debian ships, each in a namespace of its own.</summary>
[Collection(SharedCluster.Name)]
public sealed class CommandSetTests(ClusterFixture cluster)
{
    /// <summary>Ends at once when it is told to.</summary>
    private const string Obedient = "trap exit TERM; sleep 3600 & wait";

    private const string Manifest = """
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: settings
          labels: {tier: front}
        data:
          colour: blue
          size: large
        """;

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void Objects_are_created_changed_compared_and_deleted(string version)
    {
        using var space = new Space(cluster, version, "objects");
        space.Feed(Manifest, "create", "-f", "-");
        Assert.Contains("AlreadyExists", space.TryFeed(Manifest, "create", "-f", "-").All, StringComparison.Ordinal);
        space.Feed(Manifest, "replace", "-f", "-");
        Assert.Contains("configured", space.Feed(Manifest, "apply", "-f", "-"), StringComparison.Ordinal);
        Assert.Contains("unchanged", space.Feed(Manifest, "apply", "-f", "-"), StringComparison.Ordinal);

        var changed = Manifest.Replace("blue", "red", StringComparison.Ordinal).Replace("\n  size: large", "", StringComparison.Ordinal);
        var diff = space.TryFeed(changed, "diff", "-f", "-");
        Assert.Equal(1, diff.ExitCode);
        Assert.Contains("+  colour: red", diff.Output, StringComparison.Ordinal);
        space.Feed(changed, "apply", "-f", "-");
        Assert.Equal("""{"colour":"red"}""", space.Do("get", "cm", "settings", "-o", "jsonpath={.data}"));
        Assert.Contains("colour: red", space.Do("apply", "view-last-applied", "configmap/settings"), StringComparison.Ordinal);

        space.Do("label", "cm", "settings", "tier=back", "--overwrite");
        space.Do("annotate", "cm", "settings", "note=kept");
        space.Do("patch", "cm", "settings", "-p", """{"data":{"more":"1"}}""");
        space.Do("patch", "cm", "settings", "--type=json", "-p", """[{"op":"remove","path":"/data/more"}]""");
        Assert.Equal("settings", space.Do("get", "cm", "-l", "tier in (back),tier!=front", "-o", "jsonpath={.items[*].metadata.name}"));
        Assert.Contains("Name:         settings", space.Do("describe", "cm", "settings"), StringComparison.Ordinal);
        space.With("KUBE_EDITOR", "sed -i s/red/green/").Do("edit", "cm", "settings");
        Assert.Equal("green", space.Do("get", "cm", "settings", "-o", "jsonpath={.data.colour}"));
        Assert.Contains("deleted", space.Do("delete", "cm", "-l", "tier=back"), StringComparison.Ordinal);
        Assert.Contains("NotFound", space.Try("get", "cm", "settings").All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void Generators_make_what_the_server_takes(string version)
    {
        using var space = new Space(cluster, version, "generators");
        foreach (var command in new[]
        {
            "create configmap one --from-literal=a=b",
            "create secret generic two --from-literal=password=swordfish",
            "create secret tls three --cert=CERT --key=KEY",
            "create serviceaccount robot",
            "create deployment sleeper --image=busybox:1.36 --replicas=0 -- sleep 3600",
            "create service clusterip cluster --tcp=80:8080",
            "create service nodeport node --tcp=80:8080",
            "create quota limits --hard=configmaps=20,pods=20",
            "create role reader --verb=get,list --resource=pods",
            "create rolebinding readers --role=reader --serviceaccount=NS:robot",
            "create poddisruptionbudget guard --selector=app=sleeper --min-available=1",
            "create job once --image=busybox:1.36 -- true",
            "create cronjob nightly --image=busybox:1.36 --schedule=0_3_*_*_* -- true",
            "create ingress front --rule=example.test/*=cluster:80",
            "autoscale deployment sleeper --min=1 --max=3 --cpu-percent=80",
            "expose deployment sleeper --port=80 --name=exposed",
            "run once --image=busybox:1.36 --restart=Never -- true",
        })
        {
            if (version == "1.20" && (command.StartsWith("create poddisruptionbudget", StringComparison.Ordinal) || command.StartsWith("create cronjob", StringComparison.Ordinal)))
            {
                // It makes them in v1beta1, which no server has had since 1.25.
                continue;
            }

            var arguments = command.Split(' ').Select(word => word.Replace("NS", space.Name, StringComparison.Ordinal).Replace('_', ' ')).ToArray();
            if (arguments.Contains("tls"))
            {
                arguments = [.. arguments.Select(word => word.Replace("CERT", space.Certificate, StringComparison.Ordinal).Replace("KEY", space.Key, StringComparison.Ordinal))];
            }

            Assert.Contains(arguments[0] switch { "autoscale" => "autoscaled", "expose" => "exposed", _ => "created" }, space.Do(arguments), StringComparison.Ordinal);
        }

        Assert.Contains("sleeper", space.Do("get", "all,cm,secrets,sa,quota,roles,rolebindings,pdb,ing,hpa"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void Workloads_are_set_scaled_awaited_and_rolled(string version)
    {
        using var space = new Space(cluster, version, "workloads");
        space.Do("create", "deployment", "web", "--image=busybox:1.36", "--", "sh", "-c", Obedient);
        space.Do("wait", "deployment/web", "--for=condition=Available", "--timeout=90s");
        space.Do("set", "env", "deployment/web", "MODE=dark");
        space.Do("set", "resources", "deployment/web", "--limits=memory=32Mi");
        space.Do("set", "serviceaccount", "deployment/web", "default");
        space.Do("set", "image", "deployment/web", "busybox=busybox:1.37");
        space.Do("rollout", "status", "deployment/web", "--timeout=90s");
        Assert.Contains("REVISION", space.Do("rollout", "history", "deployment/web"), StringComparison.Ordinal);
        space.Do("rollout", "pause", "deployment/web");
        space.Do("rollout", "resume", "deployment/web");
        space.Do("rollout", "restart", "deployment/web");
        space.Do("rollout", "undo", "deployment/web", "--to-revision=1");
        space.Do("rollout", "status", "deployment/web", "--timeout=90s");
        Assert.Equal("busybox:1.36", space.Do("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"));
        space.Do("scale", "deployment/web", "--replicas=0", "--current-replicas=1");
        space.Do("wait", "pod", "-l", "app=web", "--for=delete", "--timeout=60s");
        Assert.Contains("web", space.Do("get", "deployments", "-o", "wide"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void The_cluster_and_its_schema_are_told(string version)
    {
        using var space = new Space(cluster, version, "schema");
        Assert.Contains("is running at", space.Do("cluster-info"), StringComparison.Ordinal);
        Assert.Contains("apps/v1", space.Do("api-versions"), StringComparison.Ordinal);
        Assert.Matches(@"deployments\s+deploy\s+apps/v1\s+true\s+Deployment", space.Do("api-resources"));
        Assert.Contains("Server Version", space.Do("version"), StringComparison.Ordinal);
        Assert.Contains("List of containers", space.Do("explain", "pod.spec.containers"), StringComparison.Ordinal);
        Assert.Contains("terminationGracePeriodSeconds", space.Do("explain", "deployment", "--recursive"), StringComparison.Ordinal);
        Assert.Contains("ok", space.Do("get", "--raw", "/readyz"), StringComparison.Ordinal);
        Assert.Contains("server:", space.Do("config", "view", "--minify"), StringComparison.Ordinal);
        Assert.Contains("yes", space.Do("auth", "can-i", "create", "pods"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void Nodes_are_labelled_tainted_cordoned_and_drained(string version)
    {
        using var space = new Space(cluster, version, "nodes");
        var node = space.Do("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}");
        space.Do("create", "deployment", "web", "--image=busybox:1.36", "--", "sh", "-c", Obedient);
        space.Do("rollout", "status", "deployment/web", "--timeout=90s");
        try
        {
            space.Do("label", "node", node, "rack=a", "--overwrite");
            space.Do("taint", "node", node, "maintenance=soon:PreferNoSchedule");
            space.Do("cordon", node);
            Assert.Contains("SchedulingDisabled", space.Do("get", "node", node), StringComparison.Ordinal);
            var drained = space.Do("drain", node, "--pod-selector=app=web", "--ignore-daemonsets", "--force", "--timeout=60s");
            Assert.Contains("evicted", drained, StringComparison.Ordinal);
        }
        finally
        {
            space.Do("uncordon", node);
            space.Do("taint", "node", node, "maintenance-");
            space.Do("label", "node", node, "rack-");
        }

        space.Do("rollout", "status", "deployment/web", "--timeout=90s");
    }

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void A_certificate_request_is_approved_and_signed(string version)
    {
        using var space = new Space(cluster, version, "certificates");
        var name = $"walker-{version.Replace('.', '-')}";
        var request = Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(space.RequestOf("walker")));
        space.Feed($$"""
            apiVersion: certificates.k8s.io/v1
            kind: CertificateSigningRequest
            metadata: {name: {{name}}}
            spec:
              request: {{request}}
              signerName: kubernetes.io/kube-apiserver-client
              usages: [client auth]
            """, "create", "-f", "-");
        try
        {
            space.Do("certificate", "approve", name);
            Eventually.Holds(
                () =>
                {
                    var issued = space.Do("get", "csr", name, "-o", "jsonpath={.status.certificate}");
                    return (issued.Length > 0, issued);
                },
                "the approved request is signed");
            Assert.Contains("Approved,Issued", space.Do("get", "csr", name), StringComparison.Ordinal);
        }
        finally
        {
            space.Do("delete", "csr", name);
        }
    }

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void Lists_are_cut_sorted_shaped_and_followed(string version)
    {
        using var space = new Space(cluster, version, "lists");
        foreach (var name in new[] { "one", "two", "three" })
        {
            space.Do("create", "configmap", name, $"--from-literal=size={name.Length}");
        }

        space.Do("label", "configmap", "one", "two", "three", "made=here");
        Assert.Contains("made=here", space.Do("label", "configmap", "one", "--list"), StringComparison.Ordinal);
        Assert.Contains("made=here", space.Do("get", "cm", "one", "--show-labels", "--no-headers"), StringComparison.Ordinal);
        Assert.Equal("configmap/one configmap/three configmap/two", Line(space.Do("get", "cm", "-l", "made", "--chunk-size=1", "-o", "name")));
        Assert.Equal(
            "NAME SIZE one 3 two 3 three 5",
            Line(space.Do("get", "cm", "-l", "made", "--sort-by=.data.size", "-o", "custom-columns=NAME:.metadata.name,SIZE:.data.size")));
        Assert.Equal("3", space.Do("get", "cm", "two", "-o", "go-template={{.data.size}}"));
        Assert.Contains("ADDED", space.Try("get", "cm", "--watch", "--output-watch-events", "--request-timeout=5s").All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void Permissions_are_reconciled_and_given_on(string version)
    {
        using var space = new Space(cluster, version, "permissions");
        var role = $$"""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: reader, namespace: {{space.Name}}}
            rules:
            - {apiGroups: [""], resources: [pods], verbs: [get, list]}
            """;
        Assert.Contains("reconciled", space.Feed(role, "auth", "reconcile", "-f", "-"), StringComparison.Ordinal);
        space.Do("create", "rolebinding", "readers", "--role=reader", "--user=ann");
        Assert.Equal("yes", Line(space.Do("auth", "can-i", "list", "pods", "--as=ann")));
        Assert.Contains("no", space.Try("auth", "can-i", "list", "pods", "--as=bob").All, StringComparison.Ordinal);
        space.Do("set", "subject", "rolebinding", "readers", "--user=bob");
        Assert.Equal("yes", Line(space.Do("auth", "can-i", "list", "pods", "--as=bob")));
        Assert.Matches(@"readers\s+Role/reader\s+\S+\s+ann, bob", space.Do("get", "rolebinding", "readers", "-o", "wide"));

        var parts = $"parts.{space.Name}.example.com/on=true";
        try
        {
            space.Do("create", "clusterrole", $"{space.Name}-whole", $"--aggregation-rule={parts}");
            space.Do("create", "clusterrole", $"{space.Name}-part", "--verb=get", "--resource=secrets");
            space.Do("label", "clusterrole", $"{space.Name}-part", parts);
            space.Do("create", "clusterrolebinding", $"{space.Name}-holders", $"--clusterrole={space.Name}-whole", "--group=crew");
            Eventually.Holds(
                () =>
                {
                    var answer = Line(space.Try("auth", "can-i", "get", "secrets", "--as=cid", "--as-group=crew").Output);
                    return (answer == "yes", answer);
                },
                "the aggregated role has its part's rules");
        }
        finally
        {
            space.Do("delete", "clusterrole", $"{space.Name}-whole", $"{space.Name}-part", "--ignore-not-found");
            space.Do("delete", "clusterrolebinding", $"{space.Name}-holders", "--ignore-not-found");
        }
    }

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void A_folder_of_manifests_is_applied_and_what_left_it_is_pruned(string version)
    {
        using var space = new Space(cluster, version, "folder");
        string Named(params string[] names) => string.Concat(names.Select(name => $"---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}, labels: {{set: all}}}}, data: {{a: b}}}}\n"));
        string[] prune = version == "1.20" ? ["--prune-whitelist=core/v1/ConfigMap"] : ["--prune-allowlist=core/v1/ConfigMap"];
        space.Feed(Named("first", "second"), ["apply", "--prune", "-l", "set=all", .. prune, "-f", "-"]);
        Assert.Contains("configmap/second pruned", space.Feed(Named("first"), ["apply", "--prune", "-l", "set=all", .. prune, "-f", "-"]), StringComparison.Ordinal);
        Assert.Contains("replaced", space.Feed(Named("first"), "replace", "--force", "-f", "-"), StringComparison.Ordinal);
        space.Feed(Named("first"), "apply", "set-last-applied", "--create-annotation", "-f", "-");
        Assert.Contains("a: b", space.Do("apply", "view-last-applied", "configmap/first"), StringComparison.Ordinal);

        space.Do("create", "service", "externalname", "elsewhere", "--external-name=example.com");
        space.Do("create", "service", "loadbalancer", "balanced", "--tcp=80:8080");
        space.Do("set", "selector", "service/balanced", "app=other");
        Assert.Equal("other", space.Do("get", "service", "balanced", "-o", "jsonpath={.spec.selector.app}"));
        space.Do("create", "secret", "docker-registry", "login", "--docker-server=example.com", "--docker-username=a", "--docker-password=b");
        Assert.Equal("kubernetes.io/dockerconfigjson", space.Do("get", "secret", "login", "-o", "jsonpath={.type}"));
        space.Do("create", "priorityclass", $"{space.Name}-first", "--value=1000");
        space.Do("delete", "priorityclass", $"{space.Name}-first");
    }

    /// <summary>Only the newer kubectl has these.</summary>
    [Fact]
    public void Server_side_apply_names_who_owns_what()
    {
        using var space = new Space(cluster, "1.32", "apply");
        space.Feed(Manifest, "apply", "--server-side", "-f", "-");
        var other = Manifest.Replace("blue", "red", StringComparison.Ordinal);
        var conflict = space.TryFeed(other, "apply", "--server-side", "--field-manager=other", "-f", "-");
        Assert.NotEqual(0, conflict.ExitCode);
        Assert.Contains("conflict with \"kubectl\"", conflict.All, StringComparison.Ordinal);
        Assert.Contains(".data.colour", conflict.All, StringComparison.Ordinal);
        space.Feed(other, "apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-");
        Assert.Equal("red", space.Do("get", "cm", "settings", "-o", "jsonpath={.data.colour}"));
        Assert.Contains("manager: other", space.Do("get", "cm", "settings", "-o", "yaml", "--show-managed-fields"), StringComparison.Ordinal);
        Assert.Equal(0, space.TryFeed(other, "diff", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-").ExitCode);
    }

    [Fact]
    public void Tokens_and_permissions_are_those_of_the_service_account()
    {
        using var space = new Space(cluster, "1.32", "access");
        space.Do("create", "serviceaccount", "robot");
        space.Do("create", "role", "reader", "--verb=get,list", "--resource=pods");
        space.Do("create", "rolebinding", "readers", "--role=reader", $"--serviceaccount={space.Name}:robot");
        var token = space.Do("create", "token", "robot", "--duration=1h").Trim();
        var server = space.Do("config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}");
        string[] asRobot = [$"--kubeconfig=/dev/null", $"--server={server}", "--insecure-skip-tls-verify", $"--token={token}", "-n", space.Name];

        Assert.Contains($"system:serviceaccount:{space.Name}:robot", space.Do([.. asRobot, "auth", "whoami"]), StringComparison.Ordinal);
        Assert.Contains("No resources found", space.Try([.. asRobot, "get", "pods"]).MustSucceed().All, StringComparison.Ordinal);
        Assert.Contains("cannot list resource \"secrets\"", space.Try([.. asRobot, "get", "secrets"]).All, StringComparison.Ordinal);
        Assert.Contains("no", space.Try("auth", "can-i", "delete", "pods", $"--as=system:serviceaccount:{space.Name}:robot").All, StringComparison.Ordinal);
        Assert.Contains("pods", space.Do([.. asRobot, "auth", "can-i", "--list"]), StringComparison.Ordinal);
    }

    /// <summary>The words of an output, one space between them.</summary>
    private static string Line(string output) => string.Join(' ', output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
