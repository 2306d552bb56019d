using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using ActorOrchestrator.Host.Composition;
using ActorOrchestrator.Host.Console.Client;
using Command = System.CommandLine.Command;

namespace ActorOrchestrator.Host.CommandLine;

/// <summary>The words of the <c>orchestrator</c> program.</summary>
public static class OrchestratorCommand
{
    private static readonly Option<string> Data = new("--data") { Description = "the folder that holds all state", DefaultValueFactory = _ => OrchestratorOptions.DefaultData() };
    private static readonly Option<string> DockerHost = new("--docker-host") { Description = "the engine", DefaultValueFactory = _ => "unix:///var/run/docker.sock" };
    private static readonly Option<int> Port = Ports("--port", "where the Kubernetes API listens (HTTPS)", OrchestratorOptions.DefaultApiPort);
    private static readonly Option<int> ClusterPort = Ports("--cluster-port", "where other hosts of the cluster connect (TLS)", 4053);
    private static readonly Option<int> NodePort = Ports("--node-port", "where the node serves logs to the API (HTTPS)", 10250);
    private static readonly Option<string?> NodeName = new("--node-name") { Description = "this node's name, the machine's unless told" };
    private static readonly Option<IPAddress?> Advertise = new("--advertise-address")
    {
        Description = "the address under which other hosts reach this one",
        CustomParser = result => ParseAddress(result),
    };

    private static readonly Option<string?> ConfigFile = new("--config") { Description = "HOCON of your own, laid over the defaults" };
    private static readonly Option<string?> Postgres = new("--postgres") { Description = "a PostgreSQL connection string, to keep the ledger there" };
    private static readonly Option<string?> Token = new("--token") { Description = "the join token, needed the first time" };

    private static readonly Option<string> Roles = new("--role") { Description = "control,node or one of them", DefaultValueFactory = _ => "control,node" };

    public static RootCommand Create()
    {
        var up = new Command("up", "Runs a host of a cluster of its own, in the foreground") { Data, DockerHost, Port, ClusterPort, NodePort, NodeName, Advertise, ConfigFile, Postgres, Roles };
        up.SetAction((parsed, cancellation) => HostProcess.RunAsync(Options(parsed), cancellation));

        var address = new Argument<string>("address") { Description = "a control host, as host:port of its API" };
        var join = new Command("join", "Runs a host that joins another's cluster as a node") { address, Token, Data, DockerHost, ClusterPort, NodePort, NodeName, Advertise, ConfigFile };
        join.SetAction((parsed, cancellation) => HostProcess.RunAsync(
            Options(parsed) with { JoinAddress = parsed.GetValue(address), JoinToken = parsed.GetValue(Token), IsControl = false, IsNode = true }, cancellation));

        var stop = new Command("stop", "Stops the host of a data folder; workloads go on") { Data, DockerHost };
        stop.SetAction((parsed, cancellation) => HostCommands.StopAsync(parsed.GetValue(Data)!, cancellation));

        var purge = new Command("purge", "Stops the host and removes every container, network, rule and file of ours") { Data, DockerHost };
        purge.SetAction((parsed, cancellation) => HostCommands.PurgeAsync(parsed.GetValue(Data)!, parsed.GetValue(DockerHost)!, cancellation));

        var status = new Command("status", "Says whether a host runs on a data folder") { Data };
        status.SetAction(parsed => HostCommands.Status(parsed.GetValue(Data)!));

        var create = new Command("create", "Prints the command with which another machine joins") { Data };
        create.SetAction((parsed, cancellation) => HostCommands.CreateTokenAsync(parsed.GetValue(Data)!, cancellation));
        var token = new Command("token", "Join tokens") { create };

        var words = new Argument<string[]>("words") { Arity = ArgumentArity.ZeroOrMore };
        var pbm = new Command("pbm", "The console") { words };
        pbm.SetAction((parsed, cancellation) => Task.FromResult(0));

        var root = new RootCommand("ActorOrchestrator: a container orchestrator that speaks the Kubernetes API") { up, join, stop, purge, status, token, pbm };
        return root;
    }

    /// <summary>The console's words are its own: they are not parsed by us.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["pbm", ..])
        {
            var client = new PbmClient(System.Console.In, System.Console.Out, System.Console.Error, onTerminal: !System.Console.IsInputRedirected && !System.Console.IsOutputRedirected);
            return await client.RunAsync(arguments[1..], CancellationToken.None).ConfigureAwait(false);
        }

        var parsed = Create().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await System.Console.Error.WriteLineAsync($"orchestrator: {error.Message}").ConfigureAwait(false);
            }

            await System.Console.Error.WriteLineAsync("Try: orchestrator --help").ConfigureAwait(false);
            return 2;
        }

        // The host itself handles Ctrl-C and SIGTERM, so that it can stop gracefully however long that takes.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }).ConfigureAwait(false);
    }

    private static OrchestratorOptions Options(ParseResult parsed)
    {
        var roles = (Has(parsed, Roles) ? parsed.GetValue(Roles)! : "control,node").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (roles.Length == 0 || roles.Except(["control", "node"]).Any())
        {
            throw new HostException($"--role {string.Join(',', roles)}: control, node or control,node is expected.");
        }

        var options = new OrchestratorOptions
        {
            Data = Path.GetFullPath(parsed.GetValue(Data)!),
            DockerHost = parsed.GetValue(DockerHost)!,
            ApiPort = Has(parsed, Port) ? parsed.GetValue(Port) : OrchestratorOptions.DefaultApiPort,
            ClusterPort = parsed.GetValue(ClusterPort),
            NodePort = parsed.GetValue(NodePort),
            ConfigFile = parsed.GetValue(ConfigFile),
            Postgres = Has(parsed, Postgres) ? parsed.GetValue(Postgres) : null,
            IsControl = roles.Contains("control"),
            IsNode = roles.Contains("node"),
        };
        if (parsed.GetValue(NodeName) is { } name)
        {
            options = options with { NodeName = name };
        }

        return parsed.GetValue(Advertise) is { } address ? options with { AdvertiseAddress = address } : options;
    }

    private static bool Has(ParseResult parsed, Option option) => parsed.CommandResult.Command.Options.Contains(option);

    private static Option<int> Ports(string name, string description, int standard)
    {
        var option = new Option<int>(name) { Description = $"{description}, {standard} unless told", DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 65535)
            {
                result.AddError($"{name} {result.Tokens[0].Value}: a port from 1 to 65535 is expected.");
            }
        });
        return option;
    }

    private static IPAddress? ParseAddress(ArgumentResult result)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (IPAddress.TryParse(text, out var address))
        {
            return address;
        }

        result.AddError($"--advertise-address {text}: an IP address is expected.");
        return null;
    }
}
