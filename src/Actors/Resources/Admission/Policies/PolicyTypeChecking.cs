using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <summary>
/// The expressions of a policy, checked with the types of the kinds that its rules name. What is wrong is a warning, because at run time objects have no
/// types. Rules with wildcards name no kind; kinds whose types are not known are left out.
/// </summary>
internal static class PolicyTypeChecking
{
    /// <summary>As many kinds as upstream looks at.</summary>
    private const int MaxKinds = 10;

    public static List<(string Field, string Warning)> Check(JsonObject? spec, ResourceCatalog catalog)
    {
        var kinds = KindsOf(spec.Object("matchConstraints"), catalog).DistinctBy(kind => (kind.ApiVersion, kind.Kind)).Take(MaxKinds).ToArray();
        var paramKind = spec.Object("paramKind");
        var paramType = paramKind is null ? null : catalog.FindKind(paramKind.Text("apiVersion"), paramKind.Text("kind")) is { } kind ? TypeOf(kind) : ExpressionType.Dyn;
        var environments = kinds.Select(item => (Kind: item, Expressions: new PolicyExpressions(spec, TypeOf(item), paramType))).ToArray();
        var warnings = new List<(string, string)>();
        Add("matchConditions", "expression", variables: false);
        Add("validations", "expression", variables: true);
        Add("validations", "messageExpression", variables: true);
        Add("auditAnnotations", "valueExpression", variables: true);
        return [.. warnings.OrderBy(item => item.Item1, StringComparer.Ordinal)];

        void Add(string list, string property, bool variables)
        {
            var items = spec.Array(list) ?? [];
            for (var i = 0; i < items.Count; i++)
            {
                if (items[i].Text(property) is { Length: > 0 } text && Explain(text, variables) is { Length: > 0 } warning)
                {
                    warnings.Add(($"spec.{list}[{i}].{property}", warning));
                }
            }
        }

        string Explain(string text, bool variables)
        {
            var explained = new StringBuilder();
            foreach (var (item, expressions) in environments)
            {
                if (Expression.Compile(text, variables ? expressions.Environment : expressions.WithoutVariables).Error is { } error)
                {
                    explained.Append(item.Group.Length == 0 ? item.Version : $"{item.Group}/{item.Version}").Append(", Kind=").Append(item.Kind).Append(": ")
                        .Append(error.Replace("compilation failed: ", "", StringComparison.Ordinal)).Append('\n');
                }
            }

            return explained.ToString();
        }
    }

    private static ExpressionType TypeOf(ResourceDescriptor kind) =>
        kind.Model is { } model ? ExpressionSchema.OfModel(model) : ExpressionType.Dyn;

    private static IEnumerable<ResourceDescriptor> KindsOf(JsonObject? constraints, ResourceCatalog catalog)
    {
        foreach (var rule in constraints.Array("resourceRules") ?? [])
        {
            foreach (var group in rule.Strings("apiGroups"))
            {
                foreach (var version in rule.Strings("apiVersions"))
                {
                    foreach (var resource in rule.Strings("resources"))
                    {
                        if (catalog.Find(group, version, resource) is { } kind)
                        {
                            yield return kind;
                        }
                    }
                }
            }
        }
    }
}
