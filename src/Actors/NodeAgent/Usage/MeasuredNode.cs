using System.Collections.Immutable;
using Akka.Actor;

namespace ActorOrchestrator.Actors.NodeAgent.Usage;

/// <summary>Asks a node agent, or its <see cref="NodeUsageActor"/>, for a <see cref="MeasuredNode"/>. One that does not measure answers null in <see cref="Answer"/>.</summary>
public sealed record MeasureNode : INoSerializationVerificationNeeded
{
    public static readonly MeasureNode Instance = new();

    public sealed record Answer(MeasuredNode? Node) : INoSerializationVerificationNeeded;
}

/// <summary>What a node and the containers of its pods use, counters included, as the node itself shows it (<c>/stats/summary</c>, <c>/metrics/resource</c>).</summary>
/// <param name="Time">When it was read.</param>
/// <param name="StartedAt">The machine's accounts were opened before this instant.</param>
/// <param name="Machine">Null when its account cannot be read.</param>
/// <param name="CpuNanocores">Of the newest window; null before the first.</param>
public sealed record MeasuredNode(string Name, DateTimeOffset Time, DateTimeOffset StartedAt, UsageReading? Machine, long? CpuNanocores, ImmutableArray<MeasuredPod> Pods);

public sealed record MeasuredPod(string Namespace, string Name, string Uid, ImmutableArray<MeasuredContainer> Containers);

/// <param name="StartedAt">When its account was opened.</param>
/// <param name="CpuNanocores">Of the newest window; null before the first.</param>
public sealed record MeasuredContainer(string Name, DateTimeOffset StartedAt, UsageReading Reading, long? CpuNanocores);
