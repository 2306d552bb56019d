using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema.Protobuf;

namespace ActorOrchestrator.Host.Tests.Api;

[Collection("api")]
public sealed class WireTests(ApiHost api)
{
    private const string Protobuf = "application/vnd.kubernetes.protobuf";

    private async Task<(HttpResponseMessage Response, byte[] Body)> GetBytesAsync(string path, string accept, string? encoding = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (encoding is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
        }

        var response = await api.Client.SendAsync(request);
        return (response, await response.Content.ReadAsByteArrayAsync());
    }

    private static JsonObject Decode(byte[] body) =>
        ProtobufDecoder.Decode(body, (version, kind) => kind == "Status" ? typeof(k8s.Models.V1Status) : kind == "ConfigMapList" ? typeof(k8s.Models.V1ConfigMapList) : ResourceCatalog.BuiltIn.FindKind(version, kind)?.Model);

    [Fact]
    public async Task What_is_written_and_read_in_protobuf_is_what_json_shows()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        using var encoder = new ProtobufEncoder();
        encoder.Object("v1", "ConfigMap", typeof(k8s.Models.V1ConfigMap), """{"metadata":{"name":"a"},"data":{"k":"ä"},"binaryData":{"b":"AQI="}}"""u8);
        using var content = new ByteArrayContent(encoder.Written.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", Protobuf);
        using var create = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        create.Headers.TryAddWithoutValidation("Accept", $"{Protobuf},application/json");
        using var created = await api.Client.SendAsync(create);
        Assert.Equal((HttpStatusCode.Created, Protobuf), (created.StatusCode, created.Content.Headers.ContentType?.MediaType));
        var json = (await api.GetAsync($"{path}/a")).Json;
        Assert.Equal("ä", (string?)json["data"]!["k"]);
        Assert.True(JsonNode.DeepEquals(json, Decode(await created.Content.ReadAsByteArrayAsync())));
        var one = (await GetBytesAsync($"{path}/a", Protobuf)).Body;
        Assert.True(JsonNode.DeepEquals(json, Decode(one)));

        // The list has the same message for its item, behind its own metadata.
        var list = (await GetBytesAsync(path, Protobuf)).Body;
        Assert.Equal("ConfigMapList", (string?)Decode(list)["kind"]);
        var message = one.AsSpan(one.AsSpan().IndexOf("ConfigMap"u8) + "ConfigMap".Length + 3);
        Assert.True(list.AsSpan().IndexOf(message) > 0);
    }

    [Fact]
    public async Task A_failure_is_told_in_the_clients_form()
    {
        var (response, body) = await GetBytesAsync("/api/v1/namespaces/default/configmaps/none", Protobuf);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("configmaps \"none\" not found", (string?)Decode(body)["message"]);
        (_, body) = await GetBytesAsync("/api/v1/namespaces/default/configmaps/none", "application/yaml");
        Assert.Contains("reason: NotFound", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_in_protobuf_comes_in_frames()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"}}""");
        var (response, body) = await GetBytesAsync(
            $"/api/v1/namespaces/{ns}/configmaps?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1", Protobuf);
        Assert.Equal($"{Protobuf}; stream=watch", response.Content.Headers.ContentType!.ToString().Replace(";stream", "; stream", StringComparison.Ordinal));
        var events = new List<(string Type, JsonObject Object)>();
        for (var at = 0; at < body.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(at));
            var frame = body.AsSpan(at + 4, length);
            var type = Encoding.ASCII.GetString(frame.Slice(2, frame[1]));
            var magic = frame.IndexOf("k8s\0"u8);
            events.Add((type, Decode(frame[magic..].ToArray())));
            at += 4 + length;
        }

