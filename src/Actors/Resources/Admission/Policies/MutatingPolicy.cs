using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Actors.Resources.Expressions.Functions;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <param name="Text">The expression.</param>
/// <param name="IsJsonPatch">It makes a list of <c>JSONPatch</c>; otherwise an <c>Object</c> to be applied.</param>
internal sealed record PolicyMutation(string Text, CompiledExpression Compiled, bool IsJsonPatch);

/// <summary>A MutatingAdmissionPolicy, compiled.</summary>
internal sealed class MutatingPolicy : AdmissionPolicy
{
    private MutatingPolicy(StoredObject stored, JsonObject? spec)
        : base(stored, spec)
    {
        MayBeReinvoked = spec.Text("reinvocationPolicy") == "IfNeeded";
        Mutations = [.. (spec.Array("mutations") ?? []).Select(item => Read(item as JsonObject))];
    }

    public bool MayBeReinvoked { get; }
    public ImmutableArray<PolicyMutation> Mutations { get; }

    public static MutatingPolicy Of(StoredObject stored) => new(stored, stored.ToJson().Object("spec"));

    private PolicyMutation Read(JsonObject? mutation)
    {
        var isJsonPatch = mutation.Text("patchType") == "JSONPatch";
        var text = mutation.Object(isJsonPatch ? "jsonPatch" : "applyConfiguration").Text("expression");
        return new PolicyMutation(text, Expression.Compile(text, Expressions.Environment.ForPatches(), isJsonPatch ? PatchTypes.JsonPatches : PatchTypes.Object), isJsonPatch);
    }
}
