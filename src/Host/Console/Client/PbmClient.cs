using System.Globalization;

namespace ActorOrchestrator.Host.Console.Client;

/// <summary>
/// <c>pbm [host:port] [palette command -args]</c>. With a command it runs that and ends; without, it is interactive: the
/// palettes come from the host, Tab completes, <c>help</c> explains, Ctrl-C ends a stream, <c>exit</c> ends the console.
/// </summary>
public sealed class PbmClient(TextReader input, TextWriter output, TextWriter errors, bool onTerminal)
{
    private const string DefaultHost = "127.0.0.1";
    private const int DefaultPort = 9110;

    private const string Usage =
        """
        pbm [host:port] [--token-file FILE] [palette command -arguments]

          pbm                              interactive, on 127.0.0.1:9110
          pbm cluster show                 one command on 127.0.0.1:9110
          pbm 10.0.0.5:9110 actor hierarchy
        """;

    /// <returns>0; 1 when the command failed; 2 when the words are wrong or nobody answers; 130 when interrupted.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var words = arguments.ToList();
        var (host, port) = (DefaultHost, DefaultPort);
        var token = Environment.GetEnvironmentVariable("PBM_TOKEN");
        if (words.Count > 0 && words[0] is "--help" or "-h")
        {
            await output.WriteLineAsync(Usage).ConfigureAwait(false);
            return 0;
        }

        if (words.Count > 0 && TryEndpoint(words[0], out host, out port))
        {
            words.RemoveAt(0);
        }

        try
        {
            if (words.Count > 1 && words[0] == "--token-file")
            {
                token = (await File.ReadAllTextAsync(words[1], cancellation).ConfigureAwait(false)).Trim();
                words.RemoveRange(0, 2);
            }

            using var connection = await PbmConnection.OpenAsync(host, port, token, cancellation).ConfigureAwait(false);
            return words.Count > 0
                ? await OnceAsync(connection, words, cancellation).ConfigureAwait(false)
                : await InteractiveAsync(connection, $"[{host}:{port}] pbm> ", cancellation).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is PbmException or IOException)
        {
            await errors.WriteLineAsync($"pbm: {exception.Message}").ConfigureAwait(false);
            return 2;
        }
    }

    private async Task<int> OnceAsync(PbmConnection connection, List<string> words, CancellationToken cancellation)
    {
        if (words[0] == "help")
        {
            return await HelpAsync(connection, words).ConfigureAwait(false);
        }

        var (command, error) = CommandLineParser.Parse(words, connection.Palettes);
        if (command is null)
        {
            await errors.WriteLineAsync($"pbm: {error}").ConfigureAwait(false);
            return 2;
        }

        using var interrupt = new Interrupt(cancellation);
        return await connection.RunAsync(command, output, errors, interrupt.Token).ConfigureAwait(false);
    }

    private async Task<int> InteractiveAsync(PbmConnection connection, string prompt, CancellationToken cancellation)
    {
        var editor = onTerminal ? new LineEditor(prompt, text => Completion.Of(text, connection.Palettes)) : null;
        while (!cancellation.IsCancellationRequested)
        {
            string? line;
            if (editor is not null)
            {
                line = editor.ReadLine();
            }
            else
            {
                await output.WriteAsync(prompt).ConfigureAwait(false);
                await output.FlushAsync(cancellation).ConfigureAwait(false);
                line = await input.ReadLineAsync(cancellation).ConfigureAwait(false);
            }

            if (line is null || line.Trim() is "exit" or "quit")
            {
                return 0;
            }

            var words = CommandLineParser.Split(line);
            if (words.Length > 0)
            {
                await OnceAsync(connection, [.. words], cancellation).ConfigureAwait(false);
            }
        }

        return 0;
    }

    private async Task<int> HelpAsync(PbmConnection connection, List<string> words)
    {
        var palettes = connection.Palettes.Where(palette => words.Count < 2 || palette.ModuleName.Equals(words[1], StringComparison.OrdinalIgnoreCase)).ToArray();
        if (palettes.Length == 0)
        {
            await errors.WriteLineAsync($"pbm: There is no palette \"{words[1]}\".").ConfigureAwait(false);
            return 2;
        }

        foreach (var palette in palettes)
        {
            foreach (var command in palette.Commands.Where(command => words.Count < 3 || command.Name.Equals(words[2], StringComparison.OrdinalIgnoreCase)))
            {
                await output.WriteLineAsync($"{palette.ModuleName} {command.Name,-18} {command.Description}").ConfigureAwait(false);
                foreach (var argument in words.Count > 1 ? command.Arguments : [])
                {
                    await output.WriteLineAsync($"    {string.Join(", ", argument.Switches),-14} {argument.Description}{(argument.IsMandatory ? " (mandatory)" : "")}").ConfigureAwait(false);
                }
            }
        }

        return 0;
    }

    private static bool TryEndpoint(string word, out string host, out int port)
    {
        (host, port) = (DefaultHost, DefaultPort);
        var colon = word.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(word.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var given) || given is 0 or > 65535)
        {
            return false;
        }

        (host, port) = (word[..colon].Trim('[', ']'), given);
        return true;
    }

    /// <summary>Ctrl-C while a command runs ends the command, not the console.</summary>
    private sealed class Interrupt : IDisposable
    {
        private readonly CancellationTokenSource _source;

        public Interrupt(CancellationToken outer)
        {
            _source = CancellationTokenSource.CreateLinkedTokenSource(outer);
            System.Console.CancelKeyPress += OnPressed;
        }

        public CancellationToken Token => _source.Token;

        public void Dispose()
        {
            System.Console.CancelKeyPress -= OnPressed;
            _source.Dispose();
        }

        private void OnPressed(object? sender, ConsoleCancelEventArgs pressed)
        {
            pressed.Cancel = true;
            _source.Cancel();
        }
    }
}
