using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace ActorOrchestrator.Host.Kernel;

/// <param name="ExitCode">127 when the program is not installed.</param>
public sealed record CommandOutcome(int ExitCode, string Output, string Error)
{
    public const int NotInstalled = 127;

    public bool Ok => ExitCode == 0;

    /// <summary>One line for a message.</summary>
    public string Reason => Error.Trim() is { Length: > 0 } error ? Shorten(error) : $"exit code {ExitCode}";

    private static string Shorten(string text) => text.Length <= 600 ? text : text[..600] + " …";
}

/// <summary>Runs the kernel's own tools (nft, ip, iptables) and nothing through a shell.</summary>
/// <param name="through">A program and its first arguments that start the others, such as one that enters a network namespace; empty for none.</param>
public sealed class KernelCommand(params string[] through)
{
    private static readonly string[] SystemFolders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/local/bin"];
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <param name="onStarted">Gets the process id before the program can have done anything with its input.</param>
    public async Task<CommandOutcome> RunAsync(
        string program, IEnumerable<string> arguments, string? input, CancellationToken cancellation, Action<int>? onStarted = null)
    {
        if (PathOf(program) is not { } path)
        {
            return new CommandOutcome(CommandOutcome.NotInstalled, "", $"{program} is not installed.");
        }

        using var process = new Process
        {
            StartInfo = through.Length == 0 ? StartInfo(path, arguments, redirectInput: true) : StartInfo(through[0], [.. through[1..], path, .. arguments], redirectInput: true),
        };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new CommandOutcome(CommandOutcome.NotInstalled, "", $"{path} cannot be started: {e.Message}");
        }

        onStarted?.Invoke(process.Id);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellation);
            var error = process.StandardError.ReadToEndAsync(cancellation);
            await WriteInputAsync(process, input, cancellation);
            var texts = await Task.WhenAll(output, error);
            await process.WaitForExitAsync(cancellation);
            return new CommandOutcome(process.ExitCode, texts[0], texts[1]);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    public static ProcessStartInfo StartInfo(string path, IEnumerable<string> arguments, bool redirectInput)
    {
        var start = new ProcessStartInfo(path)
        {
            RedirectStandardInput = redirectInput,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = redirectInput ? Utf8 : null,
            UseShellExecute = false,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["LC_ALL"] = "C";
        return start;
    }

    /// <summary>A service's PATH often lacks sbin, so the usual folders are looked at as well.</summary>
    public static string? PathOf(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Concat(SystemFolders).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static async Task WriteInputAsync(Process process, string? input, CancellationToken cancellation)
    {
        try
        {
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), cancellation);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended without reading everything; its exit code and error output say why.
        }
    }
}
