using System.Collections.Immutable;
using ActorOrchestrator.Actors.Events;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Framework;

/// <summary>Applies plans through the resource client. What is refused is data in the answer; what is not expected is thrown.</summary>
internal sealed class PlanRunner(string controller, IClusterReader reader, IResourceClient client, IEventRecorder events, TimeProvider time)
{
    /// <summary>A plan may ask for a follow-up, that one for another; more than a few is a reconciler that chases itself.</summary>
    private const int MaxFollowUps = 4;

    /// <summary>Writes that one thread prepares; the rest of a large step is prepared by others at the same time.</summary>
    private const int Share = 64;

    public async Task<(PlanOutcome Outcome, DateTimeOffset? RequeueAt)> RunAsync(Plan plan, ObjectKey key, Revision cause, CancellationToken cancellation)
    {
        var failures = ImmutableArray.CreateBuilder<PlanFailure>();
        for (var round = 0; ; round++)
        {
            var outcome = await RunStepsAsync(plan.Steps, cause, cancellation).ConfigureAwait(false);
            failures.AddRange(outcome.Failures);
            if (plan.Then is null)
            {
                return (new PlanOutcome(failures.ToImmutable()), plan.RequeueAt);
            }

            if (round == MaxFollowUps)
            {
                throw new InvalidOperationException($"{controller} planned more than {MaxFollowUps} follow-ups in a row for {key}.");
            }

            plan = plan.Then(outcome, Observed.At(key, reader.Current), time.GetUtcNow()).NotLaterThan(plan.RequeueAt);
        }
    }

    private async Task<PlanOutcome> RunStepsAsync(ImmutableArray<PlanStep> steps, Revision cause, CancellationToken cancellation)
    {
        foreach (var step in steps)
        {
            var failures = await RunStepAsync(step, cause, cancellation).ConfigureAwait(false);
            if (!failures.IsEmpty)
            {
                return new PlanOutcome(failures);
            }
        }

        return PlanOutcome.Success;
    }

    private async Task<ImmutableArray<PlanFailure>> RunStepAsync(PlanStep step, Revision cause, CancellationToken cancellation)
    {
        var done = 0;
        var size = step.SlowStart ? 1 : step.Actions.Length;
        while (done < step.Actions.Length)
        {
            var actions = step.Actions.AsMemory().Slice(done, Math.Min(size, step.Actions.Length - done));
            var failures = await RunTogetherAsync(actions, cause, cancellation).ConfigureAwait(false);
            if (!failures.IsEmpty)
            {
                return failures;
            }

            done += actions.Length;
            size *= 2;
        }

        return [];
    }

    private async Task<ImmutableArray<PlanFailure>> RunTogetherAsync(ReadOnlyMemory<PlanAction> actions, Revision cause, CancellationToken cancellation)
    {
        if (actions.Length <= Share)
        {
            // Most plans are a write or two: nobody else is needed for them.
            return Failures(await Task.WhenAll(actions.ToArray().Select(action => RunAsync(action, cause, cancellation))).ConfigureAwait(false));
        }

        var shares = new List<Task<PlanFailure?[]>>((actions.Length / Share) + 1);
        for (var start = 0; start < actions.Length; start += Share)
        {
            var share = actions.Slice(start, Math.Min(Share, actions.Length - start));
            shares.Add(Task.Run(() => Task.WhenAll(share.ToArray().Select(action => RunAsync(action, cause, cancellation))), cancellation));
        }

        var results = await Task.WhenAll(shares).ConfigureAwait(false);
        return Failures(results.SelectMany(failures => failures));
    }

    private static ImmutableArray<PlanFailure> Failures(IEnumerable<PlanFailure?> results) => [.. results.OfType<PlanFailure>()];

    private async Task<PlanFailure?> RunAsync(PlanAction action, Revision cause, CancellationToken cancellation)
    {
        if (action is RecordEvent { Once: { } name } news)
        {
            return await RecordOnceAsync(news, name, cancellation).ConfigureAwait(false) is { } failure ? new PlanFailure(action, failure) : null;
        }

        if (action is RecordEvent notice)
        {
            events.Record(notice.About, notice.Warning, notice.Reason, notice.Message);
            return null;
        }

        if (action is CallServer call)
        {
            return await call.Call(cancellation).ConfigureAwait(false) is { } refusal ? new PlanFailure(action, refusal) : null;
        }

        ResourceResult result;
        try
        {
            result = await ApplyAsync(action, new WriteOptions(ControllerDefinition.PrincipalOf(controller), action.Act) { Cause = cause }, cancellation).ConfigureAwait(false);
        }
        catch (LedgerUnavailableException unavailable)
        {
            result = ResourceResult.Failed(ApiStatus.Unavailable(unavailable.Message));
        }

        if (action.Report?.Invoke(result) is { } told)
        {
            events.Record(told.About, told.Warning, told.Reason, told.Message);
        }

        return result.Failure is null || IsMoot(action, result.Failure) ? null : new PlanFailure(action, result.Failure);
    }

    private async Task<ApiStatus?> RecordOnceAsync(RecordEvent news, string name, CancellationToken cancellation)
    {
        try
        {
            return await events.RecordOnceAsync(news.About, news.Warning, news.Reason, news.Message, name, cancellation).ConfigureAwait(false);
        }
        catch (LedgerUnavailableException unavailable)
        {
            return ApiStatus.Unavailable(unavailable.Message);
        }
    }

    private Task<ResourceResult> ApplyAsync(PlanAction action, WriteOptions options, CancellationToken cancellation) => action switch
    {
        CreateObject create => client.CreateAsync(create.Type, create.Namespace, create.Object(), options, cancellation),
        ChangeObject change => client.UpdateAsync(
            change.Key,
            change.Change,
            options with { Subresource = change.Subresource, Expected = change.Expected, ExpectedUid = change.Uid },
            cancellation),
        DeleteObject delete => client.DeleteAsync(delete.Key, delete.Request, options, cancellation),
        _ => throw new InvalidOperationException($"{controller} planned a {action.GetType().Name}, which nobody knows how to apply."),
    };

    /// <summary>What was to be changed or deleted is gone, or the namespace it was to be created in is going: nothing is left to be done.</summary>
    private static bool IsMoot(PlanAction action, ApiStatus failure) => action switch
    {
        CreateObject => failure.Causes.Any(cause => cause.Reason == "NamespaceTerminating"),
        _ => failure.Reason == "NotFound",
    };
}
