using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using Docker.DotNet;

namespace ActorOrchestrator.Host.Engine;

/// <content>Time limits, and Docker's errors as typed failures.</content>
public sealed partial class DockerEngine
{
    private Task Call(string act, Func<CancellationToken, Task> call, CancellationToken cancellation, TimeSpan? limit = null) =>
        Call(act, async token =>
        {
            await call(token);
            return true;
        }, cancellation, limit);

    private async Task<T> Call<T>(string act, Func<CancellationToken, Task<T>> call, CancellationToken cancellation, TimeSpan? limit = null)
    {
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timed.CancelAfter(limit ?? CallLimit);
        try
        {
            return await call(timed.Token);
        }
        catch (DockerApiException refused)
        {
            throw new EngineException(FailureOf(refused), Message(refused), refused);
        }
        catch (OperationCanceledException expired) when (!cancellation.IsCancellationRequested)
        {
            throw new EngineException(EngineFailure.Timeout, $"The engine at {Endpoint} did not {act} within {limit ?? CallLimit}.", expired);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or SocketException or TimeoutException)
        {
            throw new EngineException(EngineFailure.Unreachable, $"Cannot connect to the Docker daemon at {Endpoint}. Is the docker daemon running? ({Innermost(broken).Message})", broken);
        }
    }

    /// <summary>What is gone or stopped already needs no stopping or removing.</summary>
    private static async Task Gone(Task call)
    {
        try
        {
            await call;
        }
        catch (EngineException gone) when (gone.Failure == EngineFailure.NotFound)
        {
        }
        catch (EngineException done) when (done.Failure == EngineFailure.Conflict && done.Message.Contains("is not running", StringComparison.Ordinal))
        {
        }
    }

    private static EngineFailure FailureOf(DockerApiException refused) => refused.StatusCode switch
    {
        HttpStatusCode.NotFound => EngineFailure.NotFound,
        HttpStatusCode.Conflict => EngineFailure.Conflict,
        HttpStatusCode.ServiceUnavailable => EngineFailure.Unreachable,
        _ => EngineFailure.Refused,
    };

    private static string Message(DockerApiException refused)
    {
        if (string.IsNullOrWhiteSpace(refused.ResponseBody))
        {
            return refused.Message;
        }

        try
        {
            using var body = JsonDocument.Parse(refused.ResponseBody);
            return body.RootElement.TryGetProperty("message", out var message) ? message.GetString() ?? refused.Message : refused.ResponseBody;
        }
        catch (JsonException)
        {
            return refused.ResponseBody.Trim();
        }
    }

    private static Exception Innermost(Exception exception) => exception.GetBaseException();
}
