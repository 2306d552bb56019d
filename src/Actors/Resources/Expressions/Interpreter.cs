using ActorOrchestrator.Actors.Resources.Expressions.Functions;
using ActorOrchestrator.Actors.Resources.Expressions.Syntax;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions;

/// <summary>One evaluation of a checked expression. Every step costs; at the limit it stops.</summary>
internal sealed class Interpreter(IReadOnlyDictionary<string, object?> bindings, IReadOnlyDictionary<string, ExpressionType> variables, long limit, CancellationToken cancellation)
{
    private const double ListCost = 10;
    private const double MapCost = 30;
    private const double MessageCost = 40;
    private const int CheckEvery = 100;

    private readonly Dictionary<string, object?> _read = new(StringComparer.Ordinal);
    private readonly List<(string Name, object? Value)> _scope = [];
    private double _cost;
    private int _turns;

    public long Cost => (long)Math.Min(_cost, long.MaxValue);

    public object? Evaluate(Node node) => node switch
    {
        LiteralNode literal => literal.Value,
        IdentifierNode identifier => Identifier(identifier),
        SelectNode select => Select(select),
        CallNode call => Call(call),
        LogicNode logic => Logic(logic),
        ConditionalNode conditional => Evaluate(conditional.Condition) switch
        {
            true => Evaluate(conditional.WhenTrue),
            false => Evaluate(conditional.WhenFalse),
            Failure failure => failure,
            _ => Failure.NoSuchOverload("_?_:_"),
        },
        ListNode list => List(list),
        MapNode map => Map(map),
        IterationNode iteration => Iterate(iteration),
        OptionalMapNode optional => OptionalMap(optional),
        MessageNode message => Message(message),
        _ => throw new InvalidOperationException($"There is no rule for {node.GetType().Name}."),
    };

    private void Spend(double cost)
    {
        _cost += cost;
        if (_cost > limit)
        {
            throw new CostExceededException();
        }
    }

    private object? Identifier(IdentifierNode node)
    {
        Spend(1);
        for (var i = _scope.Count - 1; i >= 0; i--)
        {
            if (_scope[i].Name == node.Name)
            {
                return _scope[i].Value;
            }
        }

        return node.Constant ?? Variable(node.Name);
    }

    /// <summary>JSON is wrapped as the variable's type says, once.</summary>
    private object? Variable(string name)
    {
        if (_read.TryGetValue(name, out var value))
        {
            return value;
        }

        if (!bindings.TryGetValue(name, out value))
        {
            return new Failure($"no such attribute(s): {name}");
        }

        value = value is Lazy<object?> lazy ? lazy.Value : value;
        return _read[name] = value is System.Text.Json.Nodes.JsonNode node ? JsonValues.Wrap(node, variables[name]) : value;
    }

    private object? Select(SelectNode node)
    {
        if (node.Qualified is not null)
        {
            return Identifier(node.Qualified);
        }

        var operand = Evaluate(node.Operand);
        if (operand is Failure)
        {
            return operand;
        }

        if (!node.Test)
        {
            Spend(1);
        }

        if (operand is OptionalValue or CelMap && (node.Optional || operand is OptionalValue))
        {
            var part = OptionalFunctions.Index(operand, node.Field);
            return node.Test ? part is OptionalValue { HasValue: true } : part;
        }

        if (operand is not CelMap map)
        {
            return node.Optional ? Failure.NoSuchOverload("_?._") : new Failure($"no such key: {node.Field}");
        }

        return node.Test ? map.Has(node.Field) : map.TryGet(node.Field, out var value) ? value : Failure.NoSuchKey(node.Field);
    }

    private object? Call(CallNode node)
    {
        var arguments = new object?[node.Operands.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Evaluate(node.Operands[i]);
            if (arguments[i] is Failure)
            {
                return arguments[i];
            }

            // The alternative to an optional is looked at only when it is needed.
            if (i == 0 && arguments is [OptionalValue { HasValue: true } some, _] && node.Function is "or" or "orValue" && node.Member)
            {
                Spend(1);
                return node.Function == "or" ? some : some.Value;
            }
        }

