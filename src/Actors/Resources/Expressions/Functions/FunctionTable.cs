using System.Collections.Frozen;
using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Resources.Expressions.Functions;

/// <summary>
/// Every function that an expression may call, by name. Signatures are written as text: <c>string::startsWith(string) -> bool</c> is a method,
/// <c>sets.contains(list(A), list(A)) -> bool</c> a function; capitals are type parameters.
/// </summary>
internal sealed class FunctionTable
{
    private readonly Dictionary<string, List<Overload>> _building = new(StringComparer.Ordinal);

    private FunctionTable()
    {
    }

    /// <summary>The standard library and Kubernetes' own.</summary>
    public static FrozenDictionary<string, ImmutableArray<Overload>> Known { get; } = Build();

    public void Add(string signature, Func<object?[], object?> apply, Func<object?[], object?, double>? cost = null)
    {
        var overload = new Signature(signature).Parse() with { Apply = apply, Cost = cost };
        if (!_building.TryGetValue(overload.Function, out var overloads))
        {
            _building[overload.Function] = overloads = [];
        }

        overloads.Add(overload);
    }

    private static FrozenDictionary<string, ImmutableArray<Overload>> Build()
    {
        var table = new FunctionTable();
        Operators.AddTo(table);
        Conversions.AddTo(table);
        TimeFunctions.AddTo(table);
        StringFunctions.AddTo(table);
        ListFunctions.AddTo(table);
        OptionalFunctions.AddTo(table);
        QuantityFunctions.AddTo(table);
        NetworkFunctions.AddTo(table);
        UrlFunctions.AddTo(table);
        FormatFunctions.AddTo(table);
        SemverFunctions.AddTo(table);
        AuthorizerFunctions.AddTo(table);
        PatchTypes.AddTo(table);
        return table._building.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToImmutableArray(), StringComparer.Ordinal);
    }

    private sealed class Signature(string text)
    {
        private static readonly FrozenDictionary<string, ExpressionType> Names = new Dictionary<string, ExpressionType>
        {
            ["dyn"] = ExpressionType.Dyn,
            ["null"] = ExpressionType.Null,
            ["bool"] = ExpressionType.Bool,
            ["int"] = ExpressionType.Int,
            ["uint"] = ExpressionType.Uint,
            ["double"] = ExpressionType.Double,
            ["string"] = ExpressionType.String,
            ["bytes"] = ExpressionType.Bytes,
            ["timestamp"] = ExpressionType.Timestamp,
            ["duration"] = ExpressionType.Duration,
            ["quantity"] = ExpressionType.Quantity,
            ["url"] = ExpressionType.Url,
            ["ip"] = ExpressionType.Ip,
            ["cidr"] = ExpressionType.Cidr,
            ["semver"] = ExpressionType.Semver,
            ["format"] = ExpressionType.Format,
            ["authorizer"] = ExpressionType.Authorizer,
            ["path"] = ExpressionType.PathCheck,
            ["group"] = ExpressionType.GroupCheck,
            ["resource"] = ExpressionType.ResourceCheck,
            ["decision"] = ExpressionType.Decision,
            ["A"] = ExpressionType.Parameter("A"),
            ["B"] = ExpressionType.Parameter("B"),
        }.ToFrozenDictionary(StringComparer.Ordinal);

        private int _at;

        public Overload Parse()
        {
            var parameters = ImmutableArray.CreateBuilder<ExpressionType>();
            var member = text.IndexOf("::", StringComparison.Ordinal) > 0;
            if (member)
            {
                parameters.Add(Type());
                _at += 2;
            }

            var open = text.IndexOf('(', _at);
            var name = text[_at..open];
            _at = open + 1;
            while (text[_at] != ')')
            {
                parameters.Add(Type());
                _at += text[_at] == ',' ? 2 : 0;
            }

            _at += ") -> ".Length;
            return new Overload(name, member, parameters.ToImmutable(), Type(), arguments => null, null);
        }

        private ExpressionType Type()
        {
            var start = _at;
            while (_at < text.Length && char.IsAsciiLetter(text[_at]))
            {
                _at++;
            }

            var name = text[start.._at];
            if (name is not ("list" or "map" or "optional" or "type"))
            {
                return Names[name];
            }

            _at++;
            var first = Type();
            var second = first;
            if (text[_at] == ',')
            {
                _at += 2;
                second = Type();
            }

            _at++;
            return name switch
            {
                "list" => ExpressionType.List(first),
                "map" => ExpressionType.Map(first, second),
                "optional" => ExpressionType.Optional(first),
                _ => ExpressionType.TypeOf(first),
            };
        }
    }
}
