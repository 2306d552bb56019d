using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Admission.Metrics;
using ActorOrchestrator.Actors.Resources.Expressions.Authorization;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <summary>
/// ValidatingAdmissionPolicies (KEP-3488): every policy that a binding puts to use judges every request that both are about. What fails is denied, warned
/// about or noted for the audit log, as the binding says.
/// </summary>
internal sealed class ValidatingAdmissionPolicyPlugin(ICatalogSource catalog, Func<ClusterSnapshot, IExpressionAuthorizer> authorizers, AdmissionMetrics metrics) : IAdmissionPlugin
{
    private const string AuditKey = "validation.policy.admission.k8s.io/validation_failure";

    private readonly ConfigurationCache<ValidatingPolicy> _policies = new(ResourceTypes.ValidatingAdmissionPolicies, ValidatingPolicy.Of);
    private readonly ConfigurationCache<PolicyBinding> _bindings = new(ResourceTypes.ValidatingAdmissionPolicyBindings, PolicyBinding.Of);

    public bool JudgesConnections => true;

    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        var bindings = _bindings.Of(request.Snapshot);
        return bindings.IsEmpty || AdmissionSubject.IsExempt(request.Key.Type) ? default : JudgeAsync(bindings, new AdmissionSubject(request, catalog), cancellation);
    }

    private async ValueTask<ApiStatus?> JudgeAsync(ImmutableArray<PolicyBinding> bindings, AdmissionSubject subject, CancellationToken cancellation)
    {
        var request = subject.Request;
        ApiStatus? refusal = null;
        var noted = new JsonArray();
        foreach (var policy in _policies.Of(request.Snapshot))
        {
            if (!bindings.Any(binding => binding.PolicyName == policy.Name) || policy.Criteria.Match(subject) is not { } view)
            {
                continue;
            }

            foreach (var binding in bindings)
            {
                if (binding.PolicyName == policy.Name && (binding.Criteria is null || binding.Criteria.Match(subject) is not null))
                {
                    refusal = await ApplyAsync(policy, binding, subject, view, noted, cancellation).ConfigureAwait(false) is { } denied ? refusal ?? denied : refusal;
                }
            }
        }

        if (noted.Count > 0)
        {
            request.Options.Observer?.Annotate(AuditKey, noted.ToJsonString());
        }

        return refusal;
    }

    private async ValueTask<ApiStatus?> ApplyAsync(
        ValidatingPolicy policy, PolicyBinding binding, AdmissionSubject subject, ResourceDescriptor view, JsonArray noted, CancellationToken cancellation)
    {
        var request = subject.Request;
        var (parameters, wrong) = PolicyParams.Collect(policy, binding, subject, catalog.Current);
        if (wrong is not null)
        {
            return policy.IgnoresFailure ? null : Denied(request.Key, policy, binding, new PolicyFailure($"failed to configure binding: {wrong}", "Invalid", null));
        }

        ApiStatus? refusal = null;
        foreach (var parameter in parameters)
        {
            var (failures, annotations) = await PolicyEvaluation.EvaluateAsync(policy, subject, view, parameter, authorizers(request.Snapshot), metrics, cancellation).ConfigureAwait(false);
            foreach (var failure in failures)
            {
                foreach (var action in binding.Actions)
                {
                    metrics.ValidationChecked(policy.Name, binding.Name, action.ToLowerInvariant(), failure.Elapsed, failure.Error);
                    switch (action)
                    {
                        case "Deny":
                            refusal ??= Denied(request.Key, policy, binding, failure);
                            break;
                        case "Warn":
                            request.Options.Observer?.Warn($"Validation failed for ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}': {failure.Message}");
                            break;
                        case "Audit":
                            noted.Add(Note(policy, binding, failure));
                            break;
                    }
                }
            }

            foreach (var (key, value) in annotations)
            {
                request.Options.Observer?.Annotate(key, value);
            }
        }

        return refusal;
    }

    private static JsonObject Note(ValidatingPolicy policy, PolicyBinding binding, PolicyFailure failure) => new()
    {
        ["message"] = failure.Message,
        ["policy"] = policy.Name,
        ["binding"] = binding.Name,
        ["expressionIndex"] = failure.Index ?? 0,
        ["validationActions"] = new JsonArray([.. binding.Actions.Select(action => (JsonNode)JsonValue.Create(action))]),
    };

    private static ApiStatus Denied(ObjectKey key, ValidatingPolicy policy, PolicyBinding binding, PolicyFailure failure)
    {
        var refusal = ApiStatus.Forbidden(key, $"ValidatingAdmissionPolicy '{policy.Name}' with binding '{binding.Name}' denied request: {failure.Message}");
        return refusal with
        {
            Reason = failure.Reason,
            Code = failure.Reason switch { "Unauthorized" => 401, "Forbidden" => 403, "RequestEntityTooLarge" => 413, _ => 422 },
            Causes = [new StatusCause("", failure.Message, "")],
        };
    }
}
