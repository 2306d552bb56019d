using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <summary>A ValidatingAdmissionPolicyBinding or MutatingAdmissionPolicyBinding, read.</summary>
internal sealed class PolicyBinding
{
    private PolicyBinding(StoredObject stored)
    {
        var spec = stored.ToJson().Object("spec");
        Name = stored.Key.Name;
        PolicyName = spec.Text("policyName");
        Actions = [.. spec.Strings("validationActions")];
        ParamRef = spec.Object("paramRef");
        Criteria = spec.Object("matchResources") is { } resources ? new MatchCriteria(resources, "resourceRules", rulesAreOptional: true) : null;
    }

    public string Name { get; }
    public string PolicyName { get; }

    /// <summary>Deny, Warn, Audit; empty for one that mutates.</summary>
    public ImmutableArray<string> Actions { get; }

    public JsonObject? ParamRef { get; }

    /// <summary>Null when it adds nothing to the policy's own constraints.</summary>
    public MatchCriteria? Criteria { get; }

    public static PolicyBinding Of(StoredObject stored) => new(stored);
}
