using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <summary>What validating and mutating policies have in common, compiled.</summary>
internal abstract class AdmissionPolicy
{
    protected AdmissionPolicy(StoredObject stored, JsonObject? spec)
    {
        Name = stored.Key.Name;
        IgnoresFailure = spec.Text("failurePolicy") == "Ignore";
        ParamApiVersion = spec.Object("paramKind").Text("apiVersion");
        ParamKind = spec.Object("paramKind").Text("kind");
        Criteria = new MatchCriteria(spec.Object("matchConstraints"), "resourceRules");
        Expressions = new PolicyExpressions(spec, ExpressionType.Dyn, ParamKind.Length > 0 ? ExpressionType.Dyn : null);
        Conditions = new MatchConditions(spec.Array("matchConditions"), Expressions.WithoutVariables);
    }

    public string Name { get; }
    public bool IgnoresFailure { get; }
    public string ParamApiVersion { get; }

    /// <summary>Empty when it takes none.</summary>
    public string ParamKind { get; }

    public MatchCriteria Criteria { get; }
    public MatchConditions Conditions { get; }
    public ImmutableArray<PolicyVariable> Variables => Expressions.Variables;

    protected PolicyExpressions Expressions { get; }
}
