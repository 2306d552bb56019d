using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authorization;

/// <summary>What is asked for.</summary>
/// <param name="Verb">The API's verb, <c>get</c>, <c>list</c>, <c>watch</c>, <c>create</c> …</param>
/// <param name="Path">The resource; null for a path that is none.</param>
/// <param name="Url">The path itself.</param>
public readonly record struct RequestAttributes(string Verb, ApiPath? Path, string Url);

public enum AuthorizationDecision
{
    NoOpinion,
    Allow,
    Deny,
}

/// <summary>Tells whether a user may. Several stand in a row; the first that has an opinion decides, and without any the answer is no.</summary>
public interface IRequestAuthorizer
{
    AuthorizationDecision Authorize(UserInfo user, in RequestAttributes request);
}
