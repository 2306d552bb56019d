using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using Docker.DotNet.Models;
using NetworkSpec = ActorOrchestrator.Actors.NodeAgent.Containers.NetworkSpec;

namespace ActorOrchestrator.Host.Engine;

/// <content>Images, networks and the event stream.</content>
public sealed partial class DockerEngine
{
    private const int EventBacklog = 65_536;
    private static readonly string[] WatchedEvents = ["create", "start", "die", "oom", "destroy", "delete", "untag", "tag", "pull", "load", "import"];

    public async Task<EngineImage?> FindImageAsync(string reference, CancellationToken cancellation = default)
    {
        try
        {
            return await Call($"inspect image {reference}", async limit =>
            {
                var image = await _client.Images.InspectImageAsync(reference, limit);
                return new EngineImage(image.ID, [.. image.RepoTags ?? []], [.. image.RepoDigests ?? []], image.Config?.User ?? "", image.Size);
            }, cancellation);
        }
        catch (EngineException missing) when (missing.Failure == EngineFailure.NotFound)
        {
            return null;
        }
    }

    public async Task PullImageAsync(string reference, RegistryCredentials? credentials, CancellationToken cancellation = default)
    {
        var auth = credentials is null ? new AuthConfig() : new AuthConfig { ServerAddress = credentials.ServerAddress, Username = credentials.Username, Password = credentials.Password };
        var failure = "";
        var sink = new Sink<JSONMessage>(message => failure = message.Error?.Message is { Length: > 0 } error ? error : failure);
        var (image, tag) = SplitTag(reference);
        try
        {
            await Call($"pull image {reference}", limit => _client.Images.CreateImageAsync(new ImagesCreateParameters { FromImage = image, Tag = tag }, auth, sink, limit), cancellation, PullLimit);
        }
        catch (EngineException refused) when (!refused.IsTransient)
        {
            throw new EngineException(EngineFailure.Registry, $"Error response from daemon: {refused.Message}", refused);
        }

        if (failure.Length > 0)
        {
            throw new EngineException(EngineFailure.Registry, $"Error response from daemon: {failure}");
        }
    }

    public async Task LoadImageAsync(Stream archive, CancellationToken cancellation = default)
    {
        var failure = "";
        var sink = new Sink<JSONMessage>(message => failure = message.Error?.Message is { Length: > 0 } error ? error : failure);
        await Call("load an image", limit => _client.Images.LoadImageAsync(new ImageLoadParameters { Quiet = true }, archive, sink, limit), cancellation);
        if (failure.Length > 0)
        {
            throw new EngineException(EngineFailure.Refused, failure);
        }
    }

    public async Task RemoveImageAsync(string reference, CancellationToken cancellation = default)
    {
        try
        {
            await Gone(Call($"remove image {reference}", limit => _client.Images.DeleteImageAsync(reference, new ImageDeleteParameters(), limit), cancellation));
        }
        catch (EngineException used) when (used.Failure == EngineFailure.Conflict)
        {
            // Another cluster's containers on this engine still use it.
        }
    }

    public async IAsyncEnumerable<EngineEvent> EventsAsync(
        IReadOnlyDictionary<string, string> labels, DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var events = Channel.CreateBounded<EngineEvent>(new BoundedChannelOptions(EventBacklog) { SingleReader = true, SingleWriter = true });
        var sink = new Sink<Message>(message =>
        {
            if (DockerParameters.Read(message) is { } read && (read.Kind == EngineEventKind.ImageChanged || labels.All(label => read.Labels.GetValueOrDefault(label.Key) == label.Value))
                && !events.Writer.TryWrite(read))
            {
                events.Writer.TryComplete(new EngineException(EngineFailure.Timeout, $"More than {EventBacklog} events of the engine were waiting."));
            }
        });
        var parameters = new ContainerEventsParameters
        {
            Since = UnixTime(since),
            Filters = new Dictionary<string, IDictionary<string, bool>>
            {
                ["type"] = new Dictionary<string, bool> { ["container"] = true, ["image"] = true },
                ["event"] = WatchedEvents.ToDictionary(name => name, _ => true),
            },
        };
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var pump = Call("stream its events", token => _client.System.MonitorEventsAsync(parameters, sink, token), ended.Token, Timeout.InfiniteTimeSpan)
            .ContinueWith(stream => events.Writer.TryComplete(stream.Exception?.InnerException), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (var read in events.Reader.ReadAllAsync(cancellation))
            {
                yield return read;
            }
        }
        finally
        {
            await ended.CancelAsync();
            await pump;
        }
    }

    public async Task<EngineNetwork?> FindNetworkAsync(string name, CancellationToken cancellation = default)
    {
        try
        {
            return await Call($"inspect network {name}", async limit => DockerParameters.Read(await _client.Networks.InspectNetworkAsync(name, limit)), cancellation);
        }
        catch (EngineException missing) when (missing.Failure == EngineFailure.NotFound)
        {
            return null;
        }
    }

    public Task CreateNetworkAsync(NetworkSpec spec, CancellationToken cancellation = default) => Call($"create network {spec.Name}", limit =>
        _client.Networks.CreateNetworkAsync(DockerParameters.Of(spec), limit), cancellation);

    public Task RemoveNetworkAsync(string name, CancellationToken cancellation = default) =>
        Gone(Call($"remove network {name}", limit => _client.Networks.DeleteNetworkAsync(name, limit), cancellation));

    public Task<ImmutableArray<EngineNetwork>> ListNetworksAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellation = default) => Call("list networks", async limit =>
    {
        var listed = await _client.Networks.ListNetworksAsync(new NetworksListParameters { Filters = LabelFilter(labels) }, limit);
        return listed.Select(DockerParameters.Read).ToImmutableArray();
    }, cancellation);

    private static (string Image, string? Tag) SplitTag(string reference)
    {
        if (reference.Contains('@'))
        {
            return (reference, null);
        }

        var colon = reference.LastIndexOf(':');
        return colon > reference.LastIndexOf('/') ? (reference[..colon], reference[(colon + 1)..]) : (reference, "latest");
    }
}
