namespace ActorOrchestrator.Actors.Resources.Expressions.Syntax;

/// <summary>The free names of an expression.</summary>
internal static class Names
{
    public static HashSet<string> In(Node root)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Collect(root, names, []);
        return names;
    }

    private static void Collect(Node? node, HashSet<string> names, HashSet<string> local)
    {
        switch (node)
        {
            case IdentifierNode identifier when !local.Contains(identifier.Name):
                names.Add(identifier.Name);
                break;
            case SelectNode select:
                Collect(select.Operand, names, local);
                break;
            case CallNode call:
                Each(call.Arguments);
                break;
            case LogicNode logic:
                Each(logic.Terms);
                break;
            case ConditionalNode conditional:
                Each([conditional.Condition, conditional.WhenTrue, conditional.WhenFalse]);
                break;
            case ListNode list:
                Each(list.Items.Select(item => item.Value));
                break;
            case MapNode map:
                Each(map.Entries.SelectMany(entry => (Node[])[entry.Key, entry.Value]));
                break;
            case MessageNode message:
                Each(message.Fields.Select(field => field.Value));
                break;
            case IterationNode iteration:
                Collect(iteration.Range, names, local);
                HashSet<string> inner = iteration.Second is null ? [.. local, iteration.First] : [.. local, iteration.First, iteration.Second];
                Collect(iteration.Filter, names, inner);
                Collect(iteration.Body, names, inner);
                break;
            case OptionalMapNode optional:
                Collect(optional.Target, names, local);
                Collect(optional.Body, names, [.. local, optional.Variable]);
                break;
        }

        void Each(IEnumerable<Node> parts)
        {
            foreach (var part in parts)
            {
                Collect(part, names, local);
            }
        }
    }
}
