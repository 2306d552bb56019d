using ActorOrchestrator.Actors.Controllers.Jobs;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Actors.Tests.Controllers.Jobs;

/// <summary>However pods end, are deleted, and the controller dies between any two writes: each pod is in the numbers once.</summary>
public sealed class JobCountingProperties
{
    [Theory]
    [InlineData("Failed", false)]
    [InlineData("TerminatingOrFailed", false)]
    [InlineData("Failed", true)]
    [InlineData("TerminatingOrFailed", true)]
    public void Every_pod_is_counted_once_wherever_the_controller_dies(string replacement, bool isIndexed) =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 1 << 24)).Resize(150).ToArbitrary(), choices =>
        {
            var (completions, parallelism) = (1 + (choices.Length % 7), 1 + (choices.Length % 4));
            var history = new History(completions, parallelism, replacement, isIndexed);
            foreach (var choice in choices.TakeWhile(_ => !history.World.Job.IsFinished))
            {
                history.Step(choice);
            }

            history.End();
            Check(history, isIndexed ? completions : null);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    private static void Check(History history, int? indexes)
    {
        var job = history.World.Job;
        Assert.True(job.Status.IsTrue("Complete"));
        Assert.Equal((indexes ?? history.Succeeded.Count, history.Failed.Count), (job.Status.Succeeded, job.Status.Failed));
        Assert.Empty(job.Status.UncountedFailed.Concat(job.Status.UncountedSucceeded));
        Assert.DoesNotContain(history.World.Pods, pod => pod.IsTracked);
        if (indexes is { } count)
        {
            Assert.Equal(IndexSet.Of(Enumerable.Range(0, count)), job.Status.CompletedIndexes);
        }
    }

    /// <summary>What happens to one job, and what its status must say in the end.</summary>
    private sealed class History(int completions, int parallelism, string replacement, bool isIndexed)
    {
        public JobWorld World { get; } = new(
            $$""","completions":{{completions}},"parallelism":{{parallelism}},"backoffLimit":1000,"podReplacementPolicy":"{{replacement}}","completionMode":"{{(isIndexed ? "Indexed" : "NonIndexed")}}" """);

        public HashSet<string> Succeeded { get; } = [];
        public HashSet<string> Failed { get; } = [];

        public void Step(int choice)
        {
            // No back-off holds up what comes next.
            World.World.Now += TimeSpan.FromMinutes(11);
            var (what, which) = (choice % 12, choice / 12);
            if (what < 7)
            {
                World.Interrupt(which);
                return;
            }

            var running = World.Pods.Where(pod => !pod.IsDone).ToArray();
            if (running.Length == 0)
            {
                return;
            }

            var pod = running[which % running.Length];
            if (what == 7 && !pod.IsDeleting)
            {
                World.Delete(pod);
            }
            else
            {
                Finish(pod, what > 9);
            }
        }

        /// <summary>Nothing dies any more and every pod does its work.</summary>
        public void End()
        {
            for (var round = 0; round < 100; round++)
            {
                World.World.Now += TimeSpan.FromMinutes(11);
                World.Settle();
                if (World.Job.IsFinished)
                {
                    return;
                }

                foreach (var pod in World.Pods.Where(pod => !pod.IsDone))
                {
                    Finish(pod, !pod.IsDeleting);
                }
            }

            Assert.Fail("the job never ends");
        }

        private void Finish(JobPod pod, bool succeeds)
        {
            // What was asked to go has failed by that, where that is reason enough.
            succeeds &= !pod.IsDeleting || replacement == "Failed";
            (succeeds ? Succeeded : Failed).Add(pod.Uid);
            World.End(pod, succeeds ? "Succeeded" : "Failed");
            World.Bury();
        }
    }
}
