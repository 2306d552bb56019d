using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ActorOrchestrator.Host.Kernel;

/// <summary>
/// Follows <c>nft monitor</c> and reports the transactions that touched a table and were not ours. When the program ends it is started
/// again; what happened in between is found by the proxy's periodic verification.
/// </summary>
public sealed partial class NftMonitor : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly CancellationTokenSource _stopped = new();

    public NftMonitor(string table, Func<int, bool> isOwn, Action onForeignChange)
    {
        _ = Task.Run(() => FollowAsync(new Transactions(table, isOwn, onForeignChange), _stopped.Token));
    }

    public void Dispose()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private static async Task FollowAsync(Transactions transactions, CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested && KernelCommand.PathOf("nft") is { } path)
        {
            using var process = new Process { StartInfo = KernelCommand.StartInfo(path, ["-n", "monitor"], redirectInput: false) };
            try
            {
                process.Start();
                process.ErrorDataReceived += static (_, _) => { };
                process.BeginErrorReadLine();
                while (await process.StandardOutput.ReadLineAsync(stopped) is { } line)
                {
                    transactions.OnLine(line);
                }
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                return;
            }
            catch (Win32Exception)
            {
                // Out of processes or memory: the periodic verification is what is left until the next attempt.
            }

            await Task.Delay(Pause, stopped).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Reads the events of one transaction up to its last line, which names the process.</summary>
    internal sealed partial class Transactions(string table, Func<int, bool> isOwn, Action onForeignChange)
    {
        private readonly string _ours = $" ip {table}";
        private bool _touched;

        public void OnLine(string line)
        {
            if (Generation().Match(line) is { Success: true } match)
            {
                var touched = _touched;
                _touched = false;
                if (touched && !isOwn(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)))
                {
                    onForeignChange();
                }
            }
            else if (!_touched)
            {
                var at = line.IndexOf(_ours, StringComparison.Ordinal);
                _touched = at > 0 && at < 24 && (at + _ours.Length == line.Length || line[at + _ours.Length] == ' ');
            }
        }

        [GeneratedRegex(@"^# new generation \d+ by process (\d+) ")]
        private static partial Regex Generation();
    }
}
