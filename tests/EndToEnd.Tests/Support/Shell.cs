using System.Diagnostics;
using System.Text;

namespace ActorOrchestrator.EndToEnd.Tests.Support;

/// <summary>What a finished command left.</summary>
public sealed record CommandResult(string Command, int ExitCode, string Output, string Errors)
{
    public string All => Output + Errors;

    public CommandResult MustSucceed() =>
        ExitCode == 0 ? this : throw new Xunit.Sdk.XunitException($"`{Command}` ended with {ExitCode}\n--- output\n{Output}\n--- errors\n{Errors}");
}

/// <summary>Runs real programs as a user's shell would. Every run has an end.</summary>
public static class Shell
{
    private static readonly TimeSpan DefaultPatience = TimeSpan.FromMinutes(3);

    public static CommandResult Run(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? input = null,
        TimeSpan? patience = null,
        string? folder = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? Repository.Root,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var command = $"{Path.GetFileName(program)} {string.Join(' ', start.ArgumentList)}";
        using var process = Process.Start(start)!;
        var output = Collect(process.StandardOutput);
        var errors = Collect(process.StandardError);
        if (input is not null)
        {
            process.StandardInput.Write(input);
        }

        process.StandardInput.Close();
        if (!process.WaitForExit(patience ?? DefaultPatience))
        {
            process.Kill(entireProcessTree: true);
            return new CommandResult(command, 124, output.Text, errors.Text + $"\nended by the test after {(patience ?? DefaultPatience).TotalSeconds:0} s");
        }

        // A daemon that the command left behind may hold the pipes open; what has come by now is the command's own.
        Task.WaitAll([output.Finished, errors.Finished], TimeSpan.FromSeconds(5));
        return new CommandResult(command, process.ExitCode, output.Text, errors.Text);
    }

    public static CommandResult Bash(string script, TimeSpan? patience = null, IReadOnlyDictionary<string, string>? environment = null) =>
        Run("/bin/bash", ["-c", script], environment, patience: patience);

    public static LiveCommand Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        new(program, arguments, environment);

    private static Collected Collect(StreamReader reader)
    {
        var text = new StringBuilder();
        var finished = Task.Run(async () =>
        {
            var buffer = new char[4096];
            int read;
            while ((read = await reader.ReadAsync(buffer)) > 0)
            {
                lock (text)
                {
                    text.Append(buffer, 0, read);
                }
            }
        });
        return new Collected(text, finished);
    }

    private sealed record Collected(StringBuilder Builder, Task Finished)
    {
        public string Text
        {
            get
            {
                lock (Builder)
                {
                    return Builder.ToString();
                }
            }
        }
    }
}

/// <summary>A command that goes on while the test does something else, such as <c>kubectl logs -f</c>.</summary>
public sealed class LiveCommand : IDisposable
{
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    internal LiveCommand(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int ProcessId => _process.Id;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public bool HasExited => _process.HasExited;

    public int? WaitForExit(TimeSpan patience) => _process.WaitForExit(patience) ? _process.ExitCode : null;

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    private void Append(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }
}
