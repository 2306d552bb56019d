using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Admission;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Access.Rbac;

/// <summary>
/// Nobody gives away what they do not have: whoever writes a role or binds one must hold its rules already, unless roles allow them to
/// <c>escalate</c> or to <c>bind</c> (upstream's policy-based registries of rbac).
/// </summary>
public sealed class RbacEscalation(RbacPolicySource policies) : IAdmissionPlugin
{
    private static readonly ImmutableArray<PolicyRule> Everything =
        [new PolicyRule { Verbs = ["*"], ApiGroups = ["*"], Resources = ["*"] }, new PolicyRule { Verbs = ["*"], NonResourceUrls = ["*"] }];

    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Admit(request));

    private ApiStatus? Admit(AdmissionRequest request)
    {
        var type = request.Key.Type;
        if (type.Group != AccessGroups.Rbac || request.Operation == AdmissionOperation.Delete)
        {
            return null;
        }

        var isBinding = type == ResourceTypes.RoleBindings || type == ResourceTypes.ClusterRoleBindings;
        if (isBinding && request.Old is { } before && !JsonNode.DeepEquals(before["roleRef"], request.Object["roleRef"]))
        {
            return ApiStatus.Invalid(request.Key, request.Descriptor.Kind, [new StatusCause("FieldValueInvalid", $"Invalid value: {request.Object["roleRef"]?.ToJsonString() ?? "null"}: cannot change roleRef", "roleRef")]);
        }

        if (request.Options.User.IsMaster || IsOnlyForCollection(request))
        {
            return null;
        }

        return isBinding ? AdmitBinding(request) : AdmitRole(request);
    }

    private ApiStatus? AdmitRole(AdmissionRequest request)
    {
        var user = request.Options.User;
        var policy = policies.Of(request.Snapshot);
        if (policy.Decide(user, RequestAttributes.Of("escalate", request.Key.Type, request.Key.Namespace, request.Key.Name)).IsAllowed)
        {
            return null;
        }

        if (RefuseRules(policy, user, request.Key.Namespace, PolicyRule.ReadAll(request.Object)) is { } why)
        {
            return ApiStatus.Forbidden(request.Key, why);
        }

        var aggregates = request.Object["aggregationRule"] is JsonObject || request.Old?["aggregationRule"] is JsonObject;
        return aggregates && RefuseRules(policy, user, "", Everything) is not null
            ? ApiStatus.Forbidden(request.Key, "must have cluster-admin privileges to use the aggregationRule")
            : null;
    }

    private ApiStatus? AdmitBinding(AdmissionRequest request)
    {
        var user = request.Options.User;
        var policy = policies.Of(request.Snapshot);
        var role = RoleReference.Read(request.Object);
        var key = role.KeyIn(request.Key.Namespace);
        if (policy.Decide(user, RequestAttributes.Of("bind", key.Type, request.Key.Namespace, role.Name)).IsAllowed)
        {
            return null;
        }

        if (RbacPolicy.RulesOf(request.Snapshot, role, request.Key.Namespace) is not { } rules)
        {
            return ApiStatus.NotFound(key);
        }

        return RefuseRules(policy, user, request.Key.Namespace, rules) is { } why ? ApiStatus.Forbidden(request.Key, why) : null;
    }

    /// <summary>Null when the user holds all of it.</summary>
    private static string? RefuseRules(RbacPolicy policy, UserInfo user, string @namespace, ImmutableArray<PolicyRule> rules)
    {
        var (owned, errors) = policy.RulesFor(user, @namespace);
        var missing = RuleCoverage.Missing(owned, rules);
        if (missing.IsEmpty)
        {
            return null;
        }

        var list = string.Join('\n', missing.Select(rule => rule.ToString()).Distinct().Order(StringComparer.Ordinal));
        var unresolved = errors.IsEmpty ? "" : $"; resolution errors: [{string.Join(", ", errors)}]";
        return $"user \"{user.Name}\" (groups={PolicyRule.Quoted(user.Groups)}) is attempting to grant RBAC permissions not currently held:\n{list}{unresolved}";
    }

    /// <summary>A change of owners or finalizers alone, as the garbage collector makes it, gives nothing away.</summary>
    private static bool IsOnlyForCollection(AdmissionRequest request) =>
        request.Old is not null && JsonNode.DeepEquals(Essence(request.Object), Essence(request.Old));

    private static JsonObject Essence(JsonObject obj)
    {
        var copy = obj.DeepClone().AsObject();
        var metadata = copy.Ensure("metadata");
        foreach (var field in (ReadOnlySpan<string>)["ownerReferences", "finalizers", "managedFields", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "generation"])
        {
            metadata.Remove(field);
        }

        return copy;
    }
}
