using System.Text;
using Akka.Actor;

namespace ActorOrchestrator.Host.Console.Palettes;

/// <summary>The actors of this host: the supervision trees that the self-healing consists of.</summary>
/// <param name="systems">Every actor system of the process; read at each command, since the clustered one can be replaced.</param>
public sealed class ActorPalette(Func<IEnumerable<ActorSystem>> systems) : CommandPaletteHandler(new CommandPalette("actor", [Hierarchy]))
{
    private const int DefaultDepth = 32;

    private static readonly CommandDefinition Hierarchy = new CommandDefinitionBuilder()
        .WithName("hierarchy")
        .WithDescription("Prints the tree of actors, supervisors above what they supervise")
        .WithArgument(b => b.WithName("path").WithSwitch("-s").WithSwitch("-S").WithDescription("only below a path, as /user/node-agent"))
        .WithArgument(b => b.WithName("depth").WithSwitch("-d").WithSwitch("-D").WithDescription($"how many levels, {DefaultDepth} unless told"))
        .WithArgument(b => b.WithName("all").WithSwitch("-a").WithSwitch("-A").WithoutValue().WithDescription("with Akka's own actors below /system"))
        .Build();

    public override Props HandlerProps => Props.Create(() => new Handler(Palette, systems));

    private sealed class Handler : CommandHandlerActor
    {
        private readonly Func<IEnumerable<ActorSystem>> _systems;

        public Handler(CommandPalette palette, Func<IEnumerable<ActorSystem>> systems)
            : base(palette)
        {
            _systems = systems;
            Process(Hierarchy.Name, Print);
        }

        private void Print(Command command)
        {
            var depth = DefaultDepth;
            if (command.Argument("depth") is { } text && (!int.TryParse(text, out depth) || depth < 1))
            {
                Sender.Tell(new ErroredCommandResponse($"-d {text}: a whole number of levels from 1 on is needed."));
                return;
            }

            var path = command.Argument("path")?.Trim('/').Split('/', StringSplitOptions.RemoveEmptyEntries) ?? [];
            var tree = new StringBuilder();
            var found = false;
            foreach (var system in _systems())
            {
                var start = Find(((ExtendedActorSystem)system).Provider.RootGuardian, path);
                if (start is not null)
                {
                    found = true;
                    tree.AppendLine(path.Length == 0 ? $"akka://{system.Name}" : $"akka://{system.Name}/{string.Join('/', path)}");
                    Walk(tree, start, "", depth, hideSystem: path.Length == 0 && !command.HasArgument("all"));
                }
            }

            Sender.Tell(found
                ? new CommandResponse(tree.ToString().TrimEnd())
                : new ErroredCommandResponse($"There is no actor at /{string.Join('/', path)}."));
        }

        private static IActorRef? Find(IActorRef root, IEnumerable<string> path)
        {
            IActorRef? at = root;
            foreach (var name in path)
            {
                at = Children(at!).FirstOrDefault(child => child.Path.Name.Equals(name, StringComparison.Ordinal));
                if (at is null)
                {
                    return null;
                }
            }

            return at;
        }

        private static void Walk(StringBuilder tree, IActorRef actor, string indent, int depth, bool hideSystem)
        {
            if (depth == 0)
            {
                return;
            }

            var children = Children(actor)
                .Where(child => !hideSystem || child.Path.Name != "system")
                .OrderBy(child => child.Path.Name, StringComparer.Ordinal)
                .ToArray();
            for (var i = 0; i < children.Length; i++)
            {
                var last = i == children.Length - 1;
                tree.AppendLine($"{indent}{(last ? "└── " : "├── ")}{Uri.UnescapeDataString(children[i].Path.Name)}");
                Walk(tree, children[i], indent + (last ? "    " : "│   "), depth - 1, hideSystem: false);
            }
        }

        private static IEnumerable<IActorRef> Children(IActorRef actor) =>
            actor is ActorRefWithCell cell ? cell.Children.OfType<ActorRefWithCell>() : [];
    }
}
