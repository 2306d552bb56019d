using System.Collections.Frozen;
using System.Collections.Immutable;
using ActorOrchestrator.Actors.Resources.Expressions.Functions;
using ActorOrchestrator.Actors.Resources.Expressions.Syntax;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions.Checking;

/// <summary>
/// Gives every part of an expression its type and every call its overloads, as far as the declarations tell. What is dyn fits everywhere and is
/// looked at again when there are values.
/// </summary>
internal sealed class Checker(ExpressionEnvironment environment, ExpressionIssues issues)
{
    private static readonly FrozenDictionary<string, ExpressionType> TypeNames = new Dictionary<string, ExpressionType>
    {
        ["bool"] = ExpressionType.Bool,
        ["int"] = ExpressionType.Int,
        ["uint"] = ExpressionType.Uint,
        ["double"] = ExpressionType.Double,
        ["string"] = ExpressionType.String,
        ["bytes"] = ExpressionType.Bytes,
        ["list"] = ExpressionType.List(ExpressionType.Dyn),
        ["map"] = ExpressionType.Map(ExpressionType.Dyn, ExpressionType.Dyn),
        ["null_type"] = ExpressionType.Null,
        ["type"] = ExpressionType.TypeOf(ExpressionType.Dyn),
        ["optional_type"] = ExpressionType.Optional(ExpressionType.Dyn),
        ["google.protobuf.Timestamp"] = ExpressionType.Timestamp,
        ["google.protobuf.Duration"] = ExpressionType.Duration,
        ["kubernetes.Quantity"] = ExpressionType.Quantity,
        ["kubernetes.URL"] = ExpressionType.Url,
        ["kubernetes.Semver"] = ExpressionType.Semver,
        ["kubernetes.NamedFormat"] = ExpressionType.Format,
        ["net.IP"] = ExpressionType.Ip,
        ["net.CIDR"] = ExpressionType.Cidr,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly List<(string Name, ExpressionType Type)> _scope = [];

    /// <summary>Above zero where a list may be a mixture: what is formatted.</summary>
    private int _mixtures;

    public ExpressionType Check(Node node) => node.Type = node switch
    {
        LiteralNode literal => OfLiteral(literal.Value),
        IdentifierNode identifier => Identifier(identifier),
        SelectNode select => Select(select),
        CallNode call => Call(call),
        LogicNode logic => Logic(logic),
        ConditionalNode conditional => Conditional(conditional),
        ListNode list => List(list),
        MapNode map => Map(map),
        IterationNode iteration => Iteration(iteration),
        OptionalMapNode optional => OptionalMap(optional),
        MessageNode message => Message(message),
        _ => throw new InvalidOperationException($"There is no rule for {node.GetType().Name}."),
    };

    private static ExpressionType OfLiteral(object? value) => value switch
    {
        null => ExpressionType.Null,
        bool => ExpressionType.Bool,
        long => ExpressionType.Int,
        ulong => ExpressionType.Uint,
        double => ExpressionType.Double,
        string => ExpressionType.String,
        _ => ExpressionType.Bytes,
    };

    private ExpressionType Identifier(IdentifierNode node)
    {
        if (Lookup(node) is { } type)
        {
            return type;
        }

        issues.Add(node.Position, $"undeclared reference to '{node.Name}' (in container '')");
        return ExpressionType.Error;
    }

    private ExpressionType? Lookup(IdentifierNode node)
    {
        for (var i = _scope.Count - 1; i >= 0; i--)
        {
            if (_scope[i].Name == node.Name)
            {
                return _scope[i].Type;
            }
        }

        if (environment.Types.TryGetValue(node.Name, out var declared))
        {
            return declared;
        }

        if (TypeNames.TryGetValue(node.Name, out var type))
        {
            node.Constant = new TypeValue(node.Name);
            return ExpressionType.TypeOf(type);
        }

        return null;
    }

    private static string? PathOf(Node node) => node switch
    {
        IdentifierNode identifier => identifier.Name,
        SelectNode { Optional: false, Test: false } select when PathOf(select.Operand) is { } path => $"{path}.{select.Field}",
        _ => null,
    };

    private bool IsLocal(Node node) => node switch
    {
        IdentifierNode identifier => _scope.Exists(local => local.Name == identifier.Name),
        SelectNode select => IsLocal(select.Operand),
        _ => false,
    };

    private ExpressionType Select(SelectNode node)
    {
        // A dotted name may be declared as a whole: authorizer.requestResource, net.IP.
        if (!node.Test && PathOf(node) is { } path && !IsLocal(node))
        {
            var whole = new IdentifierNode(node.Position, path);
            if (Lookup(whole) is { } type)
            {
                node.Qualified = whole;
                return whole.Type = type;
            }
        }

        var operand = Check(node.Operand);
        var optional = node.Optional || operand.Kind == ExpressionKind.Optional;
        var holder = operand.Kind == ExpressionKind.Optional ? operand.Parameters[0] : operand;
        var field = Field(node, holder);
        return node.Test ? ExpressionType.Bool : optional ? ExpressionType.Optional(field) : field;
    }

    private ExpressionType Field(SelectNode node, ExpressionType holder)
    {
        switch (holder.Kind)
        {
            case ExpressionKind.Map:
                return holder.Parameters[1];
            case ExpressionKind.Object when holder.IsOpen:
                return ExpressionType.Dyn;
            case ExpressionKind.Object when holder.Fields.TryGetValue(node.Field, out var field):
                return field.Type;
            case ExpressionKind.Object:
                issues.Add(node.Position, $"undefined field '{node.Field}'");
                return ExpressionType.Error;
            case ExpressionKind.Dyn or ExpressionKind.Error or ExpressionKind.Parameter:
                return ExpressionType.Dyn;
            default:
                issues.Add(node.Position, $"type '{holder}' does not support field selection");
                return ExpressionType.Error;
        }
    }

    private ExpressionType Call(CallNode node)
    {
        if (node.Member && PathOf(node.Arguments[0]) is { } path && !IsLocal(node.Arguments[0])
            && FunctionTable.Known.TryGetValue($"{path}.{node.Function}", out var qualified)
            && (environment.MakesPatches || path != PatchTypes.Library))
        {
            node.Operands = node.Arguments[1..];
            return Resolve(node, $"{path}.{node.Function}", qualified.Where(overload => !overload.Member));
        }

        if (!FunctionTable.Known.TryGetValue(node.Function, out var overloads))
        {
            foreach (var argument in node.Arguments)
            {
                Check(argument);
            }

            issues.Add(node.Position, $"undeclared reference to '{node.Function}' (in container '')");
            return ExpressionType.Error;
        }

        return Resolve(node, node.Function, overloads.Where(overload => overload.Member == node.Member));
    }

    private ExpressionType Resolve(CallNode node, string name, IEnumerable<Overload> overloads)
    {
        _mixtures += name == "format" ? 1 : 0;
        var arguments = node.Operands.Select(Check).ToArray();
        _mixtures -= name == "format" ? 1 : 0;
        var fitting = ImmutableArray.CreateBuilder<Overload>();
        ExpressionType? result = null;
        foreach (var overload in overloads)
        {
            var bindings = new TypeBindings();
            if (overload.Parameters.Length == arguments.Length && bindings.Fits(overload.Parameters, arguments))
            {
                fitting.Add(overload);
                var answer = bindings.Resolve(overload.Result);
                result = result is null || result.ToString() == answer.ToString() ? answer : ExpressionType.Dyn;
            }
        }

        node.Overloads = fitting.ToImmutable();
        if (result is null)
        {
            var list = string.Join(", ", (node.Member && node.Operands.Length == node.Arguments.Length ? arguments[1..] : arguments).Select(type => type.ToString()));
            var signature = node.Member && node.Operands.Length == node.Arguments.Length ? $"{arguments[0]}.({list})" : $"({list})";
            issues.Add(node.Position, $"found no matching overload for '{name}' applied to '{signature}'");
            return ExpressionType.Error;
        }

        CheckLiterals(node, name);
        return name == "_+_" && arguments[0].ListSemantics != ListSemantics.Atomic && result.Kind == ExpressionKind.List
            ? result.As(arguments[0].ListSemantics, arguments[0].MapKeys)
            : result;
    }

    /// <summary>A pattern, a time or a duration that is written out is wrong from the start.</summary>
    private void CheckLiterals(CallNode node, string name)
    {
        var text = node.Operands is [.., LiteralNode { Value: string value }] ? value : null;
        switch (name)
        {
            case "matches" when text is not null && !LinearRegex.TryGet(text, out _, out var error):
                issues.Add(node.Operands[^1].Position, $"invalid matches argument: {error}");
                break;
            case "duration" when text is not null && !Times.TryParseDuration(text, out _):
                issues.Add(node.Operands[0].Position, "invalid duration argument");
                break;
            case "timestamp" when text is not null && !Times.TryParseTimestamp(text, out _):
                issues.Add(node.Operands[0].Position, "invalid timestamp argument");
                break;
        }
    }

    private ExpressionType Logic(LogicNode node)
    {
        foreach (var term in node.Terms)
        {
            if (!TypeBindings.IsAssignable(ExpressionType.Bool, Check(term)))
            {
                issues.Add(node.Position, $"found no matching overload for '{(node.IsAnd ? "_&&_" : "_||_")}' applied to '({string.Join(", ", node.Terms.Take(2).Select(Check))})'");
                return ExpressionType.Error;
            }
        }

        return ExpressionType.Bool;
    }

    private ExpressionType Conditional(ConditionalNode node)
    {
        var condition = Check(node.Condition);
        var (whenTrue, whenFalse) = (Check(node.WhenTrue), Check(node.WhenFalse));
        var bindings = new TypeBindings();
        var parameter = ExpressionType.Parameter("A");
        if (!bindings.Fits([ExpressionType.Bool, parameter, parameter], [condition, whenTrue, whenFalse]))
        {
            issues.Add(node.Position, $"found no matching overload for '_?_:_' applied to '({condition}, {whenTrue}, {whenFalse})'");
            return ExpressionType.Error;
        }

        return bindings.Resolve(parameter);
    }

    private ExpressionType List(ListNode node)
    {
        ExpressionType? joined = null;
        foreach (var (value, optional) in node.Items)
        {
            joined = Joined(joined, Element(value, optional), value.Position);
        }

        return ExpressionType.List(joined ?? ExpressionType.Free);
    }

    private ExpressionType Map(MapNode node)
    {
        ExpressionType? keys = null;
        ExpressionType? values = null;
        foreach (var (key, value, optional) in node.Entries)
        {
            keys = Joined(keys, Check(key), key.Position);
            values = Joined(values, Element(value, optional), value.Position);
        }

        return ExpressionType.Map(keys ?? ExpressionType.Free, values ?? ExpressionType.Free);
    }

    private ExpressionType Element(Node value, bool optional)
    {
        var type = Check(value);
        if (!optional || type.IsDyn)
        {
            return optional ? ExpressionType.Dyn : type;
        }

        if (type.Kind == ExpressionKind.Optional)
        {
            return type.Parameters[0];
        }

        issues.Add(value.Position, $"expected type 'optional_type({type})' but found '{type}'");
        return ExpressionType.Error;
    }

    /// <summary>Aggregates are of one type; whoever wants a mixture says dyn().</summary>
    private ExpressionType Joined(ExpressionType? sofar, ExpressionType next, int position)
    {
        if (sofar is null || TypeBindings.IsAssignable(sofar, next) || TypeBindings.IsAssignable(next, sofar))
        {
            return sofar is null ? next : TypeBindings.Join(sofar, next);
        }

        if (_mixtures == 0)
        {
            issues.Add(position, $"expected type '{sofar}' but found '{next}'");
        }

        return ExpressionType.Dyn;
    }

    private ExpressionType Iteration(IterationNode node)
    {
        var range = Check(node.Range);
        var (key, item) = range.Kind switch
        {
            ExpressionKind.List => (ExpressionType.Int, range.Parameters[0]),
            ExpressionKind.Map => (range.Parameters[0], range.Parameters[1]),
            ExpressionKind.Dyn or ExpressionKind.Error or ExpressionKind.Parameter => (ExpressionType.Dyn, ExpressionType.Dyn),
            _ => (ExpressionType.Error, ExpressionType.Error),
        };
        if (key.Kind == ExpressionKind.Error && range.Kind != ExpressionKind.Error)
        {
            issues.Add(node.Range.Position, $"expression of type '{range}' cannot be range of a comprehension (must be list, map, or dynamic)");
        }

        var first = node.Second is not null || range.Kind == ExpressionKind.Map ? key : item;
        _scope.Add((node.First, first));
        if (node.Second is not null)
        {
            _scope.Add((node.Second, item));
        }

        if (node.Filter is not null)
        {
            Expect(node.Filter, ExpressionType.Bool, "_?_:_");
        }

        var body = node.Macro is Macro.All or Macro.Exists or Macro.ExistsOne or Macro.Filter
            ? Expect(node.Body, ExpressionType.Bool, node.Macro == Macro.All ? "_&&_" : node.Macro == Macro.Exists ? "_||_" : "_?_:_")
            : Check(node.Body);
        _scope.RemoveRange(_scope.Count - (node.Second is null ? 1 : 2), node.Second is null ? 1 : 2);
        return node.Macro switch
        {
            Macro.All or Macro.Exists or Macro.ExistsOne => ExpressionType.Bool,
            Macro.Filter => ExpressionType.List(first),
            Macro.Map or Macro.TransformList => ExpressionType.List(body),
            Macro.SortBy => range,
            Macro.TransformMap => ExpressionType.Map(key, body),
            _ => body.Kind == ExpressionKind.Map ? body : ExpressionType.Map(ExpressionType.Dyn, ExpressionType.Dyn),
        };
    }

    private ExpressionType Message(MessageNode node)
    {
        var type = environment.MakesPatches ? PatchTypes.Find(node.Name) : null;
        if (type is null)
        {
            issues.Add(node.Position, $"undeclared reference to '{node.Name}' (in container '')");
        }

        foreach (var (position, name, part, optional) in node.Fields)
        {
            var value = Element(part, optional);
            if (type is null || type.IsOpen)
            {
                continue;
            }

            if (!type.Fields.TryGetValue(name, out var field))
            {
                issues.Add(position, $"undefined field '{name}'");
            }
            else if (!TypeBindings.IsAssignable(field.Type, value))
            {
                issues.Add(position, $"expected type of field '{name}' is '{field.Type}' but provided type is '{value}'");
            }
        }

        return type ?? ExpressionType.Error;
    }

    private ExpressionType Expect(Node node, ExpressionType expected, string function)
    {
        var type = Check(node);
        if (!TypeBindings.IsAssignable(expected, type))
        {
            issues.Add(node.Position, $"found no matching overload for '{function}' applied to '({expected}, {type})'");
        }

        return type;
    }

    private ExpressionType OptionalMap(OptionalMapNode node)
    {
        var target = Check(node.Target);
        if (!target.IsDyn && target.Kind != ExpressionKind.Optional)
        {
            issues.Add(node.Position, $"found no matching overload for '{(node.Flat ? "optFlatMap" : "optMap")}' applied to '{target}'");
            return ExpressionType.Error;
        }

        _scope.Add((node.Variable, target.Kind == ExpressionKind.Optional ? target.Parameters[0] : ExpressionType.Dyn));
        var body = Check(node.Body);
        _scope.RemoveAt(_scope.Count - 1);
        return !node.Flat ? ExpressionType.Optional(body) : body.Kind == ExpressionKind.Optional ? body : ExpressionType.Optional(ExpressionType.Dyn);
    }
}
