using System.Globalization;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Actors.Resources.Expressions.Costs;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Actors.Resources.CustomResources;

/// <summary>What the rules of a schema may cost, each and together, as upstream estimates it from the schema's bounds.</summary>
internal sealed class RuleBudget
{
    private const ulong PerExpression = 10_000_000;
    private const ulong PerDefinition = 100_000_000;
    private const int MostNamed = 4;

    private readonly List<(FieldPath Path, ulong Cost)> _dearest = [];
    private ulong _total;

    /// <param name="rule">A rule.</param>
    /// <param name="self">The type of the values that it judges.</param>
    /// <param name="cardinality">How many of them an object has at the most.</param>
    /// <param name="place">Of the rule.</param>
    public IEnumerable<StatusCause> Charge(CompiledRule rule, ExpressionType self, ulong cardinality, FieldPath place)
    {
        var cost = rule.Program is { } program ? SizeRange.Multiply(program.MostCost(self), cardinality) : 0;
        if (cost > PerExpression)
        {
            yield return Forbidden(place.Field("rule"), Text("estimated rule cost", cost, PerExpression));
        }

        Observe(place.Field("rule"), cost);
        if (rule.Message is { } message)
        {
            // A message is made once, for the first value that is refused.
            var shown = message.MostCost(self);
            if (shown > PerExpression)
            {
                yield return Forbidden(place.Field("messageExpression"), Text("estimated messageExpression cost", shown, PerExpression));
            }

            Observe(place.Field("messageExpression"), shown);
        }
    }

    public IEnumerable<StatusCause> Exceeded(FieldPath schema)
    {
        if (_total <= PerDefinition)
        {
            yield break;
        }

        foreach (var (path, _) in _dearest.OrderByDescending(item => item.Cost).Take(MostNamed))
        {
            yield return Forbidden(path, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema");
        }

        yield return Forbidden(schema, Text("x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema", _total, PerDefinition));
    }

    private void Observe(FieldPath path, ulong cost)
    {
        _total = SizeRange.Add(_total, cost);
        if (cost >= PerDefinition / 100)
        {
            _dearest.Add((path, cost));
        }
    }

    private static string Text(string what, ulong cost, ulong limit)
    {
        var factor = (double)cost / limit;
        var shown = factor > 100 ? "more than 100x"
            : factor < 1.5 ? factor.ToString("F6", CultureInfo.InvariantCulture) + "x"
            : factor.ToString("F1", CultureInfo.InvariantCulture) + "x";
        return $"{what} exceeds budget by factor of {shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
    }

    private static StatusCause Forbidden(FieldPath place, string detail) => new("FieldValueForbidden", $"Forbidden: {detail}", place.ToString());
}
