using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>A patch that cannot be applied, in the API's words. Thrown deep inside a document and turned into a refusal where the patch is applied.</summary>
public sealed class PatchException(ApiStatus status) : Exception(status.Message)
{
    public ApiStatus Status { get; } = status;

    /// <summary>A <c>test</c> operation found something else.</summary>
    public bool IsFailedTest { get; private init; }

    public static PatchException FailedTest(string why) => new(Unprocessable(why).Status) { IsFailedTest = true };

    /// <summary>The patch itself is malformed (400).</summary>
    public static PatchException Malformed(string message) => new(ApiStatus.BadRequest(message));

    /// <summary>The patch is well formed but does not fit the object (422).</summary>
    public static PatchException Unprocessable(string why) =>
        new(new ApiStatus(422, "Invalid", "the server rejected our request due to an error in our request")
        {
            Causes = [new StatusCause("UnexpectedServerResponse", why, "")],
        });
}
