using System.Collections.Immutable;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>One cause of a failure: which field, what was wrong. Reasons are the API's: FieldValueRequired, FieldValueInvalid, …</summary>
public sealed record StatusCause(string Reason, string Message, string Field);

/// <summary>
/// A failure in the words of the Kubernetes API (<c>meta/v1 Status</c>). Reasons and codes follow
/// apimachinery's <c>api/errors</c>: what is expected to go wrong is a value, not an exception.
/// </summary>
public sealed record ApiStatus(int Code, string Reason, string Message)
{
    public string Kind { get; init; } = "";
    public string Group { get; init; } = "";
    public string Name { get; init; } = "";
    public string Uid { get; init; } = "";
    public ImmutableArray<StatusCause> Causes { get; init; } = [];
    public int? RetryAfterSeconds { get; init; }

    /// <summary>With an expired list: the token by which it goes on, inconsistently.</summary>
    public string Continue { get; init; } = "";

    /// <summary>What the decoder said, where a body is refused because it is no object of its kind; not sent.</summary>
    public string Decoding { get; init; } = "";

    public static ApiStatus BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiStatus Forbidden(ObjectKey key, string message) =>
        About(key, new ApiStatus(403, "Forbidden", $"{key.Type} \"{key.Name}\" is forbidden: {message}"));

    public static ApiStatus NotFound(ObjectKey key) =>
        About(key, new ApiStatus(404, "NotFound", $"{key.Type} \"{key.Name}\" not found"));

    public static ApiStatus AlreadyExists(ObjectKey key) =>
        About(key, new ApiStatus(409, "AlreadyExists", $"{key.Type} \"{key.Name}\" already exists"));

    public static ApiStatus Conflict(ObjectKey key, string message) =>
        About(key, new ApiStatus(409, "Conflict", $"Operation cannot be fulfilled on {key.Type} \"{key.Name}\": {message}"));

    public static ApiStatus StaleRevision(ObjectKey key) =>
        Conflict(key, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiStatus Gone(string message) => new(410, "Expired", message);

    /// <param name="key">The object that was refused.</param>
    /// <param name="kind">Its kind, which heads the message.</param>
    /// <param name="causes">At least one.</param>
    public static ApiStatus Invalid(ObjectKey key, string kind, ImmutableArray<StatusCause> causes)
    {
        var group = key.Type.Group.Length == 0 ? kind : $"{kind}.{key.Type.Group}";
        var details = causes.Select(cause => cause.Field.Length == 0 ? cause.Message : $"{cause.Field}: {cause.Message}").ToArray();
        var list = details.Length == 1 ? details[0] : $"[{string.Join(", ", details)}]";
        return About(key, new ApiStatus(422, "Invalid", $"{group} \"{key.Name}\" is invalid: {list}") { Causes = causes }) with { Kind = kind };
    }

    public static ApiStatus Unavailable(string message, int retryAfterSeconds = 1) =>
        new(503, "ServiceUnavailable", message) { RetryAfterSeconds = retryAfterSeconds };

    public static ApiStatus InternalError(string message) => new(500, "InternalError", $"Internal error occurred: {message}");

    /// <summary>The same of an object that was asked for under another group than the one it is stored in, as a few are.</summary>
    public ApiStatus Seen(ResourceType stored, string group)
    {
        if (group == stored.Group || Code is not (403 or 404 or 409) || Kind != stored.Plural || Group != stored.Group)
        {
            return this;
        }

        var seen = stored with { Group = group };
        return this with { Group = group, Message = Message.Replace($"{stored} \"{Name}\"", $"{seen} \"{Name}\"", StringComparison.Ordinal) };
    }

    private static ApiStatus About(ObjectKey key, ApiStatus status) =>
        status with { Group = key.Type.Group, Kind = key.Type.Plural, Name = key.Name };
}
