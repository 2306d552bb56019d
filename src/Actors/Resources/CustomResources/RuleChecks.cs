using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Actors.Resources.Expressions.Costs;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Actors.Resources.CustomResources;

/// <summary>Whether the rules of a definition compile, when the definition is written: nobody should find out by his first object.</summary>
internal static class RuleChecks
{
    public static IEnumerable<StatusCause> Check(JsonObject definition)
    {
        var versions = (definition.Object("spec").Array("versions") ?? []).OfType<JsonObject>().ToArray();
        var schemas = versions.Select(version => version.Object("schema").Object("openAPIV3Schema")).ToArray();

        // Upstream tells what all versions have alike at the place where its internal form has it.
        var alike = versions.All(version => JsonNode.DeepEquals(version["schema"], versions[0]["schema"]));
        for (var i = 0; i < schemas.Length; i++)
        {
            if (schemas[i] is { } source && StructuralSchema.Read(source) is { HasRules: true } schema)
            {
                var place = alike ? FieldPath.Of("spec", "validation") : FieldPath.Of("spec", "versions").Index(i).Field("schema");
                var budget = new RuleBudget();
                foreach (var cause in Check(schema, isResource: true, place.Field("openAPIV3Schema"), uncorrelatable: null, cardinality: 1, budget))
                {
                    yield return cause;
                }

                foreach (var cause in budget.Exceeded(place.Field("openAPIV3Schema")))
                {
                    yield return cause;
                }

                if (alike)
                {
                    yield break;
                }
            }
        }
    }

    /// <param name="schema">The place that is looked at.</param>
    /// <param name="isResource">A whole object.</param>
    /// <param name="path">Of the place.</param>
    /// <param name="uncorrelatable">The outermost place around it whose values have no past, such as an atomic list; null when there is none.</param>
    /// <param name="cardinality">How many such values an object has at the most, by the bounds of the lists and maps around it; null when one has none.</param>
    /// <param name="budget">Of the whole schema.</param>
    private static IEnumerable<StatusCause> Check(StructuralSchema schema, bool isResource, FieldPath path, FieldPath? uncorrelatable, ulong? cardinality, RuleBudget budget)
    {
        var compiled = schema.Rules.IsEmpty ? null : CompiledRules.Of(schema, isResource);
        var rules = compiled?.Rules ?? [];
        for (var i = 0; i < rules.Length; i++)
        {
            var (rule, place) = (rules[i], path.Field("x-kubernetes-validations").Index(i));
            var shown = schema.Source["x-kubernetes-validations"]![i]!.ToJsonString(ObjectWriter.Relaxed);
            foreach (var cause in budget.Charge(rule, compiled!.Self, cardinality ?? ExpressionSchema.MostInARequest(schema.Source), place))
            {
                yield return cause;
            }

            if (rule.Error is { } error)
            {
                yield return Invalid(place.Field("rule"), shown, error);
            }

            if (rule.MessageError is { } unclear)
            {
                yield return Invalid(place.Field("messageExpression"), shown, unclear);
            }

            if (rule.IsTransition && uncorrelatable is not null)
            {
                yield return Invalid(place.Field("rule"), Quoted(rule.Source.Rule), $"oldSelf cannot be used on the uncorrelatable portion of the schema within {uncorrelatable}");
            }
            else if (rule.Error is null && !rule.IsTransition && rule.Source.OptionalOldSelf is { } optional)
            {
                yield return Invalid(place.Field("optionalOldSelf"), optional ? "true" : "false", "may not be set if oldSelf is not used in rule");
            }
        }

        foreach (var cause in Below(schema, path, uncorrelatable, Times(cardinality, schema), budget))
        {
            yield return cause;
        }
    }

    private static IEnumerable<StatusCause> Below(StructuralSchema schema, FieldPath path, FieldPath? uncorrelatable, ulong? cardinality, RuleBudget budget)
    {
        foreach (var (name, property) in schema.Properties.Where(property => property.Value.HasRules))
        {
            foreach (var cause in Check(property, property.IsEmbeddedResource, path.Field("properties").Key(name), uncorrelatable, cardinality, budget))
            {
                yield return cause;
            }
        }

        if (schema.AdditionalProperties is { HasRules: true } values)
        {
            foreach (var cause in Check(values, values.IsEmbeddedResource, path.Field("additionalProperties"), uncorrelatable, cardinality, budget))
            {
                yield return cause;
            }
        }

        if (schema.Items is { HasRules: true } items)
        {
            foreach (var cause in Check(items, items.IsEmbeddedResource, path.Field("items"), uncorrelatable ?? (schema.ListType == "map" ? null : path), cardinality, budget))
            {
                yield return cause;
            }
        }
    }

    /// <summary>A list or map without a bound makes what is in it unbounded.</summary>
    private static ulong? Times(ulong? cardinality, StructuralSchema schema)
    {
        var most = schema switch
        {
            { Type: "array" } => schema.MaxItems,
            { Type: "object", AdditionalProperties: not null } => schema.MaxProperties,
            _ => 1,
        };
        return cardinality is { } around && most is { } bound ? SizeRange.Multiply(around, (ulong)Math.Max(bound, 0)) : null;
    }

    private static StatusCause Invalid(FieldPath place, string value, string detail) =>
        new("FieldValueInvalid", $"Invalid value: {value}: {detail}", place.ToString());

    private static string Quoted(string text) => JsonValue.Create(text).ToJsonString(ObjectWriter.Relaxed);
}
