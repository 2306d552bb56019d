using System.Globalization;

namespace ActorOrchestrator.Host.Logging;

/// <summary>
/// The host's log: <c>DATA/host.log</c>, a line an event, turned over at a size so that it never fills the disk. Before it is opened and
/// where it cannot be written, lines go to the error stream.
/// </summary>
public sealed class LogFile : IDisposable
{
    private const long MaxBytes = 16 << 20;
    private const int KeptFiles = 3;
    private readonly Lock _gate = new();
    private readonly string _file;
    private StreamWriter _writer;

    private LogFile(string file)
    {
        _file = file;
        _writer = Open(file);
    }

    /// <summary>The log of this process; null until it has one.</summary>
    public static LogFile? Current { get; private set; }

    public static LogFile Start(string file) => Current = new LogFile(file);

    public static void Write(DateTimeOffset time, string level, string source, string message, Exception? cause)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH:mm:ss.fffZ} {level,-5} {source} {message}{(cause is null ? "" : Environment.NewLine + cause)}");
        if (Current is { } log)
        {
            log.Append(line);
        }
        else if (level is "WARN" or "ERROR")
        {
            System.Console.Error.WriteLine(line);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            Current = null;
            _writer.Dispose();
        }
    }

    private static StreamWriter Open(string file) =>
        new(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };

    private void Append(string line)
    {
        lock (_gate)
        {
            try
            {
                _writer.WriteLine(line);
                if (_writer.BaseStream.Length > MaxBytes)
                {
                    TurnOver();
                }
            }
            catch (IOException failed)
            {
                // A full disk must not take the orchestrator down with its log.
                System.Console.Error.WriteLine($"{line}\n(the log {_file} cannot be written: {failed.Message})");
            }
        }
    }

    private void TurnOver()
    {
        _writer.Dispose();
        for (var number = KeptFiles - 1; number >= 1; number--)
        {
            if (File.Exists($"{_file}.{number}"))
            {
                File.Move($"{_file}.{number}", $"{_file}.{number + 1}", overwrite: true);
            }
        }

        File.Move(_file, $"{_file}.1", overwrite: true);
        _writer = Open(_file);
    }
}
