using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.Tests.Validation;

/// <summary>What is refused, in upstream's words and at its paths, worked out by hand from its validation.</summary>
public class UpstreamLetterTests
{
    private const string Pod = """ "template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"POLICY","dnsPolicy":"ClusterFirst","containers":[{"name":"c","image":"i","imagePullPolicy":"Always","terminationMessagePolicy":"File"}]}} """;
    private const string Selected = """ "selector":{"matchLabels":{"a":"b"}},""";

    private static string[] Problems(string plural, string spec, string? old = null, string status = "{}", string oldStatus = "{}")
    {
        var descriptor = ResourceCatalog.BuiltIn.All.First(candidate => candidate.Plural == plural);
        var before = old is null ? null : Read(old, oldStatus);
        return [.. ObjectValidation.ValidateKind(descriptor, Read(spec, status), before).Select(cause => $"{cause.Field}: {cause.Message}")];
    }

    private static JsonObject Read(string spec, string status) => JsonNode.Parse(
        $$$"""{"metadata":{"name":"x","uid":"u","namespace":"n"},"spec":{{{{spec}}}},"status":{{{status}}}}""")!.AsObject();

    private static string Jobs(string extra, string policy = "Never") => $"\"manualSelector\":true,{extra}{Selected}{Pod.Replace("POLICY", policy, StringComparison.Ordinal)}";

    private static string Workload(string extra, string policy = "Always") => $"{extra}{Selected}{Pod.Replace("POLICY", policy, StringComparison.Ordinal)}";

    [Theory]
    [InlineData("", "Never")]
    [InlineData("", "Always", """spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never" """)]
    [InlineData(""" "completionMode":"Odd",""", "Never", """spec.completionMode: Unsupported value: "Odd": supported values: "NonIndexed", "Indexed" """)]
    [InlineData(""" "completionMode":"Indexed",""", "Never", "spec.completions: Required value: when completion mode is Indexed")]
    [InlineData(""" "completionMode":"Indexed","completions":5,"maxFailedIndexes":6,"backoffLimitPerIndex":1,""", "Never", "spec.maxFailedIndexes: Invalid value: 6: must be less than or equal to completions")]
    [InlineData(""" "completionMode":"Indexed","completions":100001,"backoffLimitPerIndex":1,""", "Never", "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000")]
    [InlineData(""" "maxFailedIndexes":1,""", "Never", "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode", "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified")]
    [InlineData(""" "managedBy":"me",""", "Never", """spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo") """)]
    [InlineData(""" "podFailurePolicy":{"rules":[{"action":""}]},""", "Never", """spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"] """, "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required")]
    [InlineData(""" "podFailurePolicy":{"rules":[{"action":"FailIndex","onExitCodes":{"operator":"In","containerName":"z","values":[2,1,1,0]}}]},""", "Never", """spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set""", """spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "z": must be one of the container or initContainer names in the pod template""", "spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 1", "spec.podFailurePolicy.rules[0].onExitCodes.values[3]: Invalid value: 0: must not be 0 for the In operator", "spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,1,1,0]: must be ordered")]
    [InlineData(""" "podFailurePolicy":{"rules":[]},""", "OnFailure", """spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified""")]
    [InlineData(""" "completionMode":"Indexed","completions":5,"successPolicy":{"rules":[]},""", "Never", "spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified")]
    [InlineData(""" "completionMode":"Indexed","completions":5,"successPolicy":{"rules":[{"succeededIndexes":"0-2,2","succeededCount":9}]},""", "Never", """spec.successPolicy.rules[0].succeededIndexes: Invalid value: "0-2,2": error parsing succeededIndexes: non-increasing order, previous: 2, current: 2""", "spec.successPolicy.rules[0].succeededCount: Invalid value: 9: must be less than or equal to 5 (the number of specified completions)", "spec.successPolicy.rules[0].succeededCount: Invalid value: 9: must be less than or equal to 0 (the number of indexes in the specified succeededIndexes field)")]
    [InlineData(""" "podReplacementPolicy":"Odd",""", "Never", """spec.podReplacementPolicy: Unsupported value: "Odd": supported values: "Failed", "TerminatingOrFailed" """)]
    public void Jobs_are_refused(string extra, string policy, params string[] problems) =>
        Assert.Equal(problems.Select(problem => problem.Trim()), Problems("jobs", Jobs(extra, policy)));

