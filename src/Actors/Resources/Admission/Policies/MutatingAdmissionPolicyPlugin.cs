using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Actors.Resources.Admission.Metrics;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Actors.Resources.Expressions.Authorization;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <summary>
/// MutatingAdmissionPolicies (KEP-3962): every policy that a binding puts to use changes the requests that both are about, by the names of the policies and before
/// any webhook is called. A mutation sees what those before it made. A deletion has nothing to change.
/// </summary>
internal sealed class MutatingAdmissionPolicyPlugin(ICatalogSource catalog, Func<ClusterSnapshot, IExpressionAuthorizer> authorizers, AdmissionMetrics metrics) : IAdmissionPlugin
{
    private const string PluginName = "MutatingAdmissionPolicy";

    private readonly ConfigurationCache<MutatingPolicy> _policies = new(ResourceTypes.MutatingAdmissionPolicies, MutatingPolicy.Of);
    private readonly ConfigurationCache<PolicyBinding> _bindings = new(ResourceTypes.MutatingAdmissionPolicyBindings, PolicyBinding.Of);

    public bool JudgesConnections => true;

    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (request.Operation == AdmissionOperation.Delete)
        {
            return default;
        }

        var bindings = _bindings.Of(request.Snapshot);
        return bindings.IsEmpty || AdmissionSubject.IsExempt(request.Key.Type) ? default : MutateAsync(bindings, new AdmissionSubject(request, catalog), cancellation);
    }

    private async ValueTask<ApiStatus?> MutateAsync(ImmutableArray<PolicyBinding> bindings, AdmissionSubject subject, CancellationToken cancellation)
    {
        var request = subject.Request;
        var errors = new List<PolicyError>();
        var invocations = Invocations(bindings, subject, errors);
        if (invocations.Count > 0)
        {
            var memory = request.Reinvocation.Of(PluginName);
            memory.Enter(subject.Object);
            foreach (var invocation in invocations)
            {
                if (await InvokeAsync(invocation, subject, memory, errors, cancellation).ConfigureAwait(false) is { } refusal)
                {
                    return refusal;
                }
            }

            memory.Leave(subject.Object);
        }

        return Refuse(request.Key, errors);
    }

    /// <summary>Which policies, by which bindings and with which parameters; what is wrong with them is noted.</summary>
    private List<Invocation> Invocations(ImmutableArray<PolicyBinding> bindings, AdmissionSubject subject, List<PolicyError> errors)
    {
        var invocations = new List<Invocation>();
        foreach (var policy in _policies.Of(subject.Request.Snapshot))
        {
            if (!bindings.Any(binding => binding.PolicyName == policy.Name) || policy.Criteria.Match(subject) is not { } view)
            {
                continue;
            }

            foreach (var binding in bindings)
            {
                if (binding.PolicyName != policy.Name || (binding.Criteria is not null && binding.Criteria.Match(subject) is null))
                {
                    continue;
                }

                var (parameters, wrong) = PolicyParams.Collect(policy, binding, subject, catalog.Current);
                if (wrong is not null)
                {
                    errors.Add(new PolicyError(policy, binding, $"failed to configure binding: {wrong}", ""));
                }

                invocations.AddRange(parameters.Select(parameter => new Invocation(policy, binding, view, parameter)));
            }
        }

        return invocations;
    }

    private async ValueTask<ApiStatus?> InvokeAsync(
        Invocation invocation, AdmissionSubject subject, Reinvocation.Invocations memory, List<PolicyError> errors, CancellationToken cancellation)
    {
        var (policy, binding, view, parameter) = invocation;
        var request = subject.Request;
        var bindings = await BindAsync(subject, view, parameter, cancellation).ConfigureAwait(false);
        var asked = Stopwatch.GetTimestamp();
        var (holds, error) = policy.Conditions.Evaluate(bindings, cancellation);
        if (!policy.Conditions.IsEmpty)
        {
            metrics.ConditionsAsked(policy.Name, "policy", "validate", subject.Operation, asked, holds);
        }

        if (error is not null)
        {
            errors.Add(new PolicyError(policy, binding, error, "Invalid"));
        }

        var key = (policy.Name, binding.Name, parameter.Object("metadata").Text("namespace"), parameter.Object("metadata").Text("name"));
        if (holds != true || !memory.MayCall(key))
        {
            return null;
        }

        var changed = false;
        foreach (var mutation in policy.Mutations)
        {
            if (subject.Object is null)
            {
                break;
            }

            if (request.Operation == AdmissionOperation.Connect && !mutation.IsJsonPatch)
            {
                return ApiStatus.Unavailable(
                    $"Resource kind {view.ApiVersion}, Kind={request.OptionsKind} not found. There can be a delay between when CustomResourceDefinitions are created and when they are available.");
            }

            // Each mutation sees the object as it is by now, and so do the variables.
            bindings = await BindAsync(subject, view, parameter, cancellation).ConfigureAwait(false);
            var began = Stopwatch.GetTimestamp();
            var budget = new EvaluationBudget(EvaluationBudget.PerObject);
            bindings["variables"] = new PolicyVariables(policy.Variables, bindings, budget, cancellation);
            var (patched, wrong) = PolicyPatch.Make(mutation, bindings, budget, (JsonObject)bindings["object"]!, view, cancellation);
            metrics.MutationChecked(policy.Name, binding.Name, began, wrong);
            if (wrong is not null)
            {
                errors.Add(new PolicyError(policy, binding, wrong, "Invalid"));
                continue;
            }

            var (refusal, different) = await MutatedObject.TakeAsync(subject, view, patched!, $"policy '{policy.Name}' with binding '{binding.Name}'", cancellation).ConfigureAwait(false);
            if (refusal is not null)
            {
                return refusal;
            }

            changed |= different;
        }

        memory.Called(key, changed, policy.MayBeReinvoked);
        return null;
    }

    private async ValueTask<Dictionary<string, object?>> BindAsync(AdmissionSubject subject, ResourceDescriptor view, JsonObject? parameter, CancellationToken cancellation)
    {
        var obj = await subject.InVersionAsync(subject.Object, view, cancellation).ConfigureAwait(false);
        var old = await subject.InVersionAsync(subject.Old, view, cancellation).ConfigureAwait(false);
        var bindings = AdmissionExpressions.Bind(subject, view, obj, old, authorizers(subject.Request.Snapshot));
        bindings["params"] = parameter;
        return bindings;
    }

    private static ApiStatus? Refuse(ObjectKey key, List<PolicyError> errors)
    {
        var counted = errors.Where(error => !error.Policy.IgnoresFailure).ToArray();
        if (counted.Length == 0)
        {
            return null;
        }

        var refusal = ApiStatus.Forbidden(key, counted[0].Message);
        return refusal with
        {
            Message = counted[0].Message,
            Reason = counted[0].Reason.Length > 0 ? counted[0].Reason : refusal.Reason,
            Causes = [.. counted.Select(error => new StatusCause("", error.Message, ""))],
        };
    }

    private sealed record Invocation(MutatingPolicy Policy, PolicyBinding Binding, ResourceDescriptor View, JsonObject? Parameter);

    private sealed record PolicyError(MutatingPolicy Policy, PolicyBinding Binding, string Why, string Reason)
    {
        public string Message => $"policy '{Policy.Name}' with binding '{Binding.Name}' denied request: {Why}";
    }
}
