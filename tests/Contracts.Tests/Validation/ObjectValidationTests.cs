using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.Tests.Validation;

public class ObjectValidationTests
{
    private static ResourceDescriptor Kind(string plural) => ResourceCatalog.BuiltIn.All.First(descriptor => descriptor.Plural == plural);

    /// <summary>Everything that a write goes through before it is stored; each cause as a user reads it.</summary>
    private static string[] Problems(string plural, string json, string? old = null)
    {
        var descriptor = Kind(plural);
        var obj = Prepared(descriptor, json);
        return [.. ObjectValidation.Validate(descriptor, obj, old is null ? null : Prepared(descriptor, old))
            .Select(cause => cause.Field.Length == 0 ? cause.Message : $"{cause.Field}: {cause.Message}")];
    }

    private static JsonObject Prepared(ResourceDescriptor descriptor, string json)
    {
        var obj = JsonNode.Parse(json)!.AsObject();
        Assert.Null(StructuralDecoder.Decode(descriptor, obj).TypeError);
        ObjectDefaults.Apply(descriptor, obj);
        return obj;
    }

    private static string Pod(string spec) => $$$"""{"metadata":{"name":"a","namespace":"shop"},"spec":{{{spec}}}}""";

    private static string Container(string members) => Pod(
        """{"containers":[{"name":"a","image":"b"MEMBERS}],"volumes":[{"name":"v","emptyDir":{}}]}""".Replace("MEMBERS", members, StringComparison.Ordinal));

    private static string Deployment(string members) =>
        """{"metadata":{"name":"web","namespace":"shop"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"a","image":"b"}]}}MEMBERS}}"""
            .Replace("MEMBERS", members, StringComparison.Ordinal);

    private static string Service(string spec) => $$$"""{"metadata":{"name":"web","namespace":"shop"},"spec":{{{spec}}}}""";

    [Theory]
    [InlineData("pods", """{"metadata":{"name":"a","namespace":"shop"},"spec":{"containers":[{"name":"a","image":"b","ports":[{"containerPort":80,"name":"http"}],"env":[{"name":"A","value":"b"},{"name":"IP","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}}],"resources":{"requests":{"cpu":"100m"},"limits":{"cpu":"200m"}},"livenessProbe":{"httpGet":{"port":"http"}},"volumeMounts":[{"name":"v","mountPath":"/v"}]}],"volumes":[{"name":"v","configMap":{"name":"c"}}],"tolerations":[{"operator":"Exists"}]}}""")]
    [InlineData("services", """{"metadata":{"name":"web","namespace":"shop"},"spec":{"ports":[{"name":"a","port":80},{"name":"b","port":53,"protocol":"UDP","targetPort":"dns"}],"selector":{"a":"b"}}}""")]
    [InlineData("services", """{"metadata":{"name":"web","namespace":"shop"},"spec":{"clusterIP":"None"}}""")]
    [InlineData("services", """{"metadata":{"name":"web","namespace":"shop"},"spec":{"type":"ExternalName","externalName":"a.example."}}""")]
    [InlineData("services", """{"metadata":{"name":"web","namespace":"shop"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":30080}],"clusterIP":"10.43.0.9"}}""")]
    [InlineData("configmaps", """{"metadata":{"name":"a.b-c","namespace":"shop"},"data":{"A_b.c":"x"}}""")]
    [InlineData("secrets", """{"metadata":{"name":"a","namespace":"shop"},"stringData":{"k":"v"}}""")]
    [InlineData("namespaces", """{"metadata":{"name":"shop"}}""")]
    [InlineData("nodes", """{"metadata":{"name":"n1.example"},"spec":{"taints":[{"key":"a/b","effect":"NoSchedule"},{"key":"a/b","effect":"NoExecute"}]}}""")]
    [InlineData("endpointslices", """{"metadata":{"name":"a","namespace":"shop"},"addressType":"IPv4","endpoints":[{"addresses":["10.42.0.5"]}],"ports":[{"port":80}]}""")]
    [InlineData("events", """{"metadata":{"name":"a.1","namespace":"shop"},"involvedObject":{"kind":"Pod","namespace":"shop","name":"a"}}""")]
    [InlineData("leases", """{"metadata":{"name":"a","namespace":"kube-node-lease"},"spec":{"leaseDurationSeconds":40}}""")]
    [InlineData("serviceaccounts", """{"metadata":{"name":"a","namespace":"shop"}}""")]
    public void A_sound_object_has_no_problems(string plural, string json) => Assert.Empty(Problems(plural, json));

