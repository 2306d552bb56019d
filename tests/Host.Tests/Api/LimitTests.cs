using System.Net;
using System.Text.Json.Nodes;
using ActorOrchestrator.Host.Api;
using ActorOrchestrator.TestSupport.Ledger;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>What a client sees of the bounds: bodies, slow watchers, too many at once, time-outs, owners of fields.</summary>
public sealed class LimitTests : IAsyncLifetime
{
    private readonly ApiHost _api = new()
    {
        Settings = TestLedger.DefaultSettings with { WindowFacts = 16, WindowBytes = 1 << 20 },
        Limits = new ApiSettings { RevisionPatience = TimeSpan.FromSeconds(5), MaxReadsInFlight = 1, MaxWritesInFlight = 1 },
    };

    public Task InitializeAsync() => _api.InitializeAsync();

    public Task DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_too_large_is_413_whether_its_length_is_told_or_not(bool told)
    {
        var body = new byte[(3 * 1024 * 1024) + 1];
        Array.Fill(body, (byte)' ');
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/namespaces/default/configmaps");
        request.Content = told ? new ByteArrayContent(body) : new StreamContent(new Unsized(body));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TransferEncodingChunked = !told;
        using var response = await _api.Client.SendAsync(request);
        var status = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal(("Failure", "RequestEntityTooLarge", "Request entity too large: limit is 3145728"), ((string)status["status"]!, (string)status["reason"]!, (string)status["message"]!));
    }

    [Fact]
    public async Task A_watcher_that_does_not_read_is_told_410_and_never_grows_the_server()
    {
        var ns = await _api.NamespaceAsync();
        var configs = $"/api/v1/namespaces/{ns}/configmaps";
        await _api.PostAsync(configs, """{"metadata":{"name":"big"}}""");
        await using var watch = await WatchReader.OpenAsync(_api, $"{configs}?watch=1");
        Assert.Equal("ADDED", (string)(await watch.NextEventAsync())["type"]!);
        var text = new string('x', 200_000);
        for (var i = 0; i < 120; i++)
        {
            var changed = await _api.PatchAsync($"{configs}/big", $"{{\"data\":{{\"i\":\"{i}\",\"text\":\"{text}\"}}}}", "merge");
            Assert.Equal(200, changed.Code);
        }

        for (var i = 0; ; i++)
        {
            Assert.True(i <= 120, "the watch was never ended");
            var told = await watch.NextEventAsync();
            if ((string)told["type"]! == "ERROR")
            {
                Assert.Equal((410, "Expired"), ((int)told["object"]!["code"]!, (string)told["object"]!["reason"]!));
                break;
            }
        }

        await Assert.ThrowsAsync<EndOfStreamException>(watch.NextEventAsync);
    }