    [Theory]
    [InlineData(""" "parallelism":2,""", """ "parallelism":1,""", "{}")]
    [InlineData(""" "completions":2,""", """ "completions":1,""", "{}", "spec.completions: Invalid value: 2: field is immutable")]
    [InlineData(""" "completionMode":"Indexed","completions":3,"parallelism":3,""", """ "completionMode":"Indexed","completions":2,"parallelism":2,""", "{}")]
    [InlineData(""" "completionMode":"Indexed","completions":3,"parallelism":2,""", """ "completionMode":"Indexed","completions":2,"parallelism":2,""", "{}", "spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism")]
    [InlineData(""" "managedBy":"a.io/b",""", "", "{}", """spec.managedBy: Invalid value: "a.io/b": field is immutable""")]
    public void Jobs_change_only_so_far(string extra, string before, string status, params string[] problems) =>
        Assert.Equal(problems, Problems("jobs", Jobs(extra), Jobs(before), status, status));

    [Fact]
    public void A_job_moves_while_it_is_suspended_and_has_not_begun()
    {
        var moved = Jobs("\"suspend\":true,").Replace("\"dnsPolicy\"", "\"nodeSelector\":{\"k\":\"v\"},\"dnsPolicy\"", StringComparison.Ordinal);
        var before = Jobs("\"suspend\":true,");
        Assert.Empty(Problems("jobs", moved, before));
        Assert.EndsWith("field is immutable", Assert.Single(Problems("jobs", moved, before, oldStatus: """{"startTime":"2026-01-01T00:00:00Z"}""")), StringComparison.Ordinal);
    }

    private const string Claim = """ "accessModes":["ReadWriteOnce"],"volumeMode":"Filesystem","storageClassName":"s","resources":{"requests":{"storage":"SIZE"}} """;

    [Theory]
    [InlineData("2Gi", "1Gi", "Bound")]
    [InlineData("1024Mi", "1Gi", "Pending")]
    [InlineData("2Gi", "1Gi", "Pending", "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims")]
    [InlineData("1Gi", "2Gi", "Bound", "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity")]
    public void Claims_grow_when_they_are_bound(string size, string before, string phase, params string[] problems)
    {
        var status = $$$"""{"phase":"{{{phase}}}","capacity":{"storage":"2Gi"}}""";
        Assert.Equal(problems, Problems("persistentvolumeclaims", Claim.Replace("SIZE", size, StringComparison.Ordinal), Claim.Replace("SIZE", before, StringComparison.Ordinal), status, status));
    }

    [Theory]
    [InlineData("\"Filesystem\"", "\"Block\"", "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims", """volumeMode: Invalid value: "Block": field is immutable""")]
    [InlineData("\"storageClassName\":\"s\"", "\"storageClassName\":\"t\"", "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims")]
    [InlineData("\"storageClassName\":\"s\"", "\"storageClassName\":\"s\",\"volumeName\":\"v\"")]
    [InlineData("\"storageClassName\":\"s\"", "\"storageClassName\":\"s\",\"volumeAttributesClassName\":\"v\"")]
    public void What_else_of_a_claim_may_change(string part, string changed, params string[] problems)
    {
        var before = Claim.Replace("SIZE", "1Gi", StringComparison.Ordinal);
        Assert.Equal(problems, Problems("persistentvolumeclaims", before.Replace(part, changed, StringComparison.Ordinal), before));
    }

    [Fact]
    public void A_claim_keeps_to_having_an_attributes_class()
    {
        var plain = Claim.Replace("SIZE", "1Gi", StringComparison.Ordinal);
        Assert.Equal(
            ["spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden"],
            Problems("persistentvolumeclaims", plain, "\"volumeAttributesClassName\":\"v\"," + plain));
    }

