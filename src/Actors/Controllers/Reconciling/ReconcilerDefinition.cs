using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Resources;
using Frame = ActorOrchestrator.Actors.Controllers.Framework;

namespace ActorOrchestrator.Actors.Controllers.Reconciling;

/// <summary>A reconciler as one of the controllers that the framework runs, an actor for each object.</summary>
public static class ReconcilerDefinition
{
    public static ControllerDefinition Of(IReconciler reconciler) => new()
    {
        Name = reconciler.Name,
        Observes = reconciler.Observes,
        DirtiedBy = reconciler.Touched,
        Everything = reconciler.All,
        Reconcile = (observed, now) => Of(reconciler.Reconcile(observed.Key, observed.Snapshot, now)),
    };

    private static Frame.Plan Of(Plan plan)
    {
        var steps = Frame.Plan.Nothing;
        foreach (var step in plan.Steps)
        {
            steps = step.IsEmpty ? steps : steps.And(step.Select(Of));
        }

        return (plan.Events.IsEmpty ? steps : steps.And(plan.Events.Select(PlanAction (told) => new RecordEvent(told.About, told.Warning, told.Reason, told.Message))))
            .NotLaterThan(plan.Again);
    }

    private static PlanAction Of(PlannedWrite write) => write switch
    {
        PlannedWrite.Create create => new CreateObject(create.Type, create.Namespace, () => create.Object.DeepClone().AsObject()) { Act = create.Act },
        PlannedWrite.Update update => new ChangeObject(update.Key, update.Uid, (_, obj) => (ChangeResult)update.Change(obj))
        {
            Subresource = update.Subresource,
            Act = update.Act,
        },
        PlannedWrite.Delete delete => new DeleteObject(delete.Key, delete.Request) { Act = delete.Act },
        _ => throw new InvalidOperationException($"A plan cannot hold a {write.GetType().Name}."),
    };
}
