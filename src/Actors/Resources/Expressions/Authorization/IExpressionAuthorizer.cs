using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Expressions.Authorization;

/// <summary>What an expression's <c>authorizer</c> asks. Either a path or a resource.</summary>
/// <param name="User">Of whom.</param>
/// <param name="Verb">What they want to do.</param>
public sealed record AuthorizationQuestion(UserInfo User, string Verb)
{
    /// <summary>A non-resource path; empty for a resource.</summary>
    public string Path { get; init; } = "";
    public string Group { get; init; } = "";
    public string Resource { get; init; } = "";
    public string Subresource { get; init; } = "";
    public string Namespace { get; init; } = "";
    public string Name { get; init; } = "";
    public string FieldSelector { get; init; } = "";
    public string LabelSelector { get; init; } = "";
}

/// <param name="Allowed">Yes; everything else is no.</param>
/// <param name="Reason">Why.</param>
/// <param name="Error">What went wrong while deciding; empty when nothing did.</param>
public sealed record AuthorizationAnswer(bool Allowed, string Reason, string Error = "");

/// <summary>The authorizer of the API as expressions see it. It must answer at once, from what is in memory.</summary>
public interface IExpressionAuthorizer
{
    AuthorizationAnswer Authorize(AuthorizationQuestion question);
}

/// <summary>Where no authorizer was given, nothing is allowed.</summary>
public sealed class DenyAllAuthorizer : IExpressionAuthorizer
{
    public static readonly DenyAllAuthorizer Instance = new();

    public AuthorizationAnswer Authorize(AuthorizationQuestion question) => new(false, "no authorizer is configured");
}

/// <summary>The value of the variable <c>authorizer</c>.</summary>
public sealed record AuthorizerValue(IExpressionAuthorizer Authorizer, UserInfo User);

internal sealed record PathCheckValue(AuthorizerValue Authorizer, string Path);

internal sealed record GroupCheckValue(AuthorizerValue Authorizer, string Group);

/// <summary>The value of the variable <c>authorizer.requestResource</c>, and what a chain of <c>resource(…).namespace(…)</c> makes.</summary>
public sealed record ResourceCheckValue(AuthorizerValue Authorizer, AuthorizationQuestion Question);

internal sealed record DecisionValue(AuthorizationAnswer Answer);

internal static class ServiceAccounts
{
    public static UserInfo User(string @namespace, string name) => new(
        $"system:serviceaccount:{@namespace}:{name}",
        ImmutableArray.Create("system:serviceaccounts", $"system:serviceaccounts:{@namespace}", "system:authenticated"));
}
