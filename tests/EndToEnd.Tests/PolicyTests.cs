using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>What a namespace or an administrator forbids, as kubectl tells it.</summary>
[Collection(SharedCluster.Name)]
public sealed class PolicyTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void Quotas_count_and_refuse(string version)
    {
        using var space = new Space(cluster, version, "quotas");
        space.Do("create", "quota", "few", "--hard=secrets=1,requests.cpu=1");
        space.Do("create", "secret", "generic", "one", "--from-literal=a=b");
        Assert.Contains(
            "secrets \"two\" is forbidden: exceeded quota: few, requested: secrets=1, used: secrets=1, limited: secrets=1",
            space.Try("create", "secret", "generic", "two", "--from-literal=a=b").All,
            StringComparison.Ordinal);
        Assert.Contains("failed quota: few: must specify requests.cpu for: p", space.Try("run", "p", "--image=busybox:1.36", "--restart=Never").All, StringComparison.Ordinal);
        Assert.Matches(@"secrets\s+1\s+1", space.Do("describe", "quota", "few"));
        Assert.Contains("requests.cpu: 0/1, secrets: 1/1", space.Do("get", "quota"), StringComparison.Ordinal);

        space.Feed(
            """
            apiVersion: v1
            kind: LimitRange
            metadata: {name: range}
            spec:
              limits:
              - {type: Container, default: {cpu: 200m}, defaultRequest: {cpu: 100m}, max: {cpu: 500m}}
            """,
            "create", "-f", "-");
        Assert.Matches(@"Container\s+cpu\s+-\s+500m\s+100m\s+200m\s+-", space.Do("describe", "limits", "range"));
        Assert.Contains("100m", space.Do("run", "p", "--image=busybox:1.36", "--restart=Never", "--dry-run=server", "-o", "jsonpath={.spec.containers[0].resources.requests.cpu}"), StringComparison.Ordinal);
        Assert.Contains(
            "maximum cpu usage per Container is 500m, but limit is 1",
            space.TryFeed("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1"}}}]}}""", "create", "-f", "-").All,
            StringComparison.Ordinal);
        Assert.Contains("Resource Limits", space.Do("describe", "namespace", space.Name), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void Pod_security_labels_refuse_and_warn(string version)
    {
        using var space = new Space(cluster, version, "security");
        space.Do("label", "namespace", space.Name, "pod-security.kubernetes.io/enforce=baseline", "pod-security.kubernetes.io/warn=restricted");
        Assert.Contains(
            "Warning: would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false",
            space.Try("create", "deployment", "web", "--image=busybox:1.36", "--dry-run=server").MustSucceed().All,
            StringComparison.Ordinal);
        Assert.Contains(
            "violates PodSecurity \"baseline:latest\": privileged (container \"p\" must not set securityContext.privileged=true)",
            space.Try("run", "p", "--image=busybox:1.36", "--restart=Never", "--privileged").All,
            StringComparison.Ordinal);
        Assert.Contains(
            "must be one of privileged, baseline, restricted",
            space.Try("label", "namespace", space.Name, "pod-security.kubernetes.io/enforce=none", "--overwrite").All,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void Admission_policies_deny_and_warn(string version)
    {
        using var space = new Space(cluster, version, "policies");
        string Manifest(string actions) => $$"""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata:
              name: {{space.Name}}
            spec:
              matchConstraints:
                resourceRules:
                - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
              validations:
              - {expression: "object.spec.replicas <= 2", messageExpression: "'at most 2 replicas, not ' + string(object.spec.replicas)"}
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata:
              name: {{space.Name}}
            spec:
              policyName: {{space.Name}}
              validationActions: [{{actions}}]
              matchResources:
                namespaceSelector:
                  matchLabels:
                    kubernetes.io/metadata.name: {{space.Name}}
            """;
        CommandResult Create(string replicas) => space.Try("create", "deployment", "web", "--image=busybox:1.36", $"--replicas={replicas}", "--dry-run=server");
        space.Feed(Manifest("Deny"), "apply", "-f", "-");
        try
        {
            Eventually.Contains(
                $"ValidatingAdmissionPolicy '{space.Name}' with binding '{space.Name}' denied request: at most 2 replicas, not 3", () => Create("3").All, "the policy is in force");
            Create("2").MustSucceed();
            Assert.Matches($@"{space.Name}\s+1\s+<unset>", space.Do("get", "validatingadmissionpolicies", space.Name));
            space.Feed(Manifest("Warn"), "apply", "-f", "-");
            Eventually.Contains($"Warning: Validation failed for ValidatingAdmissionPolicy '{space.Name}'", () => Create("3").All, "the policy warns");
            Create("3").MustSucceed();
        }
        finally
        {
            space.Do("delete", $"validatingadmissionpolicybinding/{space.Name}", $"validatingadmissionpolicy/{space.Name}");
        }
    }

    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void A_webhook_that_does_not_answer_fails_closed_or_open(string version)
    {
        using var space = new Space(cluster, version, "hooks");
        string Manifest(string policy) => $$"""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata:
              name: {{space.Name}}
            webhooks:
            - name: absent.example.com
              clientConfig: {url: "https://127.0.0.1:1/check"}
              rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [secrets]}]
              admissionReviewVersions: [v1]
              sideEffects: None
              failurePolicy: {{policy}}
              namespaceSelector:
                matchLabels:
                  kubernetes.io/metadata.name: {{space.Name}}
            """;
        CommandResult Create() => space.Try("create", "secret", "generic", "s", "--from-literal=a=b", "--dry-run=server");
        space.Feed(Manifest("Fail"), "apply", "-f", "-");
        try
        {
            Eventually.Contains(
                "failed calling webhook \"absent.example.com\": failed to call webhook: Post \"https://127.0.0.1:1/check?timeout=10s\": dial tcp 127.0.0.1:1: connect: connection refused",
                () => Create().All,
                "the webhook is in force");
            Assert.Matches($@"{space.Name}\s+1\s", space.Do("get", "validatingwebhookconfigurations", space.Name));
            space.Feed(Manifest("Ignore"), "apply", "-f", "-");
            Eventually.Holds(() => { var answer = Create(); return (answer.ExitCode == 0, answer.All); }, "the webhook is ignored");
        }
        finally
        {
            space.Do("delete", "validatingwebhookconfiguration", space.Name);
        }
    }
}