    [Fact]
    public async Task More_at_once_than_there_are_seats_is_429_and_says_when_to_come_again()
    {
        await AllowAsync("eager");

        // Two that wait for what is yet to come hold the seats, which nobody else may lend.
        Task<Answer> Late() => _api.GetAsync("/api/v1/pods?resourceVersion=1000000", user: "eager");
        Task<Answer>[] waiting = [Late(), Late()];
        HttpResponseMessage refused;
        for (var i = 0; ; i++)
        {
            Assert.True(i < 500, "nobody was refused");
            for (var j = 0; j < waiting.Length; j++)
            {
                if (waiting[j].IsCompleted)
                {
                    // One of these had the place at that moment.
                    Assert.Equal(429, (await waiting[j]).Code);
                    waiting[j] = Late();
                }
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/pods?limit=1");
            request.Headers.Add("X-User", "eager");
            refused = await _api.Client.SendAsync(request);
            if (refused.StatusCode != HttpStatusCode.OK)
            {
                break;
            }

            refused.Dispose();
        }

        var status = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!;
        Assert.Equal((HttpStatusCode.TooManyRequests, "TooManyRequests"), (refused.StatusCode, (string)status["reason"]!));
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        Assert.Equal(1, (int)status["details"]!["retryAfterSeconds"]!);
        refused.Dispose();
        Assert.Equal(200, (await _api.GetAsync("/api/v1/pods")).Code);
        foreach (var late in waiting)
        {
            Assert.Contains((await late).Code, (int[])[504, 429]);
        }
    }

    [Fact]
    public async Task Who_finds_no_seat_of_a_level_with_queues_waits_for_one()
    {
        const string Flow = "/apis/flowcontrol.apiserver.k8s.io/v1";
        await AllowAsync("patient");
        await _api.PostAsync($"{Flow}/prioritylevelconfigurations", """
            {"metadata":{"name":"patient"},"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":5,"borrowingLimitPercent":0,"limitResponse":{"type":"Queue","queuing":{"queues":4,"handSize":2,"queueLengthLimit":5}}}}}
            """);
        await _api.PostAsync($"{Flow}/flowschemas", """
            {"metadata":{"name":"patient"},"spec":{"matchingPrecedence":300,"priorityLevelConfiguration":{"name":"patient"},"rules":[{"subjects":[{"kind":"User","user":{"name":"patient"}}],
             "resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"],"clusterScope":true,"namespaces":["*"]}]}]}}
            """);
        using var leaving = new CancellationTokenSource();
        var first = SendAsync("/api/v1/pods?resourceVersion=1000000", leaving.Token);
        await MeasuredAsync("apiserver_flowcontrol_current_executing_seats{priority_level=\"patient\"} 1");
        var second = SendAsync("/api/v1/pods?limit=1", default);
        await MeasuredAsync("apiserver_flowcontrol_current_inqueue_seats{priority_level=\"patient\"} 1");
        Assert.False(second.IsCompleted);
        await leaving.CancelAsync();
        Assert.Equal(HttpStatusCode.OK, await second);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        async Task<HttpStatusCode> SendAsync(string path, CancellationToken cancellation)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("X-User", "patient");
            using var response = await _api.Client.SendAsync(request, cancellation);
            return response.StatusCode;
        }

        async Task MeasuredAsync(string sample)
        {
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            for (var i = 0; !(await _api.Client.GetStringAsync("/metrics")).Contains(sample, StringComparison.Ordinal); i++)
            {
                Assert.True(i < 800, $"never measured: {sample}");
                await pause.WaitForNextTickAsync();
            }
        }
    }

    private async Task AllowAsync(string user)
    {
        const string Roles = "/apis/rbac.authorization.k8s.io/v1";
        await _api.PostAsync($"{Roles}/clusterroles", $$$"""{"metadata":{"name":"{{{user}}}"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["list"]}]}""");
        await _api.PostAsync($"{Roles}/clusterrolebindings", $$$"""
            {"metadata":{"name":"{{{user}}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"{{{user}}}"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"{{{user}}}"}]}
            """);
    }

    [Fact]
    public async Task A_request_that_is_not_done_in_the_time_it_was_given_is_504()
    {
        var late = await _api.GetAsync("/api/v1/pods?resourceVersion=1000000&timeout=100ms");
        Assert.Equal((504, "Timeout", "Timeout: request did not complete within the allotted timeout"), (late.Code, late.Reason, late.Message));
    }

    [Fact]
    public async Task The_owners_of_long_ago_become_one()
    {
        var ns = await _api.NamespaceAsync();
        var path = $"/api/v1/namespaces/{ns}/configmaps/c";
        await _api.PostAsync($"/api/v1/namespaces/{ns}/configmaps?fieldManager=first", """{"metadata":{"name":"c"},"data":{"first":"x"}}""");
        Answer last = null!;
        for (var i = 0; i < 15; i++)
        {
            last = await _api.PatchAsync($"{path}?fieldManager=m{i}", $"{{\"data\":{{\"k{i}\":\"v\"}}}}", "merge");
        }

        var managers = last["metadata"]!["managedFields"]!.AsArray();
        Assert.Equal(10, managers.Count);
        var ancient = Assert.Single(managers, entry => (string)entry!["manager"]! == "ancient-changes")!;
        Assert.NotNull(ancient["fieldsV1"]!["f:data"]!["f:first"]);
        Assert.NotNull(ancient["fieldsV1"]!["f:data"]!["f:k0"]);
        Assert.Contains(managers, entry => (string)entry!["manager"]! == "m14");
    }

    /// <summary>A stream that does not say how long it is.</summary>
    private sealed class Unsized(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
