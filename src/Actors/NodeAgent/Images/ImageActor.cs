using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using Akka.Actor;
using Akka.Event;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Images;

/// <summary>
/// The images of a node: one look or one pull of a reference at a time, shared by everybody who waits for it; failed pulls are
/// backed off per pod and image. States, events and words are those of the kubelet's image manager.
/// <code>
///   unknown ──look──► present ──(images changed)──► unknown
///      │ absent, policy allows
///      └──pull──► present
///          └failed──► backed off (10 s doubling to 5 min) ──► pull
/// </code>
/// </summary>
public sealed class ImageActor : ReceiveActor
{
    private sealed record Looked(string Reference, int Generation, EngineImage? Image, string Error) : INoSerializationVerificationNeeded;
    private sealed record Pulled(string Reference, EngineImage? Image, string Error, TimeSpan Took) : INoSerializationVerificationNeeded;
    private readonly record struct Waiter(ImageMessages.Ensure Request, IActorRef Sender);

    /// <summary>How long a failed pull is shown as such before it is shown as backed off.</summary>
    private static readonly TimeSpan ErrorShown = TimeSpan.FromSeconds(2);

    private readonly NodeAgentPorts _ports;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, EngineImage> _present = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Waiter>> _looking = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Waiter>> _pulling = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Uid, string Image), (TimeSpan Delay, DateTimeOffset Until, string Error)> _backoffs = [];
    private int _generation;

    public static Props Props(NodeAgentPorts ports) => Akka.Actor.Props.Create(() => new ImageActor(ports));

    public ImageActor(NodeAgentPorts ports)
    {
        _ports = ports;
        Receive<ImageMessages.Ensure>(Ensure);
        Receive<ImageMessages.Changed>(_ =>
        {
            _generation++;
            _present.Clear();
        });
        Receive<Looked>(OnLooked);
        Receive<Pulled>(OnPulled);
    }

    protected override void PostStop() => _stopping.Cancel();

    private void Ensure(ImageMessages.Ensure request)
    {
        var waiter = new Waiter(request, Sender);
        if (request.Policy == "Always")
        {
            Pull(waiter);
        }
        else if (_present.TryGetValue(request.Image, out var image))
        {
            Present(waiter, image);
        }
        else if (_looking.TryGetValue(request.Image, out var waiters))
        {
            waiters.Add(waiter);
        }
        else
        {
            _looking[request.Image] = [waiter];
            var generation = _generation;
            _ports.Engine.FindImageAsync(request.Image, _stopping.Token).PipeTo(
                Self, success: found => new Looked(request.Image, generation, found, ""), failure: error => new Looked(request.Image, generation, null, error.Message));
        }
    }

    private void OnLooked(Looked looked)
    {
        _looking.Remove(looked.Reference, out var waiters);
        if (looked.Image is { } image && looked.Generation == _generation)
        {
            _present[looked.Reference] = image;
        }

        foreach (var waiter in waiters ?? [])
        {
            if (looked.Error.Length > 0)
            {
                Refuse(waiter, "ImageInspectError", $"Failed to inspect image \"{looked.Reference}\": {looked.Error}", _ports.Settings.RetryInterval);
            }
            else if (looked.Image is { } found)
            {
                Present(waiter, found);
            }
            else if (waiter.Request.Policy == "Never")
            {
                var message = $"Container image \"{looked.Reference}\" is not present with pull policy of Never";
                Record(waiter, warning: true, "ErrImageNeverPull", message);
                Refuse(waiter, "ErrImageNeverPull", message, _ports.Settings.PullBackoffInitial);
            }
            else
            {
                Pull(waiter);
            }
        }
    }

    private void Pull(Waiter waiter)
    {
        var request = waiter.Request;
        var now = _ports.Time.GetUtcNow();
        if (_backoffs.TryGetValue((request.Pod.Uid, request.Image), out var backoff) && now < backoff.Until)
        {
            Record(waiter, warning: false, "BackOff", $"Back-off pulling image \"{request.Image}\"");
            Refuse(waiter, "ImagePullBackOff", $"Back-off pulling image \"{request.Image}\": ErrImagePull: {backoff.Error}", backoff.Until - now);
            return;
        }

        Record(waiter, warning: false, "Pulling", $"Pulling image \"{request.Image}\"");
        if (_pulling.TryGetValue(request.Image, out var waiters))
        {
            waiters.Add(waiter);
            return;
        }

        _pulling[request.Image] = [waiter];
        PullAsync(request.Image).PipeTo(Self, failure: error => new Pulled(request.Image, null, error.Message, _ports.Time.GetUtcNow() - now));
    }

    private async Task<Pulled> PullAsync(string reference)
    {
        var began = _ports.Time.GetUtcNow();
        await _ports.Engine.PullImageAsync(reference, credentials: null, _stopping.Token);
        var image = await _ports.Engine.FindImageAsync(reference, _stopping.Token)
            ?? throw new EngineException(EngineFailure.Registry, $"the image {reference} is not there although it was pulled");
        return new Pulled(reference, image, "", _ports.Time.GetUtcNow() - began);
    }

    private void OnPulled(Pulled pulled)
    {
        _pulling.Remove(pulled.Reference, out var waiters);
        if (pulled.Image is { } present)
        {
            _present[pulled.Reference] = present;
        }

        foreach (var waiter in waiters ?? [])
        {
            var key = (waiter.Request.Pod.Uid, waiter.Request.Image);
            if (pulled.Image is { } image)
            {
                _backoffs.Remove(key);
                var took = $"{pulled.Took.TotalSeconds:0.###}s";
                Record(waiter, warning: false, "Pulled", $"Successfully pulled image \"{pulled.Reference}\" in {took} ({took} including waiting). Image size: {image.Size} bytes.");
                waiter.Sender.Tell(new ImageMessages.Ready(pulled.Reference, image));
                continue;
            }

            _log.Info("Could not pull image {0} for {1}: {2}", pulled.Reference, waiter.Request.Pod.Key, pulled.Error);
            var delay = _backoffs.TryGetValue(key, out var before)
                ? TimeSpan.FromTicks(Math.Min(before.Delay.Ticks * 2, _ports.Settings.PullBackoffMax.Ticks))
                : _ports.Settings.PullBackoffInitial;
            _backoffs[key] = (delay, _ports.Time.GetUtcNow() + delay, pulled.Error);
            Record(waiter, warning: true, "Failed", $"Failed to pull image \"{pulled.Reference}\": {pulled.Error}");
            Refuse(waiter, "ErrImagePull", pulled.Error, ErrorShown < delay ? ErrorShown : delay);
        }
    }

    private void Present(Waiter waiter, EngineImage image)
    {
        Record(waiter, warning: false, "Pulled", $"Container image \"{waiter.Request.Image}\" already present on machine");
        waiter.Sender.Tell(new ImageMessages.Ready(waiter.Request.Image, image));
    }

    private void Refuse(Waiter waiter, string reason, string message, TimeSpan tryAgainIn)
    {
        Record(waiter, warning: true, "Failed", $"Error: {reason}");
        waiter.Sender.Tell(new ImageMessages.Unavailable(waiter.Request.Image, reason, message, tryAgainIn));
    }

    private void Record(Waiter waiter, bool warning, string reason, string message) =>
        _ports.ControlPlane.Events.Record(waiter.Request.Pod, warning, reason, message, FieldPath(waiter.Request));

    private static string FieldPath(ImageMessages.Ensure request) =>
        request.Pod.As<V1Pod>().Spec.InitContainers?.Any(init => init.Name == request.Container) == true
            ? $"spec.initContainers{{{request.Container}}}"
            : $"spec.containers{{{request.Container}}}";
}
