using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Errors;

/// <summary>Failures of a request rather than of an object, in upstream's words.</summary>
internal static class RequestStatuses
{
    public static readonly ApiStatus NoSuchPath = new(404, "NotFound", "the server could not find the requested resource");
    public static readonly ApiStatus MethodNotAllowed = new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    public static readonly ApiStatus Unauthorized = new(401, "Unauthorized", "Unauthorized");
    public static readonly ApiStatus TimedOut = new(504, "Timeout", "Timeout: request did not complete within the allotted timeout");

    public static ApiStatus TooLarge(long limit) => new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}");

    public static ApiStatus TooManyRequests(string why) => new(429, "TooManyRequests", why) { RetryAfterSeconds = 1 };

    public static ApiStatus NotAcceptable(string accepted) =>
        new(406, "NotAcceptable", $"only the following media types are accepted: {accepted}");

    public static ApiStatus UnsupportedMediaType(string accepted) =>
        new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}");

    public static ApiStatus RevisionTooLarge(Revision asked, Revision current) =>
        new(504, "Timeout", $"Timeout: Too large resource version: {asked}, current: {current}")
        {
            Causes = [new StatusCause("ResourceVersionTooLarge", "Too large resource version", "")],
            RetryAfterSeconds = 1,
        };

    /// <summary>Refuses options of a request, with everything that is wrong with them; does nothing when nothing is.</summary>
    /// <exception cref="ApiException">422.</exception>
    public static void ThrowInvalid(string optionsKind, ImmutableArray<StatusCause>.Builder causes)
    {
        if (causes.Count == 0)
        {
            return;
        }

        var details = causes.Select(cause => $"{cause.Field}: {cause.Message}").ToArray();
        var list = details.Length == 1 ? details[0] : $"[{string.Join(", ", details)}]";
        throw new ApiException(new ApiStatus(422, "Invalid", $"{optionsKind}.meta.k8s.io \"\" is invalid: {list}")
        {
            Group = "meta.k8s.io",
            Kind = optionsKind,
            Causes = causes.ToImmutable(),
        });
    }

    public static ApiStatus NotImplemented(string what) => new(501, "NotImplemented", what);
}
