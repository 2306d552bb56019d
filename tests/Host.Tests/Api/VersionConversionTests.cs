namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Kinds of which one stored form is served in two versions.</summary>
[Collection("api")]
public sealed class VersionConversionTests(ApiHost api)
{
    private const string Custom = """
        {"metadata":{"name":"web"},"spec":{"maxReplicas":5,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},
        "metrics":[{"type":"Pods","pods":{"metric":{"name":"rps","selector":{"matchLabels":{"a":"b"}}},"target":{"type":"AverageValue","averageValue":"100"}}},
        {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":60}}}],
        "behavior":{"scaleDown":{"stabilizationWindowSeconds":30}}}}
        """;

    [Fact]
    public async Task An_autoscaler_written_in_v1_is_read_in_v2_and_the_other_way()
    {
        var ns = await api.NamespaceAsync();
        var created = await api.PostAsync(
            $"/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers",
            """{"metadata":{"name":"old"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"web"},"targetCPUUtilizationPercentage":50}}""");
        Assert.Equal((201, "autoscaling/v1", 50), (created.Code, (string)created["apiVersion"]!, (int)created["spec"]!["targetCPUUtilizationPercentage"]!));
        var v2 = await api.GetAsync($"/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers/old");
        Assert.Equal("autoscaling/v2", (string)v2["apiVersion"]!);
        Assert.Equal("""[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}]""", v2["spec"]!["metrics"]!.ToJsonString());
        Assert.Equal(1, (int)v2["spec"]!["minReplicas"]!);
    }

    [Fact]
    public async Task A_client_of_v1_loses_nothing_of_v2_by_reading_and_writing()
    {
        var ns = await api.NamespaceAsync();
        var (v1, v2) = ($"/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers", $"/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers");
        Assert.Equal(201, (await api.PostAsync(v2, Custom)).Code);
        var before = await api.GetAsync($"{v2}/web");
        var seen = await api.GetAsync($"{v1}/web");
        Assert.Equal(60, (int)seen["spec"]!["targetCPUUtilizationPercentage"]!);
        Assert.Equal(
            """[{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"100","selector":{"matchLabels":{"a":"b"}}}}]""",
            (string)seen["metadata"]!["annotations"]!["autoscaling.alpha.kubernetes.io/metrics"]!);
        var put = await api.PutAsync($"{v1}/web", seen.Text);
        Assert.Equal((200, "autoscaling/v1"), (put.Code, (string)put["apiVersion"]!));
        var after = await api.GetAsync($"{v2}/web");
        Assert.Equal(before["spec"]!.ToJsonString(), after["spec"]!.ToJsonString());
        Assert.Null(after["metadata"]!["annotations"]);
    }

    [Fact]
    public async Task Lists_tables_patches_watches_and_deletions_speak_the_version_of_their_path()
    {
        var ns = await api.NamespaceAsync();
        var (v1, v2) = ($"/apis/autoscaling/v1/namespaces/{ns}/horizontalpodautoscalers", $"/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers");
        await api.PostAsync(v2, Custom);
        await using var watch = await WatchReader.OpenAsync(api, $"{v1}?watch=true");
        var added = await watch.NextEventAsync();
        Assert.Equal(("ADDED", "autoscaling/v1"), ((string)added["type"]!, (string)added["object"]!["apiVersion"]!));
        var patched = await api.PatchAsync($"{v1}/web", """{"spec":{"targetCPUUtilizationPercentage":70}}""", "merge");
        Assert.Equal((200, 70), (patched.Code, (int)patched["spec"]!["targetCPUUtilizationPercentage"]!));
        var modified = await watch.NextEventAsync();
        Assert.Equal(("MODIFIED", 70), ((string)modified["type"]!, (int)modified["object"]!["spec"]!["targetCPUUtilizationPercentage"]!));
        Assert.Equal("Pods", (string)(await api.GetAsync($"{v2}/web"))["spec"]!["metrics"]![0]!["type"]!);
        var list = await api.GetAsync(v1);
        Assert.Equal(("autoscaling/v1", "autoscaling/v1"), ((string)list["apiVersion"]!, (string)list["items"]![0]!["apiVersion"]!));
        var table = await api.GetAsync(v1, "application/json;as=Table;v=v1;g=meta.k8s.io");
        Assert.Equal("web", (string)table["rows"]![0]!["cells"]![0]!);
        var wrong = await api.PatchAsync($"{v1}/web", """{"spec":{"maxReplicas":"many"}}""", "merge");
        Assert.Equal(422, wrong.Code);
        var deleted = await api.DeleteAsync(v1);
        Assert.Equal((200, "autoscaling/v1"), (deleted.Code, (string)deleted["items"]![0]!["apiVersion"]!));
    }

    [Fact]
    public async Task An_event_is_one_object_under_two_groups()
    {
        var ns = await api.NamespaceAsync();
        var events = $"/apis/events.k8s.io/v1/namespaces/{ns}/events";
        var body = $$"""
            {"metadata":{"name":"e1"},"eventTime":"2026-01-02T03:04:05.000006Z","type":"Normal","reason":"Started","action":"Start","note":"hello",
            "regarding":{"kind":"Pod","namespace":"{{ns}}","name":"p"},"reportingController":"example.com/c","reportingInstance":"c-1"}
            """;
        Assert.Equal(201, (await api.PostAsync(events, body)).Code);
        var core = await api.GetAsync($"/api/v1/namespaces/{ns}/events/e1");
        Assert.Equal(("hello", "p", "example.com/c"), ((string)core["message"]!, (string)core["involvedObject"]!["name"]!, (string)core["reportingComponent"]!));
        Assert.Equal("hello", (string)(await api.GetAsync($"{events}?fieldSelector=regarding.name%3Dp"))["items"]![0]!["note"]!);
        await api.PostAsync($"/api/v1/namespaces/{ns}/events", $$$"""{"metadata":{"name":"e2"},"reason":"R","message":"m","involvedObject":{"kind":"Pod","namespace":"{{{ns}}}","name":"q"}}""");
        Assert.Equal(("m", "q"), ((string)(await api.GetAsync($"{events}/e2"))["note"]!, (string)(await api.GetAsync($"{events}/e2"))["regarding"]!["name"]!));
        var bare = await api.PostAsync(events, """{"metadata":{"name":"e3"}}""");
        Assert.Equal(422, bare.Code);
        Assert.Contains("eventTime: Required value", bare.Message);
        Assert.StartsWith("Event.events.k8s.io \"e3\" is invalid", bare.Message);
        var changed = await api.PatchAsync($"{events}/e1", """{"note":"bye"}""", "merge");
        Assert.Contains("field is immutable", changed.Message);
    }
}
