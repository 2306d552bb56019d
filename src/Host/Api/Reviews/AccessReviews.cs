using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access;
using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Authorization;

namespace ActorOrchestrator.Host.Api.Reviews;

/// <summary>Who may do what: the answers come from the same authorizers that judge requests.</summary>
internal sealed class AccessReviews(RequestAuthorization authorization, IClusterReader reader, RbacPolicySource policies)
{
    /// <param name="review">A SubjectAccessReview, or one of its local and self forms.</param>
    /// <param name="kind">Which.</param>
    /// <param name="namespace">Of the URL, for a LocalSubjectAccessReview.</param>
    /// <param name="self">Who asks about themselves; null when the review names somebody.</param>
    public ApiStatus? Review(JsonObject review, ResourceDescriptor kind, string @namespace, UserInfo? self)
    {
        var spec = review.Ensure("spec");
        var (resource, path) = (spec.Object("resourceAttributes"), spec.Object("nonResourceAttributes"));
        var errors = new FieldErrors();
        Validate(review, kind, @namespace, resource, path, spec, self is null, errors);
        if (errors.Any)
        {
            return ApiStatus.Invalid(new ObjectKey(kind.Type, "", ""), kind.Kind, errors.Causes);
        }

        var user = self ?? UserOf(spec);
        var attributes = resource is not null ? AttributesOf(resource) : RequestAttributes.OfUrl(JsonNodes.Text(path, "verb"), JsonNodes.Text(path, "path"));
        var decision = authorization.Decide(user, attributes);
        var status = new JsonObject { ["allowed"] = decision.IsAllowed };
        if (decision.Verdict == AccessVerdict.Deny)
        {
            status["denied"] = true;
        }

        if (decision.Reason.Length > 0)
        {
            status["reason"] = decision.Reason;
        }

        review.Ensure("metadata");
        review["status"] = status;
        return null;
    }

    public ApiStatus? ReviewRules(JsonObject review, UserInfo user)
    {
        var @namespace = JsonNodes.Text(review.Object("spec"), "namespace");
        if (@namespace.Length == 0)
        {
            return ApiStatus.BadRequest("no namespace on request");
        }

        var (rules, errors) = policies.Of(reader.Current).RulesFor(user, @namespace);
        if (user.IsMaster)
        {
            rules = [new PolicyRule { Verbs = ["*"], ApiGroups = ["*"], Resources = ["*"] }, new PolicyRule { Verbs = ["*"], NonResourceUrls = ["*"] }, .. rules];
        }

        if (user.NodeName is not null)
        {
            errors = errors.Add("node authorizer does not support user rule resolution");
        }

        var status = new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. rules.Where(rule => !rule.Resources.IsEmpty).Select(rule => (rule with { NonResourceUrls = [] }).ToJson())]),
            ["nonResourceRules"] = new JsonArray([.. rules.Where(rule => !rule.NonResourceUrls.IsEmpty).Select(rule => new PolicyRule { Verbs = rule.Verbs, NonResourceUrls = rule.NonResourceUrls }.ToJson())]),
            ["incomplete"] = !errors.IsEmpty,
        };
        if (!errors.IsEmpty)
        {
            status["evaluationError"] = errors.Length == 1 ? errors[0] : $"[{string.Join(", ", errors)}]";
        }

        review.Ensure("metadata");
        review["status"] = status;
        return null;
    }

    private static void Validate(
        JsonObject review, ResourceDescriptor kind, string @namespace, JsonObject? resource, JsonObject? path, JsonObject spec, bool namesUser, FieldErrors errors)
    {
        if (resource is not null && path is not null)
        {
            errors.InvalidValue("spec.nonResourceAttributes", path.ToJsonString(), "cannot be specified in combination with resourceAttributes");
        }

        if (resource is null && path is null)
        {
            errors.InvalidValue("spec.resourceAttributes", "null", "exactly one of nonResourceAttributes or resourceAttributes must be specified");
        }

        if (namesUser && JsonNodes.Text(spec, "user").Length == 0 && JsonNodes.Strings(spec, "groups").Count == 0)
        {
            errors.Invalid("spec.user", "", "at least one of user or group must be specified");
        }

        var metadata = review.Object("metadata");
        if (kind.Namespaced)
        {
            if (resource is not null && JsonNodes.Text(resource, "namespace") != @namespace)
            {
                errors.Invalid("spec.resourceAttributes.namespace", JsonNodes.Text(resource, "namespace"), "must match metadata.namespace");
            }

            if (path is not null)
            {
                errors.InvalidValue("spec.nonResourceAttributes", path.ToJsonString(), "disallowed on this kind of request");
            }
        }

        foreach (var (name, value) in metadata ?? [])
        {
            if (value is not null && name is not ("creationTimestamp" or "managedFields") && !(kind.Namespaced && name == "namespace") && value.ToJsonString() is not ("\"\"" or "{}" or "[]"))
            {
                errors.InvalidValue("metadata", metadata!.ToJsonString(), "must be empty");
                break;
            }
        }
    }

    private static UserInfo UserOf(JsonObject spec) => new(JsonNodes.Text(spec, "user"), [.. JsonNodes.Strings(spec, "groups")])
    {
        Uid = JsonNodes.Text(spec, "uid"),
        Extra = (spec.Object("extra") ?? []).ToImmutableDictionary(pair => pair.Key.ToLowerInvariant(), pair => JsonNodes.Strings(spec.Object("extra"), pair.Key).ToImmutableArray(), StringComparer.Ordinal),
    };

    private static RequestAttributes AttributesOf(JsonObject resource) => RequestAttributes.Of(
        JsonNodes.Text(resource, "verb"),
        new ResourceType(JsonNodes.Text(resource, "group"), JsonNodes.Text(resource, "resource")),
        JsonNodes.Text(resource, "namespace"),
        JsonNodes.Text(resource, "name"),
        JsonNodes.Text(resource, "subresource"),
        JsonNodes.Text(resource, "version"));
}
