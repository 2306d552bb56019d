using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Controllers.Deployments.Canaries;

/// <summary>Asks over HTTP. An address has three tries of two seconds each: one lost packet is no failure.</summary>
/// <param name="handler">The way to the pods.</param>
/// <param name="between">The wait before another try.</param>
public sealed class HttpCanaryProbe(HttpMessageHandler handler, TimeSpan between) : ICanaryProbe
{
    private const int Tries = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly HttpClient _client = new(handler) { Timeout = Patience };

    public static HttpCanaryProbe Shared { get; } = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1) },
        TimeSpan.FromSeconds(1));

    public async Task<string?> FailureAsync(ImmutableArray<Uri> addresses, CancellationToken cancellation)
    {
        var failures = await Task.WhenAll(addresses.Select(address => AskAsync(address, cancellation))).ConfigureAwait(false);
        return failures.FirstOrDefault(failure => failure is not null);
    }

    private async Task<string?> AskAsync(Uri address, CancellationToken cancellation)
    {
        string? failure = null;
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            if (attempt > 0)
            {
                await Task.Delay(between, cancellation).ConfigureAwait(false);
            }

            failure = await TryAsync(address, cancellation).ConfigureAwait(false);
            if (failure is null)
            {
                return null;
            }
        }

        return failure;
    }

    private async Task<string?> TryAsync(Uri address, CancellationToken cancellation)
    {
        try
        {
            using var answer = await _client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            var status = (int)answer.StatusCode;
            return status is >= 200 and < 400 ? null : $"GET {address} answered {status}";
        }
        catch (HttpRequestException refused)
        {
            return $"GET {address} failed: {refused.Message}";
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"GET {address} was not answered within {Patience.TotalSeconds} seconds";
        }
    }
}
