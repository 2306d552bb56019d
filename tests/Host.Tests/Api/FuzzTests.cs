using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema.Protobuf;
using Xunit.Abstractions;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>
/// Whatever is sent: never a 5xx that is not documented, never a hang, never a change by a refused request, always a Status that says what is wrong.
/// The budget is <c>FUZZ_SECONDS</c> (12); <c>FUZZ_SEED</c> repeats a run.
/// </summary>
public class FuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task No_input_breaks_the_api_hangs_it_or_changes_anything_when_it_is_refused()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SEED"), out var given) ? given : Environment.TickCount;
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SECONDS"), out var asked) ? asked : 12;
        output.WriteLine($"FUZZ_SEED={seed}");
        var host = new ApiHost();
        await host.InitializeAsync();
        try
        {
            var requests = new FuzzedRequests(new Random(seed));
            var clock = Stopwatch.StartNew();
            var codes = new SortedDictionary<int, int>();
            var failures = new Dictionary<string, string>(StringComparer.Ordinal);
            var count = 0;
            var last = "";
            while (clock.Elapsed < TimeSpan.FromSeconds(seconds))
            {
                using var request = requests.Next(host.Client.BaseAddress!);
                var what = $"FUZZ_SEED={seed}, request {++count}: {request.Method} {request.RequestUri} {request.Headers} {request.Content?.Headers}\n{requests.BodyText}";
                var previous = last;
                last = what;
                var before = host.Ledger.View.Current.Revision;
                using var patience = new CancellationTokenSource(Hang);
                try
                {
                    using var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
                    var code = (int)response.StatusCode;
                    codes[code] = codes.GetValueOrDefault(code) + 1;
                    if (code >= 500 && code is not (501 or 503 or 504))
                    {
                        failures.TryAdd(await response.Content.ReadAsStringAsync(patience.Token), $"{what}\n{code}");
                    }
                    else if (code >= 400)
                    {
                        Assert.True(before == host.Ledger.View.Current.Revision, $"{what}\n{code} changed something");
                        await CheckStatusAsync(request, response, what, patience.Token);
                    }
                    else if (!FuzzedRequests.MayLast(request))
                    {
                        await response.Content.ReadAsByteArrayAsync(patience.Token);
                    }
                }
                catch (OperationCanceledException)
                {
                    failures.TryAdd("hangs", $"{what}\nafter {previous}");
                }
                catch (HttpRequestException broken)
                {
                    failures.TryAdd(broken.Message, what);
                }
                catch (Exception wrong) when (wrong is Xunit.Sdk.XunitException or InvalidOperationException or System.Text.Json.JsonException or InvalidDataException)
                {
                    failures.TryAdd(wrong.Message, what);
                }
            }

            output.WriteLine($"{count} requests: {string.Join(", ", codes.Select(pair => $"{pair.Key}: {pair.Value}"))}");
            Assert.True(failures.Count == 0, string.Join("\n\n", failures.Take(20).Select(failure => $"{failure.Key[..Math.Min(600, failure.Key.Length)]}\n  {failure.Value[..Math.Min(1200, failure.Value.Length)]}")));
            Assert.True(codes.GetValueOrDefault(200) > 0 && codes.GetValueOrDefault(201) > 0, "nothing got through, so that nothing was tried");
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    private static async Task CheckStatusAsync(HttpRequestMessage request, HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
        if (request.Method == HttpMethod.Head || (bytes.Length == 0 && response.StatusCode == System.Net.HttpStatusCode.BadRequest))
        {
            // What is no HTTP is refused by the server before there is a request.
            return;
        }

        var text = Encoding.UTF8.GetString(bytes);
        var status = response.Content.Headers.ContentType?.MediaType switch
        {
            "application/json" => JsonNode.Parse(bytes)!.AsObject(),
            "application/yaml" => ActorOrchestrator.Host.Api.Formats.YamlText.Read(text, out _)!.AsObject(),
            "application/vnd.kubernetes.protobuf" => ProtobufDecoder.Decode(bytes, (_, _) => typeof(k8s.Models.V1Status)),
            "text/plain" when request.RequestUri!.OriginalString.Contains("z", StringComparison.Ordinal) => null,
            var other => throw new InvalidOperationException($"{what}\n{other}: {text}"),
        };
        Assert.True(
            status is null || ((string?)status["kind"] == "Status" && (long)status["code"]! == (int)response.StatusCode && ((string?)status["message"])?.Length > 0),
            $"{what}\n{text}");
    }
}
