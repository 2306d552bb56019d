using ActorOrchestrator.EndToEnd.Tests.Support;

namespace ActorOrchestrator.EndToEnd.Tests;

/// <summary>A custom kind through kubectl, from its definition to its end.</summary>
[Collection(SharedCluster.Name)]
public sealed class CustomKindTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData("1.20")]
    [InlineData("1.32")]
    public void A_custom_kind_is_defined_used_and_removed(string version)
    {
        using var space = new Space(cluster, version, "custom");
        var group = $"{space.Name}.example.com";
        space.Feed(Definition(group), "apply", "-f", "-");
        try
        {
            space.Do("wait", $"crd/crontabs.{group}", "--for=condition=Established", "--timeout=20s");
            Assert.Contains("created", space.Feed(Object(group, "2"), "apply", "-f", "-"), StringComparison.Ordinal);
            Assert.Matches(@"^NAME\s+SPEC\s+REPLICAS\s+AGE\s+one\s+\*/5 \* \* \* \*\s+2\s", space.Do("get", $"crontabs.{group}"));
            Assert.Matches(@"NAME\s+SPEC\s+REPLICAS\s+IMAGE\s+AGE", space.Do("get", $"crontabs.{group}", "-o", "wide"));
            Assert.Contains("When it runs.", space.Do("explain", "crontabs.spec.cronSpec", $"--api-version={group}/v1"), StringComparison.Ordinal);
            Assert.Contains("Cron Spec:", space.Do("describe", $"crontabs.{group}", "one"), StringComparison.Ordinal);
            Assert.Equal("busybox", space.Do("get", $"crontabs.{group}", "--field-selector=spec.image=busybox", "-o", "jsonpath={.items[0].spec.image}"));
            Assert.Contains("field label not supported: spec.mode", space.Try("get", $"crontabs.{group}", "--field-selector=spec.mode=fast").All, StringComparison.Ordinal);

            Changes(space, group);
            Validates(space, group);
        }
        finally
        {
            space.Do("delete", "crd", $"crontabs.{group}");
        }

        Assert.NotEqual(0, space.Try("get", "--raw", $"/apis/{group}/v1").ExitCode);
    }

    private static void Changes(Space space, string group)
    {
        Assert.Contains("scaled", space.Do("scale", $"crontabs.{group}/one", "--replicas=5"), StringComparison.Ordinal);
        var conflict = space.TryFeed(Object(group, "2"), "apply", "--server-side", "-f", "-");
        Assert.Contains($"with subresource \"scale\" using {group}/v1: .spec.replicas", conflict.All, StringComparison.Ordinal);
        space.Feed(Object(group, "2"), "apply", "--server-side", "--force-conflicts", "-f", "-");
        Assert.Equal("2", space.Do("get", $"crontabs.{group}", "one", "-o", "jsonpath={.spec.replicas}"));
        Assert.Equal(1, space.TryFeed(Object(group, "3"), "diff", "-f", "-").ExitCode);
        if (space.IsOld)
        {
            // It knows no --subresource.
            return;
        }

        space.Do("patch", $"crontabs.{group}", "one", "--subresource=status", "--type=merge", "-p", """{"status":{"replicas":1,"conditions":[{"type":"Ready","status":"True"}]}}""");
        space.Do("wait", $"crontabs.{group}/one", "--for=condition=Ready", "--timeout=10s");
        Assert.Matches(@"NAME\s+DESIRED\s+AVAILABLE\s+AGE\s+one\s+2\s+1\s", space.Do("get", $"crontabs.{group}", "one", "--subresource=scale"));
    }

    private static void Validates(Space space, string group)
    {
        Assert.Contains("spec: Invalid value: \"object\": too many", space.Try("scale", $"crontabs.{group}/one", "--replicas=9").All, StringComparison.Ordinal);
        var wrong = space.Try("patch", $"crontabs.{group}", "one", "--type=merge", "-p", """{"spec":{"mode":"x","replicas":11}}""").All;
        Assert.Contains("spec.mode: Unsupported value: \"x\": supported values: \"fast\", \"slow\"", wrong, StringComparison.Ordinal);
        Assert.Contains("spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10", wrong, StringComparison.Ordinal);
        var other = Object(group, "1").Replace("name: one", "name: two", StringComparison.Ordinal);
        Assert.Contains("created (server dry run)", space.Feed(other, "create", "--dry-run=server", "-f", "-"), StringComparison.Ordinal);
        Assert.Contains("in body should match", space.TryFeed(other.Replace("*/5", "often", StringComparison.Ordinal), "create", "-f", "-").All, StringComparison.Ordinal);
        Assert.Contains("not found", space.Try("get", $"crontabs.{group}", "two").All, StringComparison.Ordinal);
    }

    private static string Object(string group, string replicas) => $$"""
        apiVersion: {{group}}/v1
        kind: CronTab
        metadata: {name: one}
        spec:
          cronSpec: "*/5 * * * *"
          replicas: {{replicas}}
        """;

    private static string Definition(string group) => $$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: crontabs.{{group}}
        spec:
          group: {{group}}
          scope: Namespaced
          names: {plural: crontabs, singular: crontab, kind: CronTab}
          versions:
          - name: v1
            served: true
            storage: true
            selectableFields: [{jsonPath: .spec.image}]
            subresources:
              status: {}
              scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
            additionalPrinterColumns:
            - {name: Spec, type: string, jsonPath: .spec.cronSpec}
            - {name: Replicas, type: integer, jsonPath: .spec.replicas}
            - {name: Image, type: string, priority: 1, jsonPath: .spec.image}
            - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [cronSpec]
                    x-kubernetes-validations:
                    - {rule: "!has(self.replicas) || self.replicas < 8", message: too many}
                    properties:
                      cronSpec: {type: string, pattern: '^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$', description: When it runs.}
                      image: {type: string, default: busybox}
                      mode: {type: string, enum: [fast, slow]}
                      replicas: {type: integer, maximum: 10}
                  status:
                    type: object
                    properties:
                      replicas: {type: integer}
                      conditions:
                        type: array
                        items:
                          type: object
                          properties:
                            type: {type: string}
                            status: {type: string}
        """;
}
