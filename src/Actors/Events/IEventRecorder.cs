using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Events;

/// <summary>Tells users what happened to an object, as core/v1 Events. Fire and forget: an event that cannot be written is logged, never retried for ever.</summary>
public interface IEventRecorder
{
    /// <param name="about">The object the event is about.</param>
    /// <param name="warning">Type Warning rather than Normal.</param>
    /// <param name="reason">Kubernetes' own reason: <c>Scheduled</c>, <c>Pulled</c>, <c>BackOff</c>, <c>ScalingReplicaSet</c> …</param>
    /// <param name="message">A sentence in Kubernetes' words.</param>
    /// <param name="fieldPath">Which part, as <c>spec.containers{web}</c>; null for the whole object.</param>
    void Record(StoredObject about, bool warning, string reason, string message, string? fieldPath = null);

    /// <summary>Tells something at the most once, and is done when it is told.</summary>
    /// <param name="name">What makes it the same: the event's name ends with it.</param>
    /// <returns>Null when the event is there, or has no place to be; otherwise why it should be tried again.</returns>
    Task<ApiStatus?> RecordOnceAsync(StoredObject about, bool warning, string reason, string message, string name, CancellationToken cancellation)
    {
        Record(about, warning, reason, message);
        return Task.FromResult<ApiStatus?>(null);
    }

    /// <summary>The same recorder with another <c>source.component</c>, such as <c>deployment-controller</c>.</summary>
    IEventRecorder From(string component) => this;
}