        foreach (var overload in node.Overloads)
        {
            if (overload.Fits(arguments))
            {
                // What an aggregate costs is known before it is made, the rest after.
                var result = overload.Apply(arguments);
                Spend(overload.Cost?.Invoke(arguments, result) ?? 1);
                return result;
            }
        }

        Spend(1);
        return Failure.NoSuchOverload(node.Function);
    }

    private object? Logic(LogicNode node)
    {
        object? failure = null;
        foreach (var term in node.Terms)
        {
            switch (Evaluate(term))
            {
                case bool value when value != node.IsAnd:
                    return value;
                case bool:
                    break;
                case var other:
                    failure ??= other as Failure ?? Failure.NoSuchOverload(node.IsAnd ? "_&&_" : "_||_");
                    break;
            }
        }

        return failure ?? node.IsAnd;
    }

    private object? List(ListNode node)
    {
        var items = new List<object?>(node.Items.Length);
        foreach (var (part, optional) in node.Items)
        {
            var value = Evaluate(part);
            if (value is Failure || (optional && value is not OptionalValue))
            {
                return value as Failure ?? new Failure($"cannot initialize optional list element from non-optional value {Values.Values.Display(value)}");
            }

            if (!optional)
            {
                items.Add(value);
            }
            else if (value is OptionalValue { HasValue: true } some)
            {
                items.Add(some.Value);
            }
        }

        Spend(ListCost);
        return new ValueList(items);
    }

    private object? Map(MapNode node)
    {
        var entries = new List<KeyValuePair<object, object?>>(node.Entries.Length);
        foreach (var (keyPart, valuePart, optional) in node.Entries)
        {
            var key = Evaluate(keyPart);
            var value = key is Failure ? key : Evaluate(valuePart);
            if (value is Failure)
            {
                return value;
            }

            if (key is not (bool or long or ulong or string))
            {
                return new Failure($"unsupported key type: {Values.Values.TypeOf(key)}");
            }

            if (optional)
            {
                if (value is not OptionalValue maybe)
                {
                    return new Failure($"cannot initialize optional entry '{Values.Values.Display(key)}' from non-optional value {Values.Values.Display(value)}");
                }

                if (!maybe.HasValue)
                {
                    continue;
                }

                value = maybe.Value;
            }

            entries.Add(KeyValuePair.Create(key, value));
        }

        Spend(MapCost);
        return new ValueMap(entries);
    }

    private object? Message(MessageNode node)
    {
        var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (_, name, part, optional) in node.Fields)
        {
            var value = Evaluate(part);
            if (value is Failure)
            {
                return value;
            }

            if (optional && value is not OptionalValue)
            {
                return new Failure($"cannot initialize optional entry '{name}' from non-optional value {Values.Values.Display(value)}");
            }

            if (!optional || value is OptionalValue { HasValue: true })
            {
                fields[name] = optional ? ((OptionalValue)value!).Value : value;
            }
        }

