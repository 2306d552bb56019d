using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Resources.Expressions.Syntax;

/// <summary>Calls that are not calls: comprehensions, presence tests and the optional maps. Null: an ordinary call after all.</summary>
internal static class Macros
{
    public static Node? ExpandGlobal(Token name, int position, ImmutableArray<Node> arguments)
    {
        if (name.Text != "has" || arguments.Length != 1)
        {
            return null;
        }

        return arguments[0] is SelectNode { Optional: false } select
            ? new SelectNode(position, select.Operand, select.Field, test: true)
            : throw new SyntaxException(arguments[0].Position, "invalid argument to has() macro");
    }

    public static Node? ExpandMember(Token name, Node target, int position, ImmutableArray<Node> arguments)
    {
        return (name.Text, arguments.Length) switch
        {
            ("all", 2) => One(Macro.All),
            ("exists", 2) => One(Macro.Exists),
            ("exists_one" or "existsOne", 2) => One(Macro.ExistsOne),
            ("filter", 2) => One(Macro.Filter),
            ("map", 2) => One(Macro.Map),
            ("map", 3) => new IterationNode(position, Macro.Map, target, Variable(arguments[0]), null, arguments[1], arguments[2]),
            ("sortBy", 2) => One(Macro.SortBy),
            ("all", 3) => Two(Macro.All),
            ("exists", 3) => Two(Macro.Exists),
            ("exists_one" or "existsOne", 3) => Two(Macro.ExistsOne),
            ("transformList", 3) => Two(Macro.TransformList),
            ("transformList", 4) => TwoFiltered(Macro.TransformList),
            ("transformMap", 3) => Two(Macro.TransformMap),
            ("transformMap", 4) => TwoFiltered(Macro.TransformMap),
            ("transformMapEntry", 3) => Two(Macro.TransformMapEntry),
            ("transformMapEntry", 4) => TwoFiltered(Macro.TransformMapEntry),
            ("optMap", 2) => new OptionalMapNode(position, target, Variable(arguments[0]), arguments[1], flat: false),
            ("optFlatMap", 2) => new OptionalMapNode(position, target, Variable(arguments[0]), arguments[1], flat: true),
            _ => null,
        };

        IterationNode One(Macro macro) => new(position, macro, target, Variable(arguments[0]), null, null, arguments[1]);

        IterationNode Two(Macro macro) => new(position, macro, target, Variable(arguments[0]), Distinct(arguments), null, arguments[2]);

        IterationNode TwoFiltered(Macro macro) => new(position, macro, target, Variable(arguments[0]), Distinct(arguments), arguments[2], arguments[3]);
    }

    private static string Distinct(ImmutableArray<Node> arguments)
    {
        var second = Variable(arguments[1]);
        return second != Variable(arguments[0])
            ? second
            : throw new SyntaxException(arguments[1].Position, $"duplicate variable name: {second}");
    }

    private static string Variable(Node node) => node is IdentifierNode { Name: not "__result__" and var name }
        ? name
        : throw new SyntaxException(node.Position, "argument must be a simple name");
}
