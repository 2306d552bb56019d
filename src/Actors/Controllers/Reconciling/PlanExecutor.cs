using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Reconciling;

/// <summary>Carries a plan out. The writes of a step are made at the same time, so that the ledger makes one batch of them.</summary>
public sealed class PlanExecutor(IResourceClient client, IEventRecorder events, string controller)
{
    private readonly string _principal = $"system:serviceaccount:kube-system:{controller}";

    /// <returns>Null when all went well; otherwise the first failure.</returns>
    public async Task<ApiStatus?> ExecuteAsync(Plan plan, Revision cause, CancellationToken cancellation)
    {
        foreach (var step in plan.Steps)
        {
            var results = await Task.WhenAll(step.Select(write => WriteAsync(write, cause, cancellation))).ConfigureAwait(false);
            if (results.FirstOrDefault(failure => failure is not null) is { } failed)
            {
                return failed;
            }
        }

        foreach (var told in plan.Events)
        {
            events.Record(told.About, told.Warning, told.Reason, told.Message);
        }

        return null;
    }

    private async Task<ApiStatus?> WriteAsync(PlannedWrite write, Revision cause, CancellationToken cancellation)
    {
        var options = new WriteOptions(_principal, write.Act) { Cause = cause };
        switch (write)
        {
            case PlannedWrite.Create create:
                // Somebody else has made it meanwhile: then the fact of that brings the next look.
                return Unless("AlreadyExists", await client.CreateAsync(create.Type, create.Namespace, create.Object, options, cancellation).ConfigureAwait(false));
            case PlannedWrite.Update update:
                var result = await client.UpdateAsync(
                    update.Key,
                    (_, obj) => update.Change(obj),
                    options with { Subresource = update.Subresource, ExpectedUid = update.Uid },
                    cancellation).ConfigureAwait(false);
                return Unless("NotFound", result);
            case PlannedWrite.Delete delete:
                return Unless("NotFound", await client.DeleteAsync(delete.Key, delete.Request, options, cancellation).ConfigureAwait(false));
            default:
                throw new InvalidOperationException($"A plan cannot hold a {write.GetType().Name}.");
        }
    }

    /// <summary>What was to be reached has been reached by somebody else, or is pointless now. A lost race of uids is the same: the object is another.</summary>
    private static ApiStatus? Unless(string reached, ResourceResult result) =>
        result.Failure is { } failure && failure.Reason != reached ? failure : null;
}
