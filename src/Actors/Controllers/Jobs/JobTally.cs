using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Controllers.Jobs;

/// <summary>
/// What has become of a job's pods: the numbers that its status already has, and what its pods add to them. A pure function of the job and its pods, so that every look
/// at the same world, before or after a crash, comes to the same result.
/// </summary>
public sealed record JobTally
{
    /// <summary>The most pods that one status writes down, upstream's limit.</summary>
    private const int UncountedLimit = 500;

    public required JobView Job { get; init; }
    public required ImmutableArray<JobPod> Pods { get; init; }
    public required ImmutableArray<JobPod> Active { get; init; }
    public int Terminating { get; init; }

    /// <summary>All that succeeded, written down or not; indexes where the job has them.</summary>
    public int Succeeded { get; init; }
    public int Failed { get; init; }
    public IndexSet CompletedIndexes { get; init; } = IndexSet.Empty;

    /// <summary>Null where indexes do not fail on their own.</summary>
    public IndexSet? FailedIndexes { get; init; }

    /// <summary>Why a failed pod makes the whole job fail; empty when none does.</summary>
    public string FatalMessage { get; init; } = "";

    /// <summary>The next status as far as counting goes.</summary>
    public required JobStatus Status { get; init; }

    /// <summary>Pods that may lose their finalizer once <see cref="Status"/> is written.</summary>
    public ImmutableArray<JobPod> Releasable { get; init; } = [];

    /// <summary>Nothing is left that was written down but not counted.</summary>
    public bool IsSettled => Status.UncountedSucceeded.IsEmpty && Status.UncountedFailed.IsEmpty;

    /// <param name="job">The job.</param>
    /// <param name="pods">All that it controls.</param>
    public static JobTally Of(JobView job, ImmutableArray<JobPod> pods)
    {
        var counting = new Counting(job, pods);
        counting.Settle();
        foreach (var pod in pods.Where(pod => pod.IsTracked))
        {
            counting.Add(pod);
        }

        return counting.Result();
    }

    private sealed class Counting(JobView job, ImmutableArray<JobPod> pods)
    {
        // Whatever is left of the pods of a job that is failing, succeeding or being deleted is over.
        private readonly JobVerdict? _verdict = JobVerdict.Known(job.Status);
        private readonly bool _isEnding = job.Stored.Metadata.DeletionTimestamp is not null || JobVerdict.Known(job.Status) is not null;
        private readonly JobStatus _before = job.Status;
        private readonly HashSet<string> _tracked = [.. pods.Where(pod => pod.IsTracked).Select(pod => pod.Uid)];
        private readonly List<JobPod> _releasable = [];
        private readonly List<int> _newIndexes = [];
        private readonly List<int> _newFailedIndexes = [];
        private readonly ImmutableSortedSet<string>.Builder _succeeded = job.Status.UncountedSucceeded.ToBuilder();
        private readonly ImmutableSortedSet<string>.Builder _failed = job.Status.UncountedFailed.ToBuilder();
        private int _countedSucceeded = job.Status.Succeeded;
        private int _countedFailed = job.Status.Failed;
        private int _beyondLimit;
        private int _failedBeyondLimit;
        private string _fatal = "";

        private bool FailsByIndex => job is { IsIndexed: true, BackoffLimitPerIndex: not null };

        /// <summary>What was written down and has lost its finalizer since moves into the numbers.</summary>
        public void Settle()
        {
            foreach (var uid in _before.UncountedSucceeded.Where(uid => !_tracked.Contains(uid)))
            {
                _succeeded.Remove(uid);
                _countedSucceeded++;
            }

            foreach (var uid in _before.UncountedFailed.Where(uid => !_tracked.Contains(uid)))
            {
                _failed.Remove(uid);
                _countedFailed++;
            }
        }

