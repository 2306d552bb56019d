using System.Collections.Immutable;
using System.Globalization;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using Docker.DotNet;
using Docker.DotNet.Models;
using ContainerSpec = ActorOrchestrator.Actors.NodeAgent.Containers.ContainerSpec;

namespace ActorOrchestrator.Host.Engine;

/// <summary>
/// Docker behind the port: one shared client, a time limit on every call that is not a stream, failures by their kind. Starts are
/// limited to as many at once as the engine can use, because more only make each of them slower.
/// </summary>
public sealed partial class DockerEngine : IContainerEngine, NodeEndpoint.Sessions.IContainerSessions, IDisposable
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PullLimit = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan RemovalPoll = TimeSpan.FromMilliseconds(20);
    private readonly DockerClient _client;
    private readonly SemaphoreSlim _starts;

    /// <param name="endpoint">Such as <c>unix:///var/run/docker.sock</c>.</param>
    /// <param name="parallelStarts">How many containers may be starting at once; 0 for three times the processors of this machine: fewer leave them idle while one waits for the disk.</param>
    public DockerEngine(Uri endpoint, int parallelStarts = 0)
    {
        Endpoint = endpoint;
        _client = new DockerClientBuilder().WithEndpoint(endpoint).WithTimeout(Timeout.InfiniteTimeSpan).Build();
        _starts = new SemaphoreSlim(parallelStarts > 0 ? parallelStarts : 3 * Environment.ProcessorCount);
    }

    public Uri Endpoint { get; }

    public void Dispose()
    {
        _client.Dispose();
        _starts.Dispose();
    }

    public Task<EngineInfo> InfoAsync(CancellationToken cancellation = default) => Call("read the engine's info", async limit =>
    {
        var info = await _client.System.GetSystemInfoAsync(limit);
        var architecture = info.Architecture switch { "x86_64" => "amd64", "aarch64" => "arm64", var other => other };
        return new EngineInfo(info.ServerVersion, architecture, info.OperatingSystem, info.KernelVersion, (int)info.NCPU, info.MemTotal, info.DockerRootDir);
    }, cancellation);

    public Task<string> CreateAsync(ContainerSpec spec, CancellationToken cancellation = default) => Call($"create container {spec.Name}", async limit =>
    {
        try
        {
            return (await _client.Containers.CreateContainerAsync(DockerParameters.Of(spec), limit)).ID;
        }
        catch (DockerApiException refused) when (refused.StatusCode == System.Net.HttpStatusCode.NotFound && Message(refused).Contains("No such image", StringComparison.OrdinalIgnoreCase))
        {
            throw new EngineException(EngineFailure.ImageNotFound, Message(refused), refused);
        }
    }, cancellation);

    public async Task StartAsync(string id, CancellationToken cancellation = default)
    {
        await _starts.WaitAsync(cancellation);
        try
        {
            await Call($"start container {id}", limit => _client.Containers.StartContainerAsync(id, new ContainerStartParameters(), limit), cancellation);
        }
        finally
        {
            _starts.Release();
        }
    }

    public Task StopAsync(string id, TimeSpan grace, CancellationToken cancellation = default) => Gone(Call($"stop container {id}", limit =>
        _client.Containers.StopContainerAsync(id, new ContainerStopParameters { WaitBeforeKillSeconds = (uint)Math.Ceiling(grace.TotalSeconds) }, limit), cancellation, CallLimit + grace));

    public Task KillAsync(string id, string signal, CancellationToken cancellation = default) => Gone(Call($"kill container {id}", limit =>
        _client.Containers.KillContainerAsync(id, new ContainerKillParameters { Signal = signal }, limit), cancellation));

    public async Task RemoveAsync(string id, CancellationToken cancellation = default)
    {
        try
        {
            await Gone(Call($"remove container {id}", limit =>
                _client.Containers.RemoveContainerAsync(id, new ContainerRemoveParameters { Force = true, RemoveVolumes = true }, limit), cancellation));
        }
        catch (EngineException busy) when (busy.Failure == EngineFailure.Conflict && busy.Message.Contains("already in progress", StringComparison.Ordinal))
        {
            // Somebody else removes it just now; who asks us wants to know when it is gone.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(CallLimit);
            while (await InspectAsync(id, limit.Token) is not null)
            {
                await Task.Delay(RemovalPoll, limit.Token);
            }
        }
    }

    public async Task<EngineContainer?> InspectAsync(string idOrName, CancellationToken cancellation = default)
    {
        try
        {
            return await Call($"inspect container {idOrName}", async limit => DockerParameters.Read(await _client.Containers.InspectContainerAsync(idOrName, limit)), cancellation);
        }
        catch (EngineException missing) when (missing.Failure == EngineFailure.NotFound)
        {
            return null;
        }
    }

    public Task<ImmutableArray<EngineContainer>> ListAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation = default) => Call("list containers", async limit =>
    {
        var listed = await _client.Containers.ListContainersAsync(new ContainersListParameters { All = true, Filters = LabelFilter(labels) }, limit);
        return listed.Select(DockerParameters.Read).ToImmutableArray();
    }, cancellation);

    public async Task CopyLogsAsync(string id, LogRequest request, Stream destination, CancellationToken cancellation = default)
    {
        var parameters = new ContainerLogsParameters
        {
            ShowStdout = true,
            ShowStderr = true,
            Follow = request.Follow,
            Timestamps = request.Timestamps,
            Tail = request.Tail?.ToString(CultureInfo.InvariantCulture) ?? "all",
            Since = request.Since is { } since ? UnixTime(since) : null,
        };
        using var stream = await Call($"read the logs of container {id}", limit => _client.Containers.GetContainerLogsAsync(id, parameters, limit), cancellation, Timeout.InfiniteTimeSpan);
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var read = await stream.ReadOutputAsync(buffer, 0, buffer.Length, cancellation);
            if (read.EOF)
            {
                return;
            }

            await destination.WriteAsync(buffer.AsMemory(0, read.Count), cancellation);
            await destination.FlushAsync(cancellation);
        }
    }

    public Task<ExecOutcome> ExecAsync(string id, IReadOnlyList<string> command, CancellationToken cancellation = default) => Call($"exec in container {id}", async limit =>
    {
        var exec = await _client.Exec.CreateContainerExecAsync(id, new ContainerExecCreateParameters { AttachStdout = true, AttachStderr = true, Cmd = [.. command] }, limit);
        using var stream = await _client.Exec.StartContainerExecAsync(exec.ID, new ContainerExecStartParameters(), limit);
        var output = new MemoryStream();
        var buffer = new byte[4096];
        while (await stream.ReadOutputAsync(buffer, 0, buffer.Length, limit) is { EOF: false } read)
        {
            output.Write(buffer, 0, (int)Math.Min(read.Count, OutputLimit - output.Length));
        }

        var ended = await _client.Exec.InspectContainerExecAsync(exec.ID, limit);
        return new ExecOutcome((int)(ended.ExitCode ?? 0), System.Text.Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)output.Length));
    }, cancellation);

    private const long OutputLimit = 10 * 1024;

    private static Dictionary<string, IDictionary<string, bool>> LabelFilter(IReadOnlyDictionary<string, string> labels) => new()
    {
        ["label"] = labels.ToDictionary(label => $"{label.Key}={label.Value}", _ => true),
    };

    private static string UnixTime(DateTimeOffset time)
    {
        var sinceEpoch = time - DateTimeOffset.UnixEpoch;
        return string.Create(CultureInfo.InvariantCulture, $"{(long)sinceEpoch.TotalSeconds}.{sinceEpoch.Ticks % TimeSpan.TicksPerSecond * 100:D9}");
    }

    /// <summary>An order handed on where it is read, so that no event is ever reported after one that came later.</summary>
    private sealed class Sink<T>(Action<T> receive) : IProgress<T>
    {
        public void Report(T value) => receive(value);
    }
}
