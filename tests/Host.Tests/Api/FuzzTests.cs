using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema.Protobuf;
using Xunit.Abstractions;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>
/// Whatever is sent: never a 5xx that is not documented, never a hang, never a change by a refused request, always a Status that says what is wrong.
/// First what was interesting before is sent again (<see cref="FuzzCorpus"/>), then something new. The budget is <c>FUZZ_SECONDS</c> (12); <c>FUZZ_SEED</c> repeats a
/// run; <c>FUZZ_KEEP</c> names a file to which the first request of each kind of answer is added, to choose from for the corpus.
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
            var definition = await host.PostAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", FuzzedRequests.Definition);
            Assert.Equal(201, definition.Code);
            var run = new Run(host);
            foreach (var (entry, number) in FuzzCorpus.Entries.Select((entry, i) => (entry, i + 1)))
            {
                using var request = entry.ToRequest(host.Client.BaseAddress!);
                await run.SendAsync(request, entry.Body, $"line {number} of the corpus");
            }

            output.WriteLine($"corpus: {run.Told}");
            var requests = new FuzzedRequests(new Random(seed));
            var clock = Stopwatch.StartNew();
            var count = 0;
            while (clock.Elapsed < TimeSpan.FromSeconds(seconds))
            {
                using var request = requests.Next(host.Client.BaseAddress!);
                await run.SendAsync(request, requests.Body, $"FUZZ_SEED={seed}, request {++count}");
            }

            var (codes, failures) = (run.Codes, run.Failures);
            if (Environment.GetEnvironmentVariable("FUZZ_KEEP") is { Length: > 0 } kept)
            {
                await File.AppendAllLinesAsync(kept, run.Novel);
            }

            output.WriteLine($"corpus and {count} requests: {run.Told}");
            Assert.True(failures.Count == 0, string.Join("\n\n", failures.Take(20).Select(failure => $"{failure.Key[..Math.Min(600, failure.Key.Length)]}\n  {failure.Value[..Math.Min(1200, failure.Value.Length)]}")));
            Assert.True(codes.GetValueOrDefault(200) > 0 && codes.GetValueOrDefault(201) > 0, "nothing got through, so that nothing was tried");
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    /// <summary>Requests one after the other, and what they came to.</summary>
    private sealed class Run(ApiHost host)
    {
        private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
        private string _last = "";

        public SortedDictionary<int, int> Codes { get; } = [];
        public Dictionary<string, string> Failures { get; } = new(StringComparer.Ordinal);

        /// <summary>The first request of each kind of answer, as the corpus has them.</summary>
        public List<string> Novel { get; } = [];

        public string Told => string.Join(", ", Codes.Select(pair => $"{pair.Key}: {pair.Value}"));

        /// <summary>Definitions apart, what is said of their groups and what goes with them: those their controllers change by themselves.</summary>
        private bool IsAsItWas(ClusterSnapshot before)
        {
            var now = host.Ledger.View.Current;
            return before.Revision == now.Revision || before.Types.Union(now.Types)
                .Where(type => type != ResourceTypes.CustomResourceDefinitions && type != ResourceTypes.ApiServices && type.Group != "fuzz.example.com")
                .All(type => ReferenceEquals(before.IdentityOf(type), now.IdentityOf(type)));
        }

        public async Task SendAsync(HttpRequestMessage request, byte[] body, string name)
        {
            var what = $"{name}: {request.Method} {request.RequestUri} {request.Headers} {request.Content?.Headers}\n{Encoding.UTF8.GetString(body)}";
            var previous = _last;
            _last = what;
            var before = host.Ledger.View.Current;
            using var patience = new CancellationTokenSource(Hang);
            try
            {
                using var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
                var code = (int)response.StatusCode;
                Codes[code] = Codes.GetValueOrDefault(code) + 1;
                var answer = "";
                if (code >= 500 && code is not (501 or 503 or 504))
                {
                    Failures.TryAdd(await response.Content.ReadAsStringAsync(patience.Token), $"{what}\n{code}");
                }
                else if (code >= 400)
                {
                    Assert.True(IsAsItWas(before), $"{what}\n{code} changed something");
                    answer = await CheckStatusAsync(request, response, what, patience.Token);
                }
                else if (!FuzzedRequests.MayLast(request))
                {
                    await response.Content.ReadAsByteArrayAsync(patience.Token);
                }

                if (_seen.Add(FuzzCorpus.KindOf(code, answer)) && FuzzCorpus.TryWrite(request, body) is { } line)
                {
                    Novel.Add(line);
                }
            }
            catch (OperationCanceledException)
            {
                Failures.TryAdd("hangs", $"{what}\nafter {previous}");
            }
            catch (HttpRequestException broken)
            {
                Failures.TryAdd(broken.Message, what);
            }
            catch (Exception wrong) when (wrong is Xunit.Sdk.XunitException or InvalidOperationException or System.Text.Json.JsonException or InvalidDataException)
            {
                Failures.TryAdd(wrong.Message, what);
            }
        }
    }

    /// <returns>What it says.</returns>
    private static async Task<string> CheckStatusAsync(HttpRequestMessage request, HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
        if (request.Method == HttpMethod.Head || (bytes.Length == 0 && response.StatusCode == System.Net.HttpStatusCode.BadRequest))
        {
            // What is no HTTP is refused by the server before there is a request.
            return "";
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
        return (string?)status?["message"] ?? "";
    }
}