        public void Add(JobPod pod)
        {
            if (_succeeded.Contains(pod.Uid) || _failed.Contains(pod.Uid))
            {
                _releasable.Add(pod);
                NoteFailure(pod);
                return;
            }

            if (pod.HasSucceeded)
            {
                Succeeded(pod);
            }
            else if (pod.HasFailed(job) || (_isEnding && pod.IsDeleting && _verdict is not { Failed: false }))
            {
                FailedPod(pod);
            }
            else if (_isEnding && pod.IsDeleting)
            {
                _releasable.Add(pod);
            }
        }

        public JobTally Result()
        {
            var completed = _before.CompletedIndexes.With(_newIndexes);
            var failed = FailsByIndex ? (_before.FailedIndexes ?? IndexSet.Empty).With([.. _newFailedIndexes.Where(index => !completed.Contains(index))]) : null;
            var active = pods.Where(pod => pod.IsActive).ToImmutableArray();
            var terminating = pods.Count(pod => pod.IsTerminating);
            return new JobTally
            {
                Job = job,
                Pods = pods,
                Active = active,
                Terminating = terminating,
                CompletedIndexes = completed,
                FailedIndexes = failed,
                Succeeded = job.IsIndexed ? completed.Count : _countedSucceeded + _succeeded.Count + _beyondLimit,
                Failed = _countedFailed + _failed.Count + _failedBeyondLimit,
                FatalMessage = _fatal,
                Releasable = [.. _releasable],
                Status = _before with
                {
                    Active = active.Length,
                    Ready = active.Count(pod => pod.IsReady),
                    Terminating = terminating,
                    Succeeded = job.IsIndexed ? completed.Count : _countedSucceeded,
                    Failed = _countedFailed,
                    CompletedIndexes = completed,
                    FailedIndexes = failed,
                    UncountedSucceeded = _succeeded.ToImmutable(),
                    UncountedFailed = _failed.ToImmutable(),
                },
            };
        }

        private void Succeeded(JobPod pod)
        {
            if (job.IsIndexed)
            {
                // An index is a set's element: writing it down again changes nothing.
                if (pod.Index is { } index && index < job.Completions)
                {
                    _newIndexes.Add(index);
                }

                _releasable.Add(pod);
            }
            else if (_succeeded.Count + _failed.Count < UncountedLimit)
            {
                _succeeded.Add(pod.Uid);
                _releasable.Add(pod);
            }
            else
            {
                _beyondLimit++;
            }
        }

        private void FailedPod(JobPod pod)
        {
            var action = NoteFailure(pod);
            if (!_isEnding && FailsByIndex && IsLastOfItsIndex(pod))
            {
                // It carries the count of its index' failures until its successor does.
                _failedBeyondLimit += action == FailureAction.Ignore ? 0 : 1;
                return;
            }

            if (action == FailureAction.Ignore)
            {
                _releasable.Add(pod);
            }
            else if (_succeeded.Count + _failed.Count < UncountedLimit)
            {
                _failed.Add(pod.Uid);
                _releasable.Add(pod);
            }
            else
            {
                _failedBeyondLimit++;
            }
        }

        private FailureAction NoteFailure(JobPod pod)
        {
            if (pod.HasSucceeded || !pod.HasFailed(job))
            {
                return FailureAction.Count;
            }

            var (action, message) = PodFailureRule.Judge(job.FailureRules, pod);
            if (action == FailureAction.FailJob && _fatal.Length == 0)
            {
                _fatal = message;
            }

            if (FailsByIndex && pod.Index is { } index
                && (action == FailureAction.FailIndex || (action != FailureAction.Ignore && pod.IndexFailures >= job.BackoffLimitPerIndex)))
            {
                _newFailedIndexes.Add(index);
            }

            return action;
        }

        private bool IsLastOfItsIndex(JobPod pod) =>
            pod.Index is { } index && !_newFailedIndexes.Contains(index) && _before.FailedIndexes?.Contains(index) != true && !_before.CompletedIndexes.Contains(index)
            && !pods.Any(other => other.Index == index && other.Uid != pod.Uid
                && other.IndexFailures + other.IgnoredIndexFailures > pod.IndexFailures + pod.IgnoredIndexFailures);
    }
}
