using System.Collections.Frozen;
using System.Collections.Immutable;
using ActorOrchestrator.Actors.Resources.Expressions.Checking;
using ActorOrchestrator.Actors.Resources.Expressions.Costs;
using ActorOrchestrator.Actors.Resources.Expressions.Syntax;
using ActorOrchestrator.Actors.Resources.Expressions.Values;

namespace ActorOrchestrator.Actors.Resources.Expressions;

/// <summary>
/// The Common Expression Language (https://github.com/google/cel-spec) as Kubernetes has it: the standard functions and macros, optional values,
/// two-variable comprehensions, and the libraries for lists, sets, strings, patterns, URLs, addresses, quantities, formats, versions and
/// authorization. Compile once, evaluate often; both are thread-safe and neither throws whatever the text and the objects are.
/// <code>
/// // Once, when the rule arrives. A type may come from a CRD's schema (ExpressionSchema.OfStructural), from a built-in kind
/// // (ExpressionSchema.OfModel), or be ExpressionType.Dyn.
/// var self = ExpressionSchema.OfStructural(schema, isResourceRoot: true);
/// var environment = new ExpressionEnvironment(("self", self), ("oldSelf", self));
/// var rule = Expression.Compile("self.spec.replicas &lt;= self.spec.maxReplicas", environment, ExpressionType.Bool);
/// if (rule.Error is { } error) { … }                       // "compilation failed: ERROR: &lt;input>:1:5: undefined field …"
///
/// // For each object. Bindings are JSON nodes, or values of .NET types (bool, long, string …), or a CelMap of one's own, or Lazy&lt;object?>.
/// var budget = new EvaluationBudget(EvaluationBudget.PerObject);
/// var answer = rule.Program!.Evaluate(new Dictionary&lt;string, object?> { ["self"] = tree, ["oldSelf"] = old }, budget);
/// if (answer.Error is { } reason) { … } else if (answer.Value is false) { … }
/// if (budget.Exhausted) { … EvaluationBudget.ExhaustedMessage … }
/// </code>
/// </summary>
public static class Expression
{
    /// <summary>Parses and checks.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="environment">The variables that it may name.</param>
    /// <param name="results">The types it may evaluate to; none means any.</param>
    public static CompiledExpression Compile(string text, ExpressionEnvironment environment, params ImmutableArray<ExpressionType> results)
    {
        var issues = new ExpressionIssues(text);
        try
        {
            var root = Parser.Parse(text);
            var type = new Checker(environment, issues).Check(root);
            if (issues.Any)
            {
                return new CompiledExpression(null, $"compilation failed: {issues}", type);
            }

            // What is dyn may turn out to be anything, so it is not of the type that is asked for.
            return results.IsDefaultOrEmpty || results.Any(result => result.ToString() == type.ToString())
                ? new CompiledExpression(new ExpressionProgram(root, environment.Types), null, type)
                : new CompiledExpression(null, $"must evaluate to {Wanted(results)} but got {Named(type)}", type);
        }
        catch (SyntaxException syntax)
        {
            issues.Add(syntax.Position, syntax.Message);
            return new CompiledExpression(null, $"compilation failed: {issues}", ExpressionType.Error);
        }
    }

    private static string Wanted(ImmutableArray<ExpressionType> results) =>
        results.Length == 1 ? Named(results[0]) : $"one of [{string.Join(" ", results.Select(Named))}]";

    private static string Named(ExpressionType type) => type.Kind == ExpressionKind.Null ? "null_type" : type.ToString();
}

/// <summary>The variables of a set of expressions. A name may have dots (<c>authorizer.requestResource</c>).</summary>
public sealed class ExpressionEnvironment(params IEnumerable<(string Name, ExpressionType Type)> variables)
{
    internal FrozenDictionary<string, ExpressionType> Types { get; } = variables.ToFrozenDictionary(v => v.Name, v => v.Type, StringComparer.Ordinal);

    /// <summary>Whether expressions may make patches: <c>Object{}</c>, <c>JSONPatch{}</c>, <c>jsonpatch.escapeKey</c>.</summary>
    internal bool MakesPatches { get; private init; }

    public ExpressionEnvironment With(params IEnumerable<(string Name, ExpressionType Type)> more) =>
        new(Types.Select(pair => (pair.Key, pair.Value)).Where(pair => more.All(other => other.Name != pair.Key)).Concat(more)) { MakesPatches = MakesPatches };

    public ExpressionEnvironment Without(string name) => new(Types.Where(pair => pair.Key != name).Select(pair => (pair.Key, pair.Value))) { MakesPatches = MakesPatches };

    /// <summary>The same variables for an expression that makes a patch.</summary>
    public ExpressionEnvironment ForPatches() => new(Types.Select(pair => (pair.Key, pair.Value))) { MakesPatches = true };
}

/// <param name="Program">Null when there is an error.</param>
/// <param name="Error">In upstream's words, with the place.</param>
/// <param name="Type">What it evaluates to.</param>
public sealed record CompiledExpression(ExpressionProgram? Program, string? Error, ExpressionType Type);

/// <param name="Value">Null, bool, long, ulong, double, string, DateTimeOffset, TimeSpan, a list or a map.</param>
/// <param name="Error">Why there is no value.</param>
public readonly record struct EvaluationResult(object? Value, string? Error)
{
    public bool Ok => Error is null;

    /// <summary>The value as JSON.</summary>
    public System.Text.Json.Nodes.JsonNode? ToJson() => JsonValues.Unwrap(Value);

    /// <summary>The value as a message shows it.</summary>
    public override string ToString() => Error ?? Values.Values.Display(Value);
}

/// <summary>A checked expression.</summary>
public sealed class ExpressionProgram
{
    private readonly Node _root;
    private readonly FrozenDictionary<string, ExpressionType> _variables;

    internal ExpressionProgram(Node root, FrozenDictionary<string, ExpressionType> variables)
    {
        _root = root;
        _variables = variables;
    }

    internal Node Root => _root;

    /// <summary>Whether the expression names a variable, at any place: for transition rules, which name <c>oldSelf</c>.</summary>
    public bool Mentions(string variable) => Names.In(_root).Contains(variable);

    /// <summary>The most that it may cost on a value that a schema allows, in upstream's units; the largest number when nothing bounds it.</summary>
    /// <param name="self">The type of <c>self</c>, with the bounds of its schema.</param>
    public ulong MostCost(ExpressionType? self) => CostEstimator.Most(this, self);

    /// <summary>Evaluates within the per-call limit, and takes what it cost from the budget.</summary>
    /// <exception cref="OperationCanceledException">The token ended a long evaluation.</exception>
    public EvaluationResult Evaluate(IReadOnlyDictionary<string, object?> bindings, EvaluationBudget? budget = null, CancellationToken cancellation = default)
    {
        var interpreter = new Interpreter(bindings, _variables, EvaluationBudget.PerCall, cancellation);
        try
        {
            return interpreter.Evaluate(_root) switch
            {
                Failure failure => new EvaluationResult(null, failure.Message),
                var value => new EvaluationResult(value, null),
            };
        }
        catch (CostExceededException exceeded)
        {
            return new EvaluationResult(null, exceeded.Message);
        }
        finally
        {
            budget?.Spend(interpreter.Cost);
        }
    }
}