    [Theory]
    [InlineData("statefulsets", """ "podManagementPolicy":"Odd","updateStrategy":{"type":"OnDelete"},"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"},""", "Always", "spec.podManagementPolicy: Invalid value: \"Odd\": must be 'OrderedReady' or 'Parallel'")]
    [InlineData("statefulsets", """ "podManagementPolicy":"Parallel","updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"partition":-1,"maxUnavailable":0}},"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"},""", "Always", "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0", "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0")]
    [InlineData("statefulsets", """ "podManagementPolicy":"Parallel","updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"101%"}},"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"},""", "Always", "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%")]
    [InlineData("daemonsets", """ "updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":0,"maxSurge":0}},""", "Always", "spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0")]
    [InlineData("daemonsets", """ "updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":1,"maxSurge":"200%"}},""", "Always", "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: \"200%\": must not be greater than 100%", "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: \"200%\": may not be set when maxUnavailable is non-zero")]
    [InlineData("daemonsets", """ "updateStrategy":{"type":"Odd"},""", "Always", """spec.updateStrategy.type: Unsupported value: "Odd": supported values: "RollingUpdate", "OnDelete" """)]
    [InlineData("replicasets", "", "Odd", """spec.template.spec.restartPolicy: Unsupported value: "Odd": supported values: "Always", "OnFailure", "Never" """)]
    public void Owners_of_pods_are_refused(string plural, string extra, string policy, params string[] problems) =>
        Assert.Equal(problems.Select(problem => problem.Trim()), Problems(plural, Workload(extra, policy)));

    [Theory]
    [InlineData(""" "serviceName":"b","replicas":2,"minReadySeconds":1,""", true)]
    [InlineData(""" "serviceName":"a","replicas":2,"minReadySeconds":1,"revisionHistoryLimit":3,"ordinals":{"start":2},""", false)]
    public void A_StatefulSet_changes_only_so_far(string change, bool isRefused)
    {
        const string Rest = """ "podManagementPolicy":"Parallel","updateStrategy":{"type":"OnDelete"},"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"},""";
        var problems = Problems("statefulsets", Workload(change + Rest, "Always"), Workload(""" "serviceName":"a","replicas":1,""" + Rest, "Always"));
        Assert.Equal(
            isRefused
                ? ["spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"]
                : Array.Empty<string>(),
            problems);
    }

    [Theory]
    [InlineData(""" "podCIDRs":["10.0.1.0/24"]""", """ "podCIDRs":["10.0.0.0/24"]""", "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid")]
    [InlineData(""" "providerID":"b" """, """ "providerID":"a" """, "spec.providerID: Forbidden: node updates may not change providerID except from \"\" to valid")]
    [InlineData(""" "unschedulable":true,"taints":[{"key":"a","effect":"NoSchedule"}]""", """ "podCIDR":"" """)]
    [InlineData(""" "externalID":"b" """, """ "externalID":"a" """, "[]: Forbidden: node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig feature gate is enabled)")]
    [InlineData(""" "taints":[{"key":"a","effect":"Odd"}]""", """ "podCIDR":"" """, """spec.taints[0].effect: Unsupported value: "Odd": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute" """)]
    public void Nodes_change_only_so_far(string spec, string before, params string[] problems) =>
        Assert.Equal(problems.Select(problem => problem.Trim()), Problems("nodes", spec, before).Select(problem => problem.Trim()));

    private const string Ports = """ "sessionAffinity":"None","internalTrafficPolicy":"Cluster","ports":[{"port":80,"protocol":"TCP","targetPort":80}],""";

