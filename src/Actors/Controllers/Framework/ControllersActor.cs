using System.Collections.Immutable;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>
/// The head of all controllers, beside the ledger on its leader. It observes the ledger once and hands every batch to the
/// controllers that look at one of its types.
/// </summary>
/// <remarks>
/// <code>
///   LedgerView ──FactBatch──▶ ControllersActor ──FactBatch──▶ ControllerActor (one per controller)
///                                                                │ Dirty, once per batch and object
///                                                                ▼
///                                                             ReconcilerActor (one per object) ──Plan──▶ IResourceClient
/// </code>
/// 1. The observation begins before a controller first looks at the world, so that no fact falls between the two.
/// 2. Batches reach every controller in the ledger's order.
/// </remarks>
public sealed class ControllersActor : UntypedActor
{
    private readonly IClusterReader _reader;
    private readonly ImmutableArray<(ControllerDefinition Definition, Props Props)> _controllers;
    private ImmutableArray<(IActorRef Actor, ImmutableHashSet<ResourceType> Types)> _routes = [];
    private Observation? _observation;

    public ControllersActor(
        IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, ControllersSettings settings, IEnumerable<ControllerDefinition> definitions)
    {
        _reader = reader;
        _controllers = [.. definitions.Select(definition => (definition, ControllerActor.Props(definition, reader, client, events.From(definition.Name), time, settings)))];
    }

    public static Props Props(
        IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time, ControllersSettings settings, IEnumerable<ControllerDefinition> definitions) =>
        Akka.Actor.Props.Create(() => new ControllersActor(reader, client, events, time, settings, definitions));

    protected override void OnReceive(object message)
    {
        if (message is not FactBatch batch)
        {
            Unhandled(message);
            return;
        }

        foreach (var (actor, types) in _routes)
        {
            if (types.IsEmpty || Concerns(batch, types))
            {
                actor.Forward(batch);
            }
        }
    }

    private static bool Concerns(FactBatch batch, ImmutableHashSet<ResourceType> types)
    {
        foreach (var fact in batch.Facts)
        {
            if (types.Contains(fact.Key.Type))
            {
                return true;
            }
        }

        return false;
    }

    protected override void PreStart()
    {
        var self = Self;
        _observation = _reader.Observe(batch => self.Tell(batch, ActorRefs.NoSender));
        _routes = [.. _controllers.Select(controller =>
            (Context.ActorOf(controller.Props, controller.Definition.Name), controller.Definition.Observes.ToImmutableHashSet()))];
    }

    protected override void PostStop() => _observation?.Dispose();
}
