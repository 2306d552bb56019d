using System.Runtime.InteropServices;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Events;

/// <summary>Where an event comes from.</summary>
public readonly record struct EventSource(string Component, string Host);

/// <summary>One thing that happened to one object, before it is known whether it happened before.</summary>
/// <param name="About">The object.</param>
/// <param name="Uid">The object's uid.</param>
/// <param name="FieldPath">Empty for the whole object.</param>
public sealed record Occurrence(EventSource Source, ObjectKey About, string Uid, string FieldPath, bool Warning, string Reason, string Message);

/// <summary>What makes two occurrences the same event. <paramref name="Message"/> is null for the one event that many alike are combined in.</summary>
public readonly record struct EventIdentity(EventSource Source, ObjectKey About, string Uid, string FieldPath, bool Warning, string Reason, string? Message);

/// <param name="Identity">The event that is counted on.</param>
/// <param name="Message">What it says from now on.</param>
public readonly record struct Admission(EventIdentity Identity, string Message);

/// <summary>
/// Keeps a storm of events from becoming a storm of objects, as upstream's <c>EventCorrelator</c> does: a rate bound per object, one combined
/// event for many that are alike, a count for repeats. Plain state of one actor: time arrives with each occurrence.
/// </summary>
public sealed class EventCorrelator(EventSettings settings)
{
    private readonly record struct Bucket(double Tokens, DateTimeOffset At);

    private readonly record struct Alike(EventSource Source, ObjectKey About, string Uid, bool Warning, string Reason);

    private sealed class Similar(DateTimeOffset since)
    {
        public DateTimeOffset Last { get; set; } = since;
        public HashSet<string> Messages { get; } = new(StringComparer.Ordinal);
    }

    private readonly Dictionary<(EventSource, ObjectKey, string), Bucket> _buckets = [];
    private readonly Dictionary<Alike, Similar> _similar = [];

    /// <summary>The event that the occurrence counts for, or null when its object has had its share.</summary>
    public Admission? Admit(Occurrence occurrence, DateTimeOffset now)
    {
        var admission = Combine(occurrence, now);
        return TakeToken(occurrence, now) ? admission : null;
    }

    private Admission Combine(Occurrence occurrence, DateTimeOffset now)
    {
        var key = new Alike(occurrence.Source, occurrence.About, occurrence.Uid, occurrence.Warning, occurrence.Reason);
        Forget(_similar, similar => now - similar.Last > settings.SimilarWindow);
        if (!_similar.TryGetValue(key, out var alike) || now - alike.Last > settings.SimilarWindow)
        {
            _similar[key] = alike = new Similar(now);
        }

        alike.Last = now;
        if (alike.Messages.Count < settings.Similar)
        {
            alike.Messages.Add(occurrence.Message);
        }

        var identity = new EventIdentity(
            occurrence.Source, occurrence.About, occurrence.Uid, occurrence.FieldPath, occurrence.Warning, occurrence.Reason, occurrence.Message);
        return alike.Messages.Contains(occurrence.Message)
            ? new Admission(identity, occurrence.Message)
            : new Admission(identity with { FieldPath = "", Message = null }, $"(combined from similar events): {occurrence.Message}");
    }

    private bool TakeToken(Occurrence occurrence, DateTimeOffset now)
    {
        Forget(_buckets, bucket => Refilled(bucket, now) >= settings.Burst);
        ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_buckets, (occurrence.Source, occurrence.About, occurrence.Uid), out var known);
        var tokens = known ? Refilled(bucket, now) : settings.Burst;
        bucket = new Bucket(tokens >= 1 ? tokens - 1 : tokens, now);
        return tokens >= 1;
    }

    private double Refilled(Bucket bucket, DateTimeOffset now) =>
        Math.Min(settings.Burst, bucket.Tokens + Math.Max((now - bucket.At) / settings.Refill, 0));

    /// <summary>Keeps the memory bounded: what no longer says anything goes first, and everything when that is not enough.</summary>
    private void Forget<TKey, TValue>(Dictionary<TKey, TValue> memory, Func<TValue, bool> isStale)
        where TKey : notnull
    {
        if (memory.Count < settings.Memory)
        {
            return;
        }

        foreach (var (key, value) in memory)
        {
            if (isStale(value))
            {
                memory.Remove(key);
            }
        }

        if (memory.Count >= settings.Memory)
        {
            memory.Clear();
        }
    }
}