    [Theory]
    [InlineData(""" "type":"ClusterIP","loadBalancerClass":"a.io/b" """, "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData(""" "type":"ClusterIP","loadBalancerSourceRanges":["10.0.0.0/8"]""", "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData(""" "type":"ClusterIP","healthCheckNodePort":30000""", "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")]
    [InlineData(""" "type":"ClusterIP","trafficDistribution":"Odd" """, """spec.trafficDistribution: Unsupported value: "Odd": supported values: "PreferClose", "PreferSameNode", "PreferSameZone" """)]
    [InlineData(""" "type":"ExternalName","externalName":"a_b.","ipFamilies":["IPv4"]""", "spec.ipFamilies: Forbidden: may not be set for ExternalName services", """spec.externalName: Invalid value: "a_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')""")]
    public void Services_are_refused(string spec, params string[] problems) => Assert.Equal(problems.Select(problem => problem.Trim()), Problems("services", Ports + spec));

    [Theory]
    [InlineData("""{"scopeName":"BestEffort","operator":"In","values":["a"]}""", "spec.scopeSelector.matchExpressions.operator: Invalid value: \"In\": must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity")]
    [InlineData("""{"scopeName":"PriorityClass","operator":"In"}""", "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")]
    [InlineData("""{"scopeName":"PriorityClass","operator":"Exists","values":["a"]}""", "spec.scopeSelector.matchExpressions.values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")]
    [InlineData("""{"scopeName":"PriorityClass","operator":"Odd"}""", "spec.scopeSelector.matchExpressions.operator: Invalid value: \"Odd\": not a valid selector operator")]
    public void Scopes_of_quotas_are_refused(string term, string problem) =>
        Assert.Equal([problem], Problems("resourcequotas", $$""" "hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{{term}}]}"""));

    private const string Asked = """ "exactly":{"deviceClassName":"c","allocationMode":"ExactCount","count":1}""";

    [Theory]
    [InlineData("""{"name":"a",ASKED}""")]
    [InlineData("""{"name":"a"}""", "spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required")]
    [InlineData("""{"name":"a",ASKED},{"name":"a",ASKED}""", "spec.devices.requests[1]: Duplicate value: \"a\"")]
    [InlineData("""{"name":"a","exactly":{"allocationMode":"Odd"}}""", "spec.devices.requests[0].exactly.deviceClassName: Required value", """spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Odd": supported values: "All", "ExactCount" """)]
    [InlineData("""{"name":"a","exactly":{"deviceClassName":"c","allocationMode":"All","count":2,"selectors":[{}],"tolerations":[{"operator":"Exists","value":"x","effect":"Odd"}]}}""", "spec.devices.requests[0].exactly.selectors[0].cel: Required value", "spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'", "spec.devices.requests[0].exactly.tolerations[0].value: Invalid value: \"x\": must be empty for operator `Exists`", """spec.devices.requests[0].exactly.tolerations[0].effect: Unsupported value: "Odd": supported values: "NoExecute", "NoSchedule", "None" """)]
    public void Claims_of_devices_are_refused(string requests, params string[] problems) =>
        Assert.Equal(problems.Select(problem => problem.Trim()), Problems("resourceclaims", $"\"devices\":{{\"requests\":[{requests.Replace("ASKED", Asked, StringComparison.Ordinal)}]}}"));

    [Theory]
    [InlineData(""" "nodeName":"n","pool":{"name":"p","resourceSliceCount":1,"generation":1},"devices":[{"name":"d","attributes":{"x":{"int":1}}}]""")]
    [InlineData(""" "pool":{"name":"p","resourceSliceCount":0}""", "spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero", "spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required")]
    [InlineData(""" "nodeName":"n","allNodes":true,"pool":{"name":"p","resourceSliceCount":1}""", "spec: Invalid value: \"{`nodeName`, `allNodes`}\": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set")]
    [InlineData(""" "allNodes":true,"pool":{"name":"p","resourceSliceCount":1},"devices":[{"name":"d","nodeName":"n","attributes":{"v":{"version":"1"},"w":{}}}]""", "spec.devices[0].attributes[v].version: Invalid value: \"1\": must be a string compatible with semver.org spec 2.0.0", "spec.devices[0].attributes[w]: Invalid value: \"\": exactly one value must be specified", "spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec")]
    public void Slices_of_devices_are_refused(string spec, params string[] problems) => Assert.Equal(problems, Problems("resourceslices", "\"driver\":\"d.example.com\"," + spec));

