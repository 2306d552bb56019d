using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Errors;

/// <summary>Ends a request with a Status from deep inside reading it. What a handler itself finds is returned, not thrown.</summary>
internal sealed class ApiException(ApiStatus status) : Exception(status.Message)
{
    public ApiStatus Status { get; } = status;

    public static ApiException BadRequest(string message) => new(ApiStatus.BadRequest(message));
}