        Spend(MessageCost);
        return PatchTypes.Mistyped(node.Name, fields) ?? (object)new MessageValue(node.Name, fields);
    }

    private object? OptionalMap(OptionalMapNode node)
    {
        var target = Evaluate(node.Target);
        if (target is not OptionalValue { HasValue: true } some)
        {
            return target is OptionalValue or Failure ? target : Failure.NoSuchOverload(node.Flat ? "optFlatMap" : "optMap");
        }

        _scope.Add((node.Variable, some.Value));
        var body = Evaluate(node.Body);
        _scope.RemoveAt(_scope.Count - 1);
        return body is Failure ? body : !node.Flat ? OptionalValue.Of(body) : body is OptionalValue ? body : Failure.NoSuchOverload("optFlatMap");
    }

    private object? Iterate(IterationNode node)
    {
        var range = Evaluate(node.Range);
        if (range is not (CelList or CelMap))
        {
            return range as Failure ?? new Failure("got '" + Values.Values.TypeOf(range) + "', expected iterable type");
        }

        var fold = new Fold(node);
        foreach (var (first, second) in Steps(range, node.Second is not null))
        {
            if (++_turns % CheckEvery == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            Spend(node.Macro switch { Macro.All => 3, Macro.Exists => 4, _ => 1 });
            var depth = _scope.Count;
            _scope.Add((node.First, first));
            if (node.Second is not null)
            {
                _scope.Add((node.Second, second));
            }

            var kept = node.Filter is null ? true : Evaluate(node.Filter);
            var goesOn = kept is true
                ? fold.Take(first, Evaluate(node.Body))
                : kept is false || fold.Fail(kept as Failure ?? Failure.NoSuchOverload("_?_:_"));
            _scope.RemoveRange(depth, _scope.Count - depth);
            if (fold.Grew)
            {
                Spend(ListCost + 2);
            }

            if (!goesOn)
            {
                break;
            }
        }

        return fold.Result(range);
    }

    private static IEnumerable<(object? First, object? Second)> Steps(object range, bool two)
    {
        if (range is CelMap map)
        {
            foreach (var key in map.Keys)
            {
                yield return (key, two && map.TryGet(key, out var value) ? value : null);
            }

            yield break;
        }

        var list = (CelList)range;
        for (var i = 0; i < list.Count; i++)
        {
            yield return two ? ((long)i, list[i]) : (list[i], null);
        }
    }

    /// <summary>What a comprehension has come to so far.</summary>
    private sealed class Fold(IterationNode node)
    {
        private readonly List<object?> _items = [];
        private readonly Dictionary<object, object?> _entries = [];
        private long _count;
        private bool? _verdict;
        private Failure? _failure;

        public bool Grew { get; private set; }

        /// <summary>False when nothing that follows can matter.</summary>
        public bool Take(object? first, object? body)
        {
            Grew = false;
            switch (node.Macro)
            {
                case Macro.All or Macro.Exists:
                    if (body is bool verdict)
                    {
                        _verdict = verdict != (node.Macro == Macro.All) ? verdict : null;
                        return _verdict is null;
                    }

                    // A later item may still decide, whatever this one was.
                    _failure ??= body as Failure ?? Failure.NoSuchOverload("_&&_");
                    return true;
                case var _ when body is Failure failure:
                    return Fail(failure);
                case Macro.ExistsOne or Macro.Filter when body is not bool:
                    return Fail(Failure.NoSuchOverload("_?_:_"));
                case Macro.ExistsOne:
                    _count += body is true ? 1 : 0;
                    return true;
                case Macro.Filter:
                    Grew = body is true;
                    if (Grew)
                    {
                        _items.Add(first);
                    }

                    return true;
                case Macro.TransformMap:
                    Grew = true;
                    return Insert(first, body);
                case Macro.TransformMapEntry:
                    Grew = true;
                    return body is CelMap map ? map.Keys.All(key => Insert(key, map.TryGet(key, out var value) ? value : null)) : Fail(Failure.NoSuchOverload("cel.@mapInsert"));
                default:
                    Grew = true;
                    _items.Add(body);
                    return true;
            }
        }

        public bool Fail(Failure failure)
        {
            _failure = failure;
            return false;
        }

        public object? Result(object range) => node.Macro switch
        {
            Macro.All => _verdict ?? (object?)_failure ?? true,
            Macro.Exists => _verdict ?? (object?)_failure ?? false,
            _ when _failure is not null => _failure,
            Macro.ExistsOne => _count == 1,
            Macro.TransformMap or Macro.TransformMapEntry => new ValueMap(_entries),
            Macro.SortBy => range is CelList list ? ListFunctions.Sort(list, new ValueList(_items)) : Failure.NoSuchOverload("sortBy"),
            _ => new ValueList(_items),
        };

        private bool Insert(object? key, object? value) =>
            (key is not null && _entries.TryAdd(key, value)) || Fail(new Failure($"insert failed: key {Values.Values.Display(key)} already exists"));
    }
}