    [Theory]
    [InlineData("""{"metadata":{"namespace":"shop"}}""", "metadata.name: Required value: name or generateName is required")]
    [InlineData("""{"metadata":{"name":"Web","namespace":"shop"}}""", "metadata.name: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]
    [InlineData("""{"metadata":{"name":"a"}}""", "metadata.namespace: Required value")]
    [InlineData("""{"metadata":{"name":"a","namespace":"shop","labels":{"a":"b c"}}}""", "metadata.labels: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")]
    [InlineData("""{"metadata":{"name":"a","namespace":"shop","labels":{"/a":"b"}}}""", "metadata.labels: Invalid value: \"/a\": prefix part must be non-empty")]
    [InlineData("""{"metadata":{"name":"a","namespace":"shop"},"data":{"a/b":"c"}}""", "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")]
    public void A_config_map_is_told_what_is_wrong(string json, string expected) => Assert.Equal([expected], Problems("configmaps", json));

    [Fact]
    public void A_config_map_is_at_most_a_mebibyte()
    {
        var map = $$$"""{"metadata":{"name":"a","namespace":"shop"},"data":{"k":"{{{new string('x', (1024 * 1024) + 1)}}}"}}""";
        Assert.Equal(["[]: Too long: may not be more than 1048576 bytes"], Problems("configmaps", map));
    }

    [Theory]
    [InlineData("""{}""", "spec.containers: Required value")]
    [InlineData("""{"containers":[{"name":"a"}]}""", "spec.containers[0].image: Required value")]
    [InlineData("""{"containers":[{"image":"a"}]}""", "spec.containers[0].name: Required value")]
    [InlineData("""{"containers":[{"name":"a","image":"b"},{"name":"a","image":"b"}]}""", "spec.containers[1].name: Duplicate value: \"a\"")]
    [InlineData("""{"containers":[{"name":"a","image":"b"}],"restartPolicy":"Sometimes"}""", "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"")]
    [InlineData("""{"containers":[{"name":"a","image":"b"}],"volumes":[{"name":"v","emptyDir":{},"hostPath":{"path":"/x"}}]}""", "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type")]
    [InlineData("""{"containers":[{"name":"a","image":"b"}],"volumes":[{"name":"v"},{"name":"v"}]}""", "spec.volumes[1].name: Duplicate value: \"v\"")]
    [InlineData("""{"containers":[{"name":"a","image":"b"}],"volumes":[{"name":"v","secret":{}}]}""", "spec.volumes[0].secret.secretName: Required value")]
    [InlineData("""{"containers":[{"name":"a","image":"b"}],"tolerations":[{"key":"a","operator":"Is"}]}""", "spec.tolerations[0].operator: Unsupported value: \"Is\": supported values: \"Equal\", \"Exists\"")]
    [InlineData("""{"containers":[{"name":"a","image":"b"}],"activeDeadlineSeconds":0}""", "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive")]
    [InlineData("""{"containers":[{"name":"a","image":"b"}],"dnsPolicy":"None"}""", "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None")]
    [InlineData("""{"containers":[{"name":"a","image":"b"}],"topologySpreadConstraints":[{"maxSkew":0,"topologyKey":"x","whenUnsatisfiable":"DoNotSchedule"}]}""", "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero")]
    public void A_pod_is_told_what_is_wrong(string spec, string expected) => Assert.Equal([expected], Problems("pods", Pod(spec)));

    [Theory]
    [InlineData(""" ,"ports":[{"containerPort":0}] """, "spec.containers[0].ports[0].containerPort: Required value")]
    [InlineData(""" ,"ports":[{"containerPort":70000}] """, "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive")]
    [InlineData(""" ,"ports":[{"containerPort":1,"name":"a"},{"containerPort":2,"name":"a"}] """, "spec.containers[0].ports[1].name: Duplicate value: \"a\"")]
    [InlineData(""" ,"ports":[{"containerPort":1,"protocol":"HTTP"}] """, "spec.containers[0].ports[0].protocol: Unsupported value: \"HTTP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    [InlineData(""" ,"ports":[{"containerPort":1,"hostPort":80},{"containerPort":2,"hostPort":80}] """, "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\"")]
    [InlineData(""" ,"env":[{"name":"a=b"}] """, "spec.containers[0].env[0].name: Invalid value: \"a=b\": a valid environment variable name must consist only of printable ASCII characters other than '=' (regex used for validation is '[ -<>-~]+')")]
    [InlineData(""" ,"env":[{"name":"a","valueFrom":{}}] """, "spec.containers[0].env[0].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`")]
    [InlineData(""" ,"env":[{"name":"a","valueFrom":{"secretKeyRef":{"name":"s"}}}] """, "spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value")]
    [InlineData(""" ,"volumeMounts":[{"name":"w","mountPath":"/w"}] """, "spec.containers[0].volumeMounts[0].name: Not found: \"w\"")]
    [InlineData(""" ,"volumeMounts":[{"name":"v","mountPath":"/w"},{"name":"v","mountPath":"/w"}] """, "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/w\": must be unique")]
    [InlineData(""" ,"resources":{"requests":{"cpu":"2"},"limits":{"cpu":"1"}} """, "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1")]
    [InlineData(""" ,"resources":{"limits":{"memory":"-1"}} """, "spec.containers[0].resources.limits[memory]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData(""" ,"livenessProbe":{} """, "spec.containers[0].livenessProbe: Required value: must specify a handler type")]
    [InlineData(""" ,"livenessProbe":{"tcpSocket":{"port":80},"successThreshold":2} """, "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1")]
    [InlineData(""" ,"readinessProbe":{"exec":{}} """, "spec.containers[0].readinessProbe.exec.command: Required value")]
    [InlineData(""" ,"imagePullPolicy":"Daily" """, "spec.containers[0].imagePullPolicy: Unsupported value: \"Daily\": supported values: \"Always\", \"IfNotPresent\", \"Never\"")]
    public void A_container_is_told_what_is_wrong(string members, string expected)
    {
        var all = Problems("pods", Container(members));
        Assert.Contains(expected, all);
        Assert.True(all.Length <= 2, string.Join('\n', all));
    }

    [Theory]
    [InlineData(""","replicas":-1""", "spec.replicas: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData(""","strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}""", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0")]
    [InlineData(""","strategy":{"rollingUpdate":{"maxUnavailable":"120%"}}""", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"120%\": must not be greater than 100%")]
    [InlineData(""","strategy":{"rollingUpdate":{"maxSurge":"x"}}""", "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"x\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")]
    [InlineData(""","strategy":{"type":"Recreate","rollingUpdate":{}}""", "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'")]
    [InlineData(""","strategy":{"type":"Never"}""", "spec.strategy.type: Unsupported value: \"Never\": supported values: \"Recreate\", \"RollingUpdate\"")]
    [InlineData(""","minReadySeconds":700""", "spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds")]
    public void A_deployment_is_told_what_is_wrong(string members, string expected) => Assert.Equal([expected], Problems("deployments", Deployment(members)));

    [Fact]
    public void A_selector_must_match_the_templates_labels()
    {
        var deployment = Deployment("").Replace("\"matchLabels\":{\"a\":\"b\"}", "\"matchLabels\":{\"a\":\"c\"}", StringComparison.Ordinal);
        Assert.Equal(["spec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does not match template `labels`"], Problems("deployments", deployment));
        var without = Deployment("").Replace("\"selector\":{\"matchLabels\":{\"a\":\"b\"}},", "", StringComparison.Ordinal);
        Assert.Equal(["spec.selector: Required value"], Problems("deployments", without));
        var empty = Deployment("").Replace("\"matchLabels\":{\"a\":\"b\"}", "", StringComparison.Ordinal);
        Assert.Equal(["spec.selector: Invalid value: {}: empty selector is invalid for deployment"], Problems("deployments", empty));
    }

    [Fact]
    public void A_template_must_always_restart()
    {
        var deployment = Deployment("").Replace("\"containers\"", "\"restartPolicy\":\"Never\",\"containers\"", StringComparison.Ordinal);
        Assert.Equal(["spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""], Problems("deployments", deployment));
    }

    [Theory]
    [InlineData("""{}""", "spec.ports: Required value")]
    [InlineData("""{"ports":[{"port":80},{"port":81}]}""", "spec.ports[0].name: Required value|spec.ports[1].name: Required value")]
    [InlineData("""{"ports":[{"name":"a","port":80},{"name":"a","port":81}]}""", "spec.ports[1].name: Duplicate value: \"a\"")]
    [InlineData("""{"ports":[{"port":0}]}""", "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive|spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("""{"ports":[{"port":80,"nodePort":30000}]}""", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData("""{"ports":[{"port":80}],"type":"Cloud"}""", "spec.type: Unsupported value: \"Cloud\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"")]
    [InlineData("""{"ports":[{"port":80}],"type":"NodePort","clusterIP":"None"}""", "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services")]
    [InlineData("""{"ports":[{"port":80}],"sessionAffinity":"Cookie"}""", "spec.sessionAffinity: Unsupported value: \"Cookie\": supported values: \"ClientIP\", \"None\"")]
    [InlineData("""{"ports":[{"port":80}],"externalTrafficPolicy":"Local"}""", "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services")]
    [InlineData("""{"ports":[{"port":80}],"clusterIP":"10.1"}""", "spec.clusterIPs[0]: Invalid value: \"10.1\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("""{"type":"ExternalName"}""", "spec.externalName: Required value")]
    public void A_service_is_told_what_is_wrong(string spec, string expected) => Assert.Equal(expected, string.Join('|', Problems("services", Service(spec))));

    [Fact]
    public void A_service_is_a_dns_name() => Assert.StartsWith(
        "metadata.name: Invalid value: \"1web\": a DNS-1035 label must consist of",
        Problems("services", """{"metadata":{"name":"1web","namespace":"shop"},"spec":{"clusterIP":"None"}}""").Single());

    [Theory]
    [InlineData("secrets", """{"metadata":{"name":"a","namespace":"shop"},"type":"kubernetes.io/tls","data":{"tls.crt":""}}""", "data[tls.key]: Required value")]
    [InlineData("nodes", """{"metadata":{"name":"n"},"spec":{"taints":[{"key":"a","effect":"Run"}]}}""", "spec.taints[0].effect: Unsupported value: \"Run\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"")]
    [InlineData("nodes", """{"metadata":{"name":"n","namespace":"x"}}""", "metadata.namespace: Forbidden: not allowed on this type")]
    [InlineData("endpoints", """{"metadata":{"name":"a","namespace":"shop"},"subsets":[{}]}""", "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`")]
    [InlineData("endpoints", """{"metadata":{"name":"a","namespace":"shop"},"subsets":[{"addresses":[{"ip":"127.0.0.1"}]}]}""", "subsets[0].addresses[0].ip: Invalid value: \"127.0.0.1\": may not be in the loopback range (127.0.0.0/8, ::1/128)")]
    [InlineData("endpointslices", """{"metadata":{"name":"a","namespace":"shop"},"addressType":"IPv4","endpoints":[{"addresses":["2001:db8::1"]}]}""", "endpoints[0].addresses[0]: Invalid value: \"2001:db8::1\": must be an IPv4 address")]
    [InlineData("endpointslices", """{"metadata":{"name":"a","namespace":"shop"},"addressType":"IPv6","endpoints":[{"addresses":["10.1.2.3"]}]}""", "endpoints[0].addresses[0]: Invalid value: \"10.1.2.3\": must be an IPv6 address")]
    [InlineData("networkpolicies", """{"metadata":{"name":"a","namespace":"shop"},"spec":{"podSelector":{},"ingress":[{"ports":[{"port":"a b","endPort":3}]}]}}""", "spec.ingress[0].ports[0].endPort: Invalid value: 3: may not be specified when `port` is non-numeric|spec.ingress[0].ports[0].port: Invalid value: \"a b\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")]
    [InlineData("services", """{"metadata":{"name":"a","namespace":"shop"},"spec":{"ports":[{"port":1}]},"status":{"loadBalancer":{"ingress":[{"ip":"10.0.0.1"}]}}}""", "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'")]
    [InlineData("services", """{"metadata":{"name":"a","namespace":"shop"},"spec":{"type":"LoadBalancer","ports":[{"port":1}]},"status":{"loadBalancer":{"ingress":[{"hostname":"10.0.0.1","ipMode":"VIP"}]}}}""", "status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set|status.loadBalancer.ingress[0].hostname: Invalid value: \"10.0.0.1\": must be a DNS name, not an IP address")]
    [InlineData("resourcequotas", """{"metadata":{"name":"a","namespace":"shop"},"spec":{"hard":{"services":"1500m"},"scopes":["BestEffort","NotBestEffort"]}}""", "spec.hard[services]: Invalid value: \"1500m\": must be an integer|spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: unsupported scope applied to resource|spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: unsupported scope applied to resource|spec.scopes: Invalid value: [\"BestEffort\",\"NotBestEffort\"]: conflicting scopes")]
    [InlineData("csinodes", """{"metadata":{"name":"n"},"spec":{"drivers":[{"name":"a.b","nodeID":"x","topologyKeys":["k","k"],"allocatable":{"count":-1}}]}}""", "spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0|spec.drivers[0]: Duplicate value: \"k\"")]
    [InlineData("endpointslices", """{"metadata":{"name":"a","namespace":"shop"},"endpoints":[{"addresses":["1.1.1.1"]}]}""", "addressType: Required value")]
    [InlineData("events", """{"metadata":{"name":"a","namespace":"shop"},"involvedObject":{"namespace":"other"}}""", "involvedObject.namespace: Invalid value: \"other\": does not match event.namespace")]
    [InlineData("leases", """{"metadata":{"name":"a","namespace":"shop"},"spec":{"leaseDurationSeconds":0}}""", "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0")]
    [InlineData("namespaces", """{"metadata":{"name":"a.b"}}""", "metadata.name: Invalid value: \"a.b\": must not contain dots")]
    public void Other_kinds_are_told_what_is_wrong(string plural, string json, string expected) => Assert.Equal(expected, string.Join('|', Problems(plural, json)));

    [Fact]
    public void An_owner_that_controls_is_the_only_one()
    {
        const string Owner = """{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"NAME","uid":"u","controller":true}""";
        var owners = $"[{Owner.Replace("NAME", "x", StringComparison.Ordinal)},{Owner.Replace("NAME", "y", StringComparison.Ordinal)}]";
        var problem = Problems("configmaps", $$$"""{"metadata":{"name":"a","namespace":"shop","ownerReferences":{{{owners}}}}}""").Single();
        Assert.StartsWith("metadata.ownerReferences: Invalid value: [", problem);
        Assert.EndsWith("Only one reference can have Controller set to true. Found \"true\" in references for ReplicaSet/x and ReplicaSet/y", problem);
    }

    [Fact]
    public void What_an_update_may_not_change_is_said()
    {
        const string Old = """{"metadata":{"name":"a","namespace":"shop","uid":"1","deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["a/b"]}}""";
        const string New = """{"metadata":{"name":"a","namespace":"shop","uid":"2","deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["a/b","c/d"]}}""";
        Assert.Equal(
            ["metadata.uid: Invalid value: \"2\": field is immutable", "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"c/d\"}"],
            Problems("configmaps", New, Old));
    }
}
