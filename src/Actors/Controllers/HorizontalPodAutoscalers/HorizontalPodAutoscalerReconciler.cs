using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Metrics;
using ActorOrchestrator.Actors.Resources.Scaling;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>
/// Scales workloads by what their pods use. Unlike other controllers it acts by the clock: what it looks at is measured, and is no fact. It looks at each
/// autoscaler once in a period and writes only what has changed.
/// </summary>
/// <remarks>
/// 1. An autoscaler is looked at no more often than once in a period, whatever is written meanwhile, its own status included; a change of its
///    specification alone is looked at at once.
/// 2. A target is scaled only if it still asks for as many replicas as the decision was made from.
/// 3. What is remembered between looks (<see cref="AutoscalerHistory"/>) may be lost at any time; it is then begun anew on the careful side.
/// </remarks>
/// <param name="catalog">Which kinds can be scaled.</param>
/// <param name="metrics">Use of processor and memory; null where nobody measures.</param>
/// <param name="servers">Custom and external metrics; null where there can be none.</param>
public sealed class HorizontalPodAutoscalerReconciler(ICatalogSource catalog, IResourceMetrics? metrics, IMetricsServers? servers, AutoscalerSettings settings)
{
    private static readonly IReadOnlyDictionary<int, MetricAnswer> NoAnswers = ImmutableDictionary<int, MetricAnswer>.Empty;
    private readonly ConcurrentDictionary<ObjectKey, Memory> _memories = new();
    private long _selectors;

    public ControllerDefinition Definition => new()
    {
        Name = "horizontal-pod-autoscaler",
        Observes = [ResourceTypes.HorizontalPodAutoscalers],
        DirtiedBy = (fact, _) => [fact.Key],
        Everything = ControllerDefinition.AllOf(ResourceTypes.HorizontalPodAutoscalers),
        Reconcile = Reconcile,
    };

    /// <summary>Of one autoscaler, used by its actor alone; only the selector is looked at by others.</summary>
    private sealed class Memory(string uid)
    {
        public string Uid { get; } = uid;
        public string? Specification { get; set; }
        public DateTimeOffset Due { get; set; }
        public AutoscalerHistory? History { get; set; }
        public LabelSelector? Selector { get; set; }
        public string? SelectorText { get; set; }

        /// <summary>Read once for each revision of the target.</summary>
        public ScaleTarget Target { get; set; }

        /// <summary>What the selector selects: looked for again only when some pod has changed.</summary>
        public Selection Selected { get; set; } = Selection.None;
    }

    /// <param name="OfPods">The pods of the cluster that it was looked for in.</param>
    /// <param name="OfAutoscalers">Likewise.</param>
    /// <param name="Selectors">How many selectors had been learnt then.</param>
    /// <param name="Controlling">The autoscalers that select any of the pods.</param>
    private sealed record Selection(
        LabelSelector Selector, object OfPods, ImmutableArray<AutoscaledPod> Pods, StoredObject[] Stored, object OfAutoscalers, long Selectors, string[] Controlling)
    {
        public static readonly Selection None = new(LabelSelector.Nothing, new object(), [], [], new object(), -1, []);
    }