    [Theory]
    [InlineData("EC256")]
    [InlineData("EC224", "spec.stubPKCS10Request: Invalid value: \"curve P-224\": elliptic public keys must use curve P256 or P384")]
    [InlineData("RSA3072")]
    [InlineData("RSA2048", "spec.stubPKCS10Request: Invalid value: \"2048-bit modulus\": RSA keys must have modulus size 3072 or 4096")]
    [InlineData("Ed25519")]
    [InlineData("forged", "spec.stubPKCS10Request: Invalid value: could not verify the signature of the PKCS#10 CSR")]
    [InlineData("none", "spec.stubPKCS10Request: Invalid value: \"\": must be a valid PKCS#10 CSR")]
    public void Who_asks_for_a_certificate_has_its_key(string kind, params string[] problems)
    {
        var spec = $$""" "signerName":"a.io/b","podName":"p","podUID":"pod-uid","serviceAccountName":"s","serviceAccountUID":"t","nodeName":"n","nodeUID":"o","maxExpirationSeconds":3600,"stubPKCS10Request":"{{PodKeys.Stub(kind)}}" """;
        Assert.Equal(problems, Problems("podcertificaterequests", spec));
    }

    [Theory]
    [InlineData("""{"type":"Denied","status":"True"}""")]
    [InlineData("""{"type":"Odd","status":"True"}""", """status.conditions.[0].type: Unsupported value: "Odd": supported values: "Issued", "Denied", "Failed" """)]
    [InlineData("""{"type":"Denied","status":"False"}""", """status.conditions.[0].status: Unsupported value: "False": supported values: "True" """)]
    [InlineData("""{"type":"Issued","status":"True"}""", "status.certificateChain: Invalid value: \"\": issued certificate chain must contain at least one certificate")]
    public void A_certificate_request_ends_once(string condition, params string[] problems) =>
        Assert.Equal(problems.Select(problem => problem.Trim()), Problems("podcertificaterequests", "\"podName\":\"p\"", "\"podName\":\"p\"", $$"""{"conditions":[{{condition}}]}"""));

    [Theory]
    [InlineData("pods", """{"metadata":{"name":"a.b"},"spec":{"nodeSelector":{"beta.kubernetes.io/os":"linux"},"terminationGracePeriodSeconds":-1,"containers":[{"env":[{"name":"X","value":"1"},{"name":"X","value":"2"}],"resources":{"limits":{"memory":"1500m"}},"ports":[{"containerPort":80,"protocol":"TCP"},{"containerPort":80,"protocol":"TCP"}]}]}}""",
        "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]",
        "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead",
        "spec.containers[0].resources.limits[memory]: fractional byte value \"1500m\" is invalid, must be an integer",
        "spec.containers[0].env[1]: hides previous definition of \"X\", which may be dropped when using apply",
        "spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]",
        "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1")]
    [InlineData("deployments", """{"metadata":{"name":"a"},"spec":{"template":{"spec":{"volumes":[{"gitRepo":{}}],"topologySpreadConstraints":[{"topologyKey":"z"}]}}}}""",
        "spec.template.spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod",
        "spec.template.spec.volumes[0].gitRepo: deprecated in v1.11")]
    [InlineData("services", """{"spec":{"clusterIP":"None","sessionAffinity":"ClientIP"}}""", "spec.SessionAffinity is ignored for headless services")]
    [InlineData("services", """{"spec":{"type":"ClusterIP","externalName":"x"}}""", "spec.externalName is ignored when spec.type is not \"ExternalName\"")]
    [InlineData("ingresses", """{"metadata":{"annotations":{"kubernetes.io/ingress.class":"x"}}}""", "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead")]
    public void Authors_are_warned(string plural, string json, params string[] warnings)
    {
        var descriptor = ResourceCatalog.BuiltIn.All.First(candidate => candidate.Plural == plural);
        var obj = JsonNode.Parse(json)!.AsObject();
        obj["kind"] = descriptor.Kind;
        Assert.Equal(warnings.Order(), ObjectWarnings.Of(descriptor, obj, null).Order());
    }
}
