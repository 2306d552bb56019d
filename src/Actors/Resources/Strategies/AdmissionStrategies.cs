using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Admission.Policies;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>Webhook configurations and admission policies: their expressions compile, or they are not stored.</summary>
internal sealed class ExpressionStrategy : ResourceStrategy
{
    public static readonly ResourceStrategy Webhooks = new ExpressionStrategy(PolicyExpressionChecks.Webhooks);
    public static readonly ResourceStrategy ValidatingPolicies = new ExpressionStrategy(PolicyExpressionChecks.Validating);
    public static readonly ResourceStrategy MutatingPolicies = new ExpressionStrategy(PolicyExpressionChecks.Mutating);

    private readonly Action<JsonObject, FieldErrors> _check;

    private ExpressionStrategy(Action<JsonObject, FieldErrors> check) => _check = check;

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource) =>
        DetachedStatusStrategy.Instance.PrepareForUpdate(obj, old, descriptor, subresource);

    public override void ValidateCreate(JsonObject obj, FieldErrors errors) => _check(obj, errors);

    /// <summary>What was stored once may stay, whatever is known better by now.</summary>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(obj["spec"], old["spec"]) || !JsonNode.DeepEquals(obj["webhooks"], old["webhooks"]))
        {
            _check(obj, errors);
        }
    }
}
