using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace ActorOrchestrator.Bench.Watchers;

/// <summary>
/// Many watches in a process of their own, so that the server's memory is the server's alone. It says <c>ready</c> when all are open; then it is told on its input
/// when each fact was sent, on the clock that the machine's processes share, and says the lags.
/// </summary>
internal static class WatchClient
{
    public const string Argument = "--watch-client";

    public static async Task<int> RunAsync(int port, string path, int watchers, int facts)
    {
        var arrivals = new long[watchers][];
        var open = new TaskCompletionSource();
        var waiting = watchers;
        using var http = new HttpClient(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        using var gate = new SemaphoreSlim(64);
        var all = Enumerable.Range(0, watchers).Select(async watcher =>
        {
            await gate.WaitAsync();
            using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            gate.Release();
            response.EnsureSuccessStatusCode();
            await using var stream = await response.Content.ReadAsStreamAsync();
            if (Interlocked.Decrement(ref waiting) == 0)
            {
                open.SetResult();
            }

            arrivals[watcher] = new long[facts];
            var buffer = new byte[2048];
            for (var seen = 0; seen < facts;)
            {
                var read = await stream.ReadAsync(buffer);
                if (read == 0)
                {
                    throw new IOException("A watch ended.");
                }

                var now = Stopwatch.GetTimestamp();
                for (var ends = buffer.AsSpan(0, read).Count((byte)'\n'); ends > 0 && seen < facts; ends--)
                {
                    arrivals[watcher][seen++] = now;
                }
            }
        }).ToArray();
        await Task.WhenAny(open.Task, Task.WhenAll(all));
        Console.WriteLine("ready");
        await Task.WhenAll(all);
        Console.WriteLine("seen");
        var sent = new long[facts];
        for (var fact = 0; fact < facts; fact++)
        {
            sent[fact] = long.Parse(Console.ReadLine()!, CultureInfo.InvariantCulture);
        }

        var lags = arrivals.SelectMany(own => own.Select((arrived, fact) => Stopwatch.GetElapsedTime(sent[fact], arrived).TotalMilliseconds)).Order().ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lags[lags.Length / 2]} {lags[lags.Length * 99 / 100]}"));
        return 0;
    }
}
