using System.Collections.Concurrent;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.TestSupport;

/// <summary>Keeps events in memory, as <c>Reason: message</c>.</summary>
public sealed class RecordedEvents : IEventRecorder
{
    private readonly ConcurrentQueue<string> _events = new();

    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> All => _events;

    public Task<ApiStatus?> RecordOnceAsync(StoredObject about, bool warning, string reason, string message, string name, CancellationToken cancellation)
    {
        if (_names.TryAdd(name, message))
        {
            Record(about, warning, reason, message);
        }

        return Task.FromResult<ApiStatus?>(null);
    }

    public void Record(StoredObject about, bool warning, string reason, string message, string? fieldPath = null) => _events.Enqueue($"{reason}: {message}");
}
