using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.GarbageCollection;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Disruption;

/// <summary>A pod that says that it is about to be disrupted and two minutes later is still not being deleted takes that back.</summary>
public static class StaleDisruptionReconciler
{
    private const string Type = "DisruptionTarget";

    /// <summary>A node that shuts down may take as long as it takes.</summary>
    private const string ByKubelet = "TerminationByKubelet";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static ControllerDefinition Definition { get; } = new()
    {
        Name = "stale-disruption-controller",
        Observes = [ResourceTypes.Pods],
        DirtiedBy = (fact, _) => SaysSo(fact) ? [fact.Key] : [],
        Everything = cluster => cluster.All(ResourceTypes.Pods).Where(pod => SaysSo(pod)).Select(pod => pod.Key),
        Reconcile = Reconcile,
    };

    private static bool SaysSo(Fact fact) => fact.Verb != FactVerb.Deleted && SaysSo(fact.Object);

    /// <summary>Most pods never do: the word is looked for before anything is read.</summary>
    private static bool SaysSo(StoredObject pod) => pod.Utf8.Span.IndexOf("\"DisruptionTarget\""u8) >= 0 && pod.Metadata.DeletionTimestamp is null;

    private static Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } pod || !SaysSo(pod))
        {
            return Plan.Nothing;
        }

        using var document = JsonDocument.Parse(pod.Utf8);
        var status = document.RootElement.Get("status");
        if (status.Text("phase") is "Succeeded" or "Failed"
            || Condition.ReadAll(status).OfType(Type) is not { Status: "True" } target || target.Reason == ByKubelet)
        {
            return Plan.Nothing;
        }

        var stale = (target.LastTransition ?? DateTimeOffset.MinValue) + Patience;
        return now < stale ? Plan.Nothing.NotLaterThan(stale) : Plan.Do(ChangeObject.StatusOf(
            pod, (_, obj) => PodConditions.Set(obj.Ensure("status"), Type, "False", null, null, now) ? obj : ChangeResult.Nothing));
    }
}
