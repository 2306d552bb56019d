using ActorOrchestrator.Host.Console.Client;
using ActorOrchestrator.Host.Console.Cmd;

namespace ActorOrchestrator.Host.Tests.Console;

public sealed class CommandLineParserTests
{
    private static readonly CommandPalette[] Palettes =
    [
        new("orchestrator",
        [
            new CommandDefinitionBuilder().WithName("scale")
                .WithArgument(b => b.WithName("deployment").WithSwitch("-d").WithSwitch("--deployment").IsMandatory(true).WithDescription("which"))
                .WithArgument(b => b.WithName("replicas").WithSwitch("-r").IsMandatory(true).WithDescription("how many").WithDefaultValues("1", "3"))
                .WithArgument(b => b.WithName("wait").WithSwitch("-w").WithoutValue().WithDescription("wait"))
                .Build(),
            new CommandDefinitionBuilder().WithName("nodes").Build(),
        ]),
        new("cluster", [new CommandDefinitionBuilder().WithName("show").Build()]),
    ];

    [Theory]
    [InlineData("a b", new[] { "a", "b" })]
    [InlineData("  a   b ", new[] { "a", "b" })]
    [InlineData("a 'b c' \"d \\\" e\"", new[] { "a", "b c", "d \" e" })]
    [InlineData("a b\\ c", new[] { "a", "b c" })]
    [InlineData("a ''", new[] { "a", "" })]
    [InlineData("", new string[0])]
    public void A_line_is_split_as_a_shell_splits_it(string line, string[] words) =>
        Assert.Equal(words, CommandLineParser.Split(line).ToArray());

    [Fact]
    public void Arguments_are_named_by_their_definition_whatever_switch_was_typed()
    {
        var (command, _) = CommandLineParser.Parse(["Orchestrator", "SCALE", "--deployment", "web", "-r", "3", "-w"], Palettes);

        Assert.Equal("web", command!.Argument("deployment"));
        Assert.Equal("3", command.Argument("replicas"));
        Assert.True(command.HasArgument("wait"));
    }

    [Theory]
    [InlineData("dance", "There is no palette \"dance\". There are: orchestrator, cluster.")]
    [InlineData("orchestrator", "Which command of orchestrator? There are: scale, nodes.")]
    [InlineData("orchestrator dance", "Palette orchestrator has no command \"dance\". There are: scale, nodes.")]
    [InlineData("orchestrator nodes -x", "orchestrator nodes does not know \"-x\". It takes: no arguments.")]
    [InlineData("orchestrator scale -d", "-d needs a value: which.")]
    [InlineData("orchestrator scale -d a -d b", "orchestrator scale takes -d only once.")]
    [InlineData("orchestrator scale -d a", "orchestrator scale needs -r REPLICAS: how many.")]
    public void What_is_wrong_is_said_with_what_would_be_right(string line, string expected)
    {
        var (command, error) = CommandLineParser.Parse(CommandLineParser.Split(line), Palettes);

        Assert.Null(command);
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("", new[] { "cluster", "exit", "help", "orchestrator" })]
    [InlineData("or", new[] { "orchestrator" })]
    [InlineData("orchestrator s", new[] { "scale" })]
    [InlineData("orchestrator scale ", new[] { "-d", "-r", "-w" })]
    [InlineData("orchestrator scale -d web -", new[] { "-r", "-w" })]
    [InlineData("orchestrator scale -r ", new[] { "1", "3" })]
    [InlineData("help c", new[] { "cluster" })]
    [InlineData("nothing ", new string[0])]
    public void Tab_offers_what_can_follow(string line, string[] expected) =>
        Assert.Equal(expected, Completion.Of(line, Palettes));
}
