using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Expressions;
using ActorOrchestrator.Actors.Resources.Expressions.Authorization;
using ActorOrchestrator.Contracts.Resources.Catalog;
using k8s.Models;

namespace ActorOrchestrator.Actors.Resources.Admission.Matching;

/// <summary>The variables of expressions in webhooks and policies.</summary>
internal static class AdmissionExpressions
{
    private static readonly ExpressionType KindType = Fields("kubernetes.GroupVersionKind", ("group", ExpressionType.String), ("version", ExpressionType.String), ("kind", ExpressionType.String));

    private static readonly ExpressionType ResourceType = Fields(
        "kubernetes.GroupVersionResource", ("group", ExpressionType.String), ("version", ExpressionType.String), ("resource", ExpressionType.String));

    private static readonly ExpressionType UserInfoType = Fields(
        "kubernetes.UserInfo",
        ("username", ExpressionType.String),
        ("uid", ExpressionType.String),
        ("groups", ExpressionType.List(ExpressionType.String)),
        ("extra", ExpressionType.Map(ExpressionType.String, ExpressionType.List(ExpressionType.String))));

    private static readonly ExpressionType RequestType = Fields(
        "kubernetes.AdmissionRequest",
        ("kind", KindType),
        ("resource", ResourceType),
        ("subResource", ExpressionType.String),
        ("requestKind", KindType),
        ("requestResource", ResourceType),
        ("requestSubResource", ExpressionType.String),
        ("name", ExpressionType.String),
        ("namespace", ExpressionType.String),
        ("operation", ExpressionType.String),
        ("userInfo", UserInfoType),
        ("dryRun", ExpressionType.Bool),
        ("options", ExpressionType.Dyn));

    /// <summary>For match conditions of webhooks.</summary>
    public static readonly ExpressionEnvironment Conditions = new(
        ("object", ExpressionType.Dyn),
        ("oldObject", ExpressionType.Dyn),
        ("request", RequestType),
        ("authorizer", ExpressionType.Authorizer),
        ("authorizer.requestResource", ExpressionType.ResourceCheck));

    /// <summary>For policies, which see the namespace too.</summary>
    public static readonly ExpressionEnvironment Policies = Conditions.With(("namespaceObject", ExpressionSchema.OfModel(typeof(V1Namespace))));

    /// <summary>The objects are read only when an expression asks for them.</summary>
    /// <param name="subject">The request.</param>
    /// <param name="view">The version in which it matched.</param>
    /// <param name="obj">The new object in that version; null for a deletion.</param>
    /// <param name="old">The old one; null for a creation.</param>
    /// <param name="authorizer">Who answers <c>authorizer</c>.</param>
    public static Dictionary<string, object?> Bind(AdmissionSubject subject, ResourceDescriptor view, JsonObject? obj, JsonObject? old, IExpressionAuthorizer authorizer)
    {
        var request = subject.Request;
        var asker = new AuthorizerValue(authorizer, request.Options.User);
        return new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["object"] = obj,
            ["oldObject"] = old,
            ["request"] = new Lazy<object?>(() => subject.Describe(view)),
            ["namespaceObject"] = new Lazy<object?>(() => subject.Namespace?.ToJson()),
            ["authorizer"] = asker,
            ["authorizer.requestResource"] = new ResourceCheckValue(asker, new AuthorizationQuestion(request.Options.User, "")
            {
                Group = subject.Requested.Group,
                Resource = subject.Requested.Plural,
                Subresource = request.Options.Subresource,
                Namespace = request.Key.Namespace,
                Name = request.Key.Name,
            }),
        };
    }

    private static ExpressionType Fields(string name, params (string Name, ExpressionType Type)[] fields) => ExpressionType.Object(
        name, () => fields.ToDictionary(field => field.Name, field => new ExpressionField(field.Name, field.Type), StringComparer.Ordinal));
}
