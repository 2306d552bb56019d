using System.Text;
using Akka.Actor;

namespace ActorOrchestrator.Host.Console.Palettes;

/// <summary>The members of the Akka.Cluster that carries the control plane.</summary>
public sealed class ClusterPalette() : CommandPaletteHandler(new CommandPalette("cluster", [Show, Status, Leave, Down]))
{
    private static readonly Func<ArgumentDefinitionBuilder, ArgumentDefinitionBuilder> Address =
        argument => argument.WithName("address").WithSwitch("-a").WithSwitch("-A").IsMandatory(true).WithDescription("the member's whole address, as cluster show prints it");

    private static readonly CommandDefinition Show = new CommandDefinitionBuilder().WithName("show").WithDescription("Prints a line for each member: address | [roles] | status | reachability | version").Build();
    private static readonly CommandDefinition Status = new CommandDefinitionBuilder().WithName("status").WithDescription("Prints this member's own status and who leads").Build();
    private static readonly CommandDefinition Leave = new CommandDefinitionBuilder().WithName("leave").WithDescription("Asks a member to leave gracefully").WithArgument(Address).Build();
    private static readonly CommandDefinition Down = new CommandDefinitionBuilder().WithName("down").WithDescription("Declares an unreachable member gone").WithArgument(Address).Build();

    public override Props HandlerProps => Props.Create(() => new Handler(Palette));

    /// <summary><c>address | [roles] | status | reachability | version</c> for each member, and how many there are.</summary>
    internal static string Render(IEnumerable<(string Address, IEnumerable<string> Roles, string Status, bool Reachable, string Version)> members)
    {
        var text = new StringBuilder();
        var count = 0;
        foreach (var member in members)
        {
            text.AppendLine($"{member.Address} | [{string.Join(",", member.Roles.Order(StringComparer.Ordinal))}] | {member.Status} | {(member.Reachable ? "reachable" : "unreachable")} | {member.Version}");
            count++;
        }

        return text.Append($"Count: {count} nodes").ToString();
    }

    private sealed class Handler : CommandHandlerActor
    {
        private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);

        public Handler(CommandPalette palette)
            : base(palette)
        {
            Process(Show.Name, _ => Sender.Tell(new CommandResponse(Members())));
            Process(Status.Name, _ => Sender.Tell(new CommandResponse($"{_cluster.SelfAddress} is {_cluster.SelfMember.Status}; the leader is {_cluster.State.Leader?.ToString() ?? "not known"}")));
            Process(Leave.Name, command => ForMember(command, address => _cluster.Leave(address), "was asked to leave"));
            Process(Down.Name, command => ForMember(command, address => _cluster.Down(address), "was declared down"));
        }

        private string Members()
        {
            var state = _cluster.State;
            var unreachable = state.Unreachable.Select(member => member.UniqueAddress).ToHashSet();
            return Render(state.Members.Select(member =>
                (member.Address.ToString(), (IEnumerable<string>)member.Roles, member.Status.ToString(), !unreachable.Contains(member.UniqueAddress), member.AppVersion.Version)));
        }

        private void ForMember(Command command, Action<Address> act, string done)
        {
            var given = command.Argument("address")!;
            var member = _cluster.State.Members.FirstOrDefault(candidate => candidate.Address.ToString().Equals(given, StringComparison.Ordinal));
            if (member is null)
            {
                Sender.Tell(new ErroredCommandResponse($"{given} is not a member. Members are:\n{Members()}"));
                return;
            }

            act(member.Address);
            Sender.Tell(new CommandResponse($"{given} {done}"));
        }
    }
}