        Assert.Equal(("ADDED", "a"), (events[0].Type, (string?)events[0].Object["metadata"]!["name"]));
        Assert.Equal(("BOOKMARK", "true"), (events[1].Type, (string?)events[1].Object["metadata"]!["annotations"]!["k8s.io/initial-events-end"]));
    }

    [Fact]
    public async Task A_watch_cannot_be_had_in_yaml() =>
        Assert.Equal(406, (await api.GetAsync("/api/v1/pods?watch=1&timeoutSeconds=1", "application/yaml")).Code);

    [Fact]
    public async Task The_old_form_of_a_watch_watches_a_collection_or_one_object()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"}}""");
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"b"}}""");
        Assert.Equal(2, (await api.GetAsync($"/api/v1/watch/namespaces/{ns}/configmaps?timeoutSeconds=1")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        var one = (await api.GetAsync($"/api/v1/watch/namespaces/{ns}/configmaps/b?timeoutSeconds=1")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("b", (string?)JsonNode.Parse(Assert.Single(one))!["object"]!["metadata"]!["name"]);
    }

    [Fact]
    public async Task A_large_answer_is_compressed_for_those_who_take_it()
    {
        var ns = await api.NamespaceAsync();
        await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", $$$"""{"metadata":{"name":"a"},"data":{"k":"{{{new string('x', 200_000)}}}"}}""");
        foreach (var accept in new[] { "application/json", Protobuf })
        {
            var (response, body) = await GetBytesAsync($"/api/v1/namespaces/{ns}/configmaps", accept, "deflate, gzip;q=0.5");
            Assert.Equal("gzip", response.Content.Headers.ContentEncoding.Single());
            using var plain = new MemoryStream();
            await new GZipStream(new MemoryStream(body), CompressionMode.Decompress).CopyToAsync(plain);
            var (_, whole) = await GetBytesAsync($"/api/v1/namespaces/{ns}/configmaps", accept);
            Assert.Equal(whole, plain.ToArray());
        }
    }

    [Theory]
    [InlineData("resourceVersionMatch=Exact", "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided")]
    [InlineData("resourceVersionMatch=Exact&resourceVersion=0", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")]
    [InlineData("resourceVersionMatch=Nope&resourceVersion=1", "Unsupported value: \"Nope\": supported values: \"Exact\", \"NotOlderThan\", \"\"")]
    [InlineData("sendInitialEvents=true", "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list")]
    [InlineData("watch=1&sendInitialEvents=true", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")]
    [InlineData("watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=1", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")]
    public async Task Options_that_do_not_go_together_are_refused_in_upstreams_words(string query, string words)
    {
        var answer = await api.GetAsync($"/api/v1/configmaps?{query}");
        Assert.Equal(422, answer.Code);
        Assert.Contains(words, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_in_pieces_that_names_a_revision_shows_that_revision()
    {
        var ns = await api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps";
        var first = await api.PostAsync(path, """{"metadata":{"name":"a"}}""");
        await api.PostAsync(path, """{"metadata":{"name":"b"}}""");
        var page = await api.GetAsync($"{path}?limit=5&resourceVersion={first.Revision}");
        Assert.Equal((first.Revision, 1), (page.Revision, page["items"]!.AsArray().Count));
        Assert.Equal(2, (await api.GetAsync($"{path}?resourceVersion={first.Revision}"))["items"]!.AsArray().Count);
        var future = await api.GetAsync($"{path}?resourceVersion=999999999");
        Assert.Equal((504, "Timeout"), (future.Code, future.Reason));
        Assert.StartsWith("Timeout: Too large resource version: 999999999, current: ", future.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_above_the_bound_is_refused()
    {
        var ns = await api.NamespaceAsync();
        var large = await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", $$$"""{"metadata":{"name":"a","annotations":{}},"data":{"k":"{{{new string('x', 1_600_000)}}}"}}""");
        Assert.True(large.Code is 413 or 422, large.ToString());
        var body = await api.PostAsync($"/api/v1/namespaces/{ns}/configmaps", new string(' ', 4_000_000));
        Assert.Equal((413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728"), (body.Code, body.Reason, body.Message));
    }

    [Fact]
    public async Task People_get_line_breaks()
    {
        Assert.StartsWith("{\n  \"", (await api.GetAsync("/api/v1/namespaces/default?pretty=true")).Text, StringComparison.Ordinal);
        Assert.StartsWith("{\"", (await api.GetAsync("/api/v1/namespaces/default?pretty=false")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_have_upstreams_names_and_labels()
    {
        await api.GetAsync("/api/v1/namespaces/default");
        var text = (await api.GetAsync("/metrics")).Text;
        Assert.Contains("apiserver_request_total{code=\"200\",dry_run=\"\",component=\"apiserver\",group=\"\",resource=\"namespaces\",scope=\"resource\",subresource=\"\",verb=\"GET\",version=\"v1\"} ", text, StringComparison.Ordinal);
        Assert.Contains("apiserver_request_duration_seconds_bucket{", text, StringComparison.Ordinal);
        Assert.Contains("apiserver_storage_objects{resource=\"namespaces\"} ", text, StringComparison.Ordinal);
        Assert.Contains("apiserver_current_inflight_requests{request_kind=\"mutating\"} 0", text, StringComparison.Ordinal);
        Assert.Contains("orchestrator_ledger_history_bytes ", text, StringComparison.Ordinal);
        Assert.Equal(403, (await api.GetAsync("/metrics", user: "bob")).Code);
    }

    [Theory]
    [InlineData("/readyz", 200, "ok")]
    [InlineData("/readyz?verbose", 200, "[+]ping ok\n[+]ledger ok\nreadyz check passed\n")]
    [InlineData("/readyz?verbose&exclude=ledger&exclude=nope", 200, "[+]ping ok\n[+]ledger excluded: ok\nwarn: some health checks cannot be excluded: no matches for \"nope\"\nreadyz check passed\n")]
    [InlineData("/readyz/ledger", 200, "ok")]
    [InlineData("/livez/nope", 404, "404 page not found\n")]
    public async Task Health_is_told_in_parts(string path, int code, string text)
    {
        var answer = await api.GetAsync(path, user: "anonymous");
        Assert.Equal((code, text), (answer.Code, answer.Text));
    }

    [Fact]
    public async Task A_timeout_that_is_no_duration_is_refused()
    {
        var answer = await api.GetAsync("/api/v1/configmaps?timeout=soon");
        Assert.Equal((400, "invalid timeout specified in the request URL - time: invalid duration \"soon\""), (answer.Code, answer.Message));
        Assert.Equal(200, (await api.GetAsync("/api/v1/configmaps?timeout=1m30s")).Code);
    }
}