    public Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } stored)
        {
            _memories.TryRemove(observed.Key, out _);
            return Plan.Nothing;
        }

        var autoscaler = AutoscalerView.Of(stored);
        var memory = Remember(autoscaler, now);
        if (memory.Specification == autoscaler.Specification && now < memory.Due)
        {
            return Plan.Nothing.NotLaterThan(memory.Due);
        }

        memory.Specification = autoscaler.Specification;
        memory.Due = now + settings.SyncPeriod;
        var plan = autoscaler.Metrics.Any(IsOfServer) ? Ask(autoscaler, memory, observed.Snapshot) : Look(autoscaler, memory, observed.Snapshot, NoAnswers, now);
        return plan.NotLaterThan(memory.Due);
    }

    /// <summary>
    /// Autoscalers that another leader has looked at wait for a period or two: what is measured has to arrive again, and not all of them should be looked
    /// at in the same moment for ever after.
    /// </summary>
    private Memory Remember(AutoscalerView autoscaler, DateTimeOffset now)
    {
        var (key, uid) = (autoscaler.Stored.Key, autoscaler.Stored.Uid);
        if (_memories.TryGetValue(key, out var memory) && memory.Uid == uid)
        {
            return memory;
        }

        memory = new Memory(uid);
        if (autoscaler.Status.IsKnown)
        {
            memory.Specification = autoscaler.Specification;
            memory.Due = now + (settings.SyncPeriod * (1 + Spread(uid)));
        }

        return _memories[key] = memory;
    }

    private static double Spread(string uid) => Encoding.UTF8.GetBytes(uid).Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u) / (uint.MaxValue + 1.0);

    private static bool IsOfServer(MetricSpec metric) => metric.Type is "Pods" or "Object" or "External";

    /// <summary>What others measure is fetched first; all else is looked at once it is there.</summary>
    private Plan Ask(AutoscalerView autoscaler, Memory memory, ClusterSnapshot cluster)
    {
        var answers = new ConcurrentDictionary<int, MetricAnswer>();
        var target = Target(autoscaler, memory, cluster);
        var selector = LabelSelector.TryParse(target.Scale.Selector, out var parsed, out _) ? parsed : LabelSelector.Nothing;
        var questions = autoscaler.Metrics.Index().Where(metric => IsOfServer(metric.Item)).Select(metric => new CallServer(async cancellation =>
        {
            answers[metric.Index] = servers is null
                ? MetricsServers.Unregistered(metric.Item)
                : await servers.AskAsync(metric.Item, autoscaler.Stored.Key.Namespace, selector, cancellation).ConfigureAwait(false);
            return null;
        }));
        return Plan.Together(questions) with
        {
            Then = (_, later, now) => later.Object is { } stored && stored.Uid == memory.Uid ? Look(AutoscalerView.Of(stored), memory, later.Snapshot, answers, now) : Plan.Nothing,
        };
    }

    private ScaleTarget Target(AutoscalerView autoscaler, Memory memory, ClusterSnapshot cluster) =>
        memory.Target = ScaleTarget.Of(autoscaler.Target, autoscaler.Stored.Key.Namespace, cluster, catalog.Current, memory.Target);

    private Plan Look(AutoscalerView autoscaler, Memory memory, ClusterSnapshot cluster, IReadOnlyDictionary<int, MetricAnswer> answers, DateTimeOffset now)
    {
        var target = Target(autoscaler, memory, cluster);
        if (target.Problem is { } problem)
        {
            memory.Selected = Selection.None;
            return Tell(autoscaler, AutoscalerDecision.NoScale(autoscaler, memory.History ?? new AutoscalerHistory(), problem, now));
        }

        var (pods, wrong) = Select(autoscaler, memory, target.Scale.Selector, cluster);
        var world = new MetricWorld(
            autoscaler.Stored.Key.Namespace, target.Replicas, (int)Math.Clamp(target.Scale.Observed, 0, int.MaxValue), pods, metrics, answers);
        var history = memory.History ?? AutoscalerHistory.Begin(target.Replicas, autoscaler.Status.LastScaleTime, now);
        var decision = AutoscalerDecision.Of(autoscaler, history, world, wrong, settings, now);
        memory.History = decision.History;
        return decision.Rescales ? Rescale(autoscaler, memory, target, decision) : Tell(autoscaler, decision);
    }

    /// <summary>The pods of a scale, and what is wrong with its selector: pods that two autoscalers scale belong to neither.</summary>
    private (ImmutableArray<AutoscaledPod> Pods, SelectionProblem? Wrong) Select(AutoscalerView autoscaler, Memory memory, string selector, ClusterSnapshot cluster)
    {
        if (selector.Length == 0)
        {
            return ([], new SelectionProblem("InvalidSelector", "the HPA target's scale is missing a selector", new AutoscalerNotice("SelectorRequired", "selector is required")));
        }

        if (!LabelSelector.TryParse(selector, out var parsed, out var error))
        {
            var message = $"couldn't convert selector into a corresponding internal selector object: {error}";
            return ([], new SelectionProblem("InvalidSelector", message, new AutoscalerNotice("InvalidSelector", message)));
        }

        var @namespace = autoscaler.Stored.Key.Namespace;
        if (memory.SelectorText != selector)
        {
            (memory.SelectorText, memory.Selector) = (selector, parsed);
            Interlocked.Increment(ref _selectors);
        }

        var selection = memory.Selected = Select(memory, cluster, @namespace);
        var controlling = selection.Controlling;
        if (controlling.Length > 1)
        {
            var message = $"pods by selector {selector} are controlled by multiple HPAs: [{string.Join(' ', controlling)}]";
            return ([], new SelectionProblem("AmbiguousSelector", message, new AutoscalerNotice("AmbiguousSelector", message)));
        }

        return (selection.Pods, null);
    }

    private Selection Select(Memory memory, ClusterSnapshot cluster, string @namespace)
    {
        var (last, selector) = (memory.Selected, memory.Selector!);
        var (ofPods, ofAutoscalers, selectors) =
            (cluster.IdentityOf(ResourceTypes.Pods), cluster.IdentityOf(ResourceTypes.HorizontalPodAutoscalers), Interlocked.Read(ref _selectors));
        var samePods = ReferenceEquals(last.OfPods, ofPods) && ReferenceEquals(last.Selector, selector);
        if (samePods && ReferenceEquals(last.OfAutoscalers, ofAutoscalers) && last.Selectors == selectors)
        {
            return last;
        }

        var stored = samePods ? last.Stored : [.. cluster.InNamespace(ResourceTypes.Pods, @namespace).Where(pod => selector.Matches(pod.Metadata.Labels))];
        var controlling = new List<string>();
        foreach (var other in cluster.InNamespace(ResourceTypes.HorizontalPodAutoscalers, @namespace))
        {
            if (_memories.TryGetValue(other.Key, out var known) && known.Selector is { } theirs && SelectsAny(theirs, stored))
            {
                controlling.Add($"{@namespace}/{other.Key.Name}");
            }
        }

        return new Selection(selector, ofPods, samePods ? last.Pods : [.. stored.Select(AutoscaledPod.Of)], stored, ofAutoscalers, selectors, [.. controlling]);
    }

    private static bool SelectsAny(LabelSelector selector, StoredObject[] pods)
    {
        foreach (var pod in pods)
        {
            if (selector.Matches(pod.Metadata.Labels))
            {
                return true;
            }
        }

        return false;
    }

    private Plan Rescale(AutoscalerView autoscaler, Memory memory, ScaleTarget target, AutoscalerDecision decision)
    {
        var (stored, descriptor) = (target.Object!, target.Descriptor!);
        var scale = new ChangeObject(stored.Key, stored.Uid, (current, obj) =>
        {
            if (ScaleView.Of(descriptor, obj).Wanted != target.Scale.Wanted)
            {
                return ApiStatus.StaleRevision(current.Key);
            }

            ScaleView.SetReplicas(descriptor, obj, decision.Replicas);
            return obj;
        }) { Subresource = "scale", Act = "scale" };
        return Plan.Do(scale) with { Then = (outcome, _, now) => Scaled(autoscaler, memory, target, decision, outcome, now) };
    }

    private static Plan Scaled(AutoscalerView autoscaler, Memory memory, ScaleTarget target, AutoscalerDecision decision, PlanOutcome outcome, DateTimeOffset now)
    {
        var about = autoscaler.Stored;
        if (outcome.Ok)
        {
            memory.History = decision.History.Scaled(target.Replicas, decision.Replicas, autoscaler.Behavior, now);
            return Tell(
                autoscaler, decision with { Status = decision.Rescaled(now) },
                RecordEvent.Normal(about, "SuccessfulRescale", $"New size: {decision.Replicas}; reason: {decision.Why}"));
        }

        if (outcome.Failures[0].IsConflict)
        {
            // Somebody else scaled it meanwhile: there is something new to look at, now.
            memory.Due = now;
            return Plan.Nothing;
        }

        var error = outcome.Failures[0].Status.Message;
        return Tell(
            autoscaler, decision with { Status = decision.NotRescaled(error, now) },
            RecordEvent.Warn(about, "FailedRescale", $"New size: {decision.Replicas}; reason: {decision.Why}; error: {error}"));
    }

    private static Plan Tell(AutoscalerView autoscaler, AutoscalerDecision decision, RecordEvent? scaled = null)
    {
        var events = decision.Warnings.Select(warning => (PlanAction)RecordEvent.Warn(autoscaler.Stored, warning.Reason, warning.Message));
        var plan = Plan.Together(scaled is null ? events : events.Append(scaled));
        if (decision.Status == autoscaler.Status)
        {
            return plan;
        }

        return plan.And(ChangeObject.AsItIs(
            autoscaler.Stored,
            "reconcile status",
            obj =>
            {
                obj["status"] = decision.Status.ToJson();
                return obj;
            },
            "status"));
    }
}
