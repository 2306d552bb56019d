namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>What a write of the status may change of the metadata differs from kind to kind, as upstream's strategies have it.</summary>
[Collection("api")]
public sealed class StatusMetadataTests(ApiHost api)
{
    private const string Patch = """{"metadata":{"labels":{"a":"b"},"annotations":{"a":"b"},"finalizers":["example.com/f"],"ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"n","uid":"u"}]}}""";

    [Theory]
    [InlineData("/api/v1/namespaces/NS/services", """{"spec":{"ports":[{"port":80}]}}""", "annotations finalizers labels ownerReferences")]
    [InlineData("/apis/apps/v1/namespaces/NS/deployments", """{"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""", "annotations finalizers ownerReferences")]
    [InlineData("/apis/batch/v1/namespaces/NS/jobs", """{"spec":{"suspend":true,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}""", "annotations finalizers labels ownerReferences")]
    [InlineData("/api/v1/namespaces/NS/pods", """{"spec":{"nodeSelector":{"a":"b"},"containers":[{"name":"c","image":"i"}]}}""", "annotations finalizers labels")]
    [InlineData("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas", """{"spec":{"priorityLevelConfiguration":{"name":"global-default"}}}""", "")]
    [InlineData("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", """{"spec":{"matchConstraints":{"resourceRules":[{"operations":["CREATE"],"apiGroups":["a.example.com"],"apiVersions":["v1"],"resources":["as"]}]},"validations":[{"expression":"true"}]}}""", "")]
    [InlineData("/apis/storage.k8s.io/v1/volumeattachments", """{"spec":{"attacher":"csi.example.com","nodeName":"n","source":{"persistentVolumeName":"v"}}}""", "")]
    [InlineData("/apis/networking.k8s.io/v1/servicecidrs", """{"spec":{"cidrs":["192.0.2.0/24"]}}""", "")]
    [InlineData("/apis/resource.k8s.io/v1/namespaces/NS/resourceclaims", """{"spec":{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"d"}}]}}}""", "")]
    public async Task The_status_endpoint_writes_of_the_metadata_what_upstream_lets_it(string path, string body, string written)
    {
        var ns = await api.NamespaceAsync();
        path = path.Replace("NS", ns, StringComparison.Ordinal);
        var made = await api.PostAsync(path, $$"""{"metadata":{"name":"status-{{ns}}"},{{body[1..]}}""");
        Assert.Equal(201, made.Code);
        var before = made["metadata"]!;

        var after = await api.SendAsync(HttpMethod.Patch, $"{path}/status-{ns}/status", Patch, "application/merge-patch+json");

        Assert.Equal(200, after.Code);
        var changed = new[] { "annotations", "finalizers", "labels", "ownerReferences" }
            .Where(field => after["metadata"]![field]?.ToJsonString() != before[field]?.ToJsonString());
        Assert.Equal(written, string.Join(' ', changed));
        await api.SendAsync(HttpMethod.Patch, $"{path}/status-{ns}", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");
        await api.DeleteAsync($"{path}/status-{ns}");
    }

    [Fact]
    public async Task Annotations_raise_the_generation_of_a_deployment_only_when_its_author_writes_them()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/apis/apps/v1/namespaces/{ns}/deployments";
        await api.PostAsync(path, """{"metadata":{"name":"web"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""");

        var byController = await api.SendAsync(HttpMethod.Patch, $"{path}/web/status", """{"metadata":{"annotations":{"example.com/seen":"1"}}}""", "application/merge-patch+json");
        var byAuthor = await api.SendAsync(HttpMethod.Patch, $"{path}/web", """{"metadata":{"annotations":{"example.com/wanted":"1"}}}""", "application/merge-patch+json");

        Assert.Equal("1", byController["metadata"]!["annotations"]!["example.com/seen"]!.ToString());
        Assert.Equal("1", byController["metadata"]!["generation"]!.ToString());
        Assert.Equal("2", byAuthor["metadata"]!["generation"]!.ToString());
    }
}
