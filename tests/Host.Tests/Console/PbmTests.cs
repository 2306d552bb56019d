using System.Net;
using System.Net.Sockets;
using ActorOrchestrator.Host.Console.Client;
using ActorOrchestrator.Host.Console.Cmd;
using ActorOrchestrator.Host.Console.Palettes;
using Akka.Actor;
using Akka.Configuration;

namespace ActorOrchestrator.Host.Tests.Console;

/// <summary>The real client against a real listener on loopback.</summary>
public sealed class PbmTests : IAsyncLifetime
{
    private readonly int _port = FreePort();
    private readonly string _tokenFile = Path.GetTempFileName();
    private ActorSystem _system = null!;

    public async Task InitializeAsync()
    {
        _system = Start("console", $"petabridge.cmd.port = {_port}");
        await Listening(_port);
    }

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        File.Delete(_tokenFile);
    }

    [Fact]
    public async Task One_command_prints_its_answer_and_ends_with_0()
    {
        var (code, output, _) = await Pbm("test", "echo", "-t", "hello world");

        Assert.Equal(0, code);
        Assert.Equal("hello world", output.Trim());
    }

    [Fact]
    public async Task A_stream_comes_in_order_until_its_final_part()
    {
        var (code, output, _) = await Pbm("test", "count", "-t", "5");

        Assert.Equal(0, code);
        Assert.Equal("1 2 3 4 5", string.Join(' ', output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task An_answer_longer_than_a_frame_arrives_whole()
    {
        var (code, output, _) = await Pbm("test", "long");

        Assert.Equal(0, code);
        Assert.Equal(3_000_000, output.Count(c => c == 'x'));
    }

    [Fact]
    public async Task A_failing_command_and_a_crashing_handler_are_errors_and_the_session_goes_on()
    {
        var (code, output, errors) = await Session("test fail\ntest crash\ntest echo -t still-here\nexit\n");

        Assert.Equal(0, code);
        Assert.Contains("it failed", errors, StringComparison.Ordinal);
        Assert.Contains("test crash failed", errors, StringComparison.Ordinal);
        Assert.Contains("still-here", output, StringComparison.Ordinal);
        Assert.Contains($"[127.0.0.1:{_port}] pbm> ", output, StringComparison.Ordinal);
        Assert.Equal(1, (await Pbm("test", "fail")).Code);
    }

    [Fact]
    public async Task Help_lists_the_palettes_of_the_host()
    {
        var (_, output, _) = await Session("help\nhelp test echo\nexit\n");

        Assert.Contains("actor hierarchy", output, StringComparison.Ordinal);
        Assert.Contains("what to say (mandatory)", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_actor_tree_is_printed_with_supervisors_above_what_they_supervise()
    {
        _system.ActorOf(Props.Create(() => new Parent()), "pod-supervisor");

        var (_, output, _) = await Pbm("actor", "hierarchy");

        var lines = output.Split('\n');
        var parent = Array.FindIndex(lines, line => line.EndsWith("pod-supervisor", StringComparison.Ordinal));
        Assert.True(parent > 0, output);
        Assert.EndsWith("└── child", lines[parent + 1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_one_clear_line_and_code_2()
    {
        var (code, _, errors) = await Pbm($"127.0.0.1:{FreePort()}", "test", "echo", "-t", "x");

        Assert.Equal(2, code);
        Assert.Contains("Nothing listens on 127.0.0.1:", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_who_speaks_no_pbm_is_dropped_and_harms_nobody()
    {
        using (var stranger = new TcpClient())
        {
            await stranger.ConnectAsync(IPAddress.Loopback, _port);
            await stranger.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            var buffer = new byte[64 * 1024];
            while (await stranger.GetStream().ReadAsync(buffer) > 0)
            {
            }
        }

        Assert.Equal(0, (await Pbm("test", "echo", "-t", "fine")).Code);
    }

    [Fact]
    public async Task Beyond_loopback_a_token_is_needed_and_a_wrong_one_is_refused()
    {
        await File.WriteAllTextAsync(_tokenFile, "secret\n");
        var port = FreePort();
        using var open = Start("open", $"petabridge.cmd {{ host = \"0.0.0.0\"\n port = {port}\n token-file = \"{_tokenFile}\" }}");
        await Listening(port);
        var wrong = Path.GetTempFileName();
        await File.WriteAllTextAsync(wrong, "guess");

        Assert.Equal(0, (await Pbm($"127.0.0.1:{port}", "--token-file", _tokenFile, "test", "echo", "-t", "x")).Code);
        Assert.Equal(2, (await Pbm($"127.0.0.1:{port}", "test", "echo", "-t", "x")).Code);
        Assert.Equal(2, (await Pbm($"127.0.0.1:{port}", "--token-file", wrong, "test", "echo", "-t", "x")).Code);
        File.Delete(wrong);
    }

    [Fact]
    public void Beyond_loopback_it_does_not_start_without_a_token()
    {
        using var system = ActorSystem.Create("bare", ConfigurationFactory.ParseString("petabridge.cmd.host = \"0.0.0.0\""));

        Assert.Throws<ConfigurationException>(() => PetabridgeCmd.Get(system).Start());
    }

    [Fact]
    public void Members_are_shown_one_on_a_line_with_the_count_below() =>
        Assert.Equal(
            "akka.tcp://orchestrator@10.0.0.1:4053 | [control,node] | Up | reachable | 1.2.0\nakka.tcp://orchestrator@10.0.0.2:4053 | [node] | Up | unreachable | 1.2.0\nCount: 2 nodes",
            ClusterPalette.Render([("akka.tcp://orchestrator@10.0.0.1:4053", ["node", "control"], "Up", true, "1.2.0"), ("akka.tcp://orchestrator@10.0.0.2:4053", ["node"], "Up", false, "1.2.0")]));

    private static ActorSystem Start(string name, string config)
    {
        var system = ActorSystem.Create(name, ConfigurationFactory.ParseString($"akka.loglevel = OFF\nakka.stdout-loglevel = OFF\n{config}"));
        var cmd = PetabridgeCmd.Get(system);
        cmd.RegisterCommandPalette(new TestPalette());
        cmd.RegisterCommandPalette(new ActorPalette(() => [system]));
        Assert.False(cmd.RegisterCommandPalette(new TestPalette()));
        cmd.Start();
        cmd.Start();
        return system;
    }

    private Task<(int Code, string Output, string Errors)> Pbm(params string[] words) => Run("", words[0].Contains(':') ? words : [$"127.0.0.1:{_port}", .. words]);

    private Task<(int Code, string Output, string Errors)> Session(string input) => Run(input, [$"127.0.0.1:{_port}"]);

    private static async Task<(int Code, string Output, string Errors)> Run(string input, string[] words)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await new PbmClient(new StringReader(input), output, errors, onTerminal: false).RunAsync(words, CancellationToken.None);
        return (code, output.ToString(), errors.ToString());
    }

    /// <summary>The listener binds a moment after Start returned.</summary>
    private static async Task Listening(int port)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var attempt = 0; attempt < 3000; attempt++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                await pause.WaitForNextTickAsync();
            }
        }

        Assert.Fail($"nothing listens on port {port}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Parent : UntypedActor
    {
        protected override void PreStart() => Context.ActorOf(Props.Create(() => new Child()), "child");

        protected override void OnReceive(object message) => Unhandled(message);
    }

    private sealed class Child : UntypedActor
    {
        protected override void OnReceive(object message) => Unhandled(message);
    }

    private sealed class TestPalette() : CommandPaletteHandler(new CommandPalette("test",
    [
        Define("echo"), Define("count"), Define("long", mandatory: false), Define("fail", mandatory: false), Define("crash", mandatory: false),
    ]))
    {
        public override Props HandlerProps => Props.Create(() => new Handler(Palette));

        private static CommandDefinition Define(string name, bool mandatory = true) =>
            new CommandDefinitionBuilder().WithName(name).WithArgument(b => b.WithName("text").WithSwitch("-t").IsMandatory(mandatory).WithDescription("what to say")).Build();
    }

    private sealed class Handler : CommandHandlerActor
    {
        public Handler(CommandPalette palette)
            : base(palette)
        {
            Process("echo", command => Sender.Tell(new CommandResponse(command.Argument("text")!)));
            Process("count", command =>
            {
                var last = int.Parse(command.Argument("text")!, System.Globalization.CultureInfo.InvariantCulture);
                for (var i = 1; i <= last; i++)
                {
                    Sender.Tell(new CommandResponse($"{i}", i == last));
                }
            });
            Process("long", _ => Sender.Tell(new CommandResponse(new string('x', 3_000_000))));
            Process("fail", _ => Sender.Tell(new ErroredCommandResponse("it failed")));
            Process("crash", _ => throw new InvalidOperationException("a defect"));
        }
    }
}
