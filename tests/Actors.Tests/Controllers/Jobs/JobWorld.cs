using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Jobs;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Controllers.Jobs;

/// <summary>One job, its controller step by step, and pods whose fate the test decides.</summary>
internal sealed class JobWorld
{
    public static readonly ObjectKey Key = new(ResourceTypes.Jobs, "default", "work");
    private static readonly ControllerDefinition Controller = JobController.Definitions.First();

    public PlanWorld World { get; } = new();
    public List<(string Reason, string Message)> Events { get; } = [];
    public JobView Job => JobView.Of(World.Cluster.Find(Key)!);
    public JobPod[] Pods => [.. World.Cluster.All(ResourceTypes.Pods).Select(JobPod.Of)];
    public JobPod[] Active => [.. Pods.Where(pod => pod.IsActive)];

    public JobWorld(string spec = "", string name = "work")
    {
        World.Put(ResourceTypes.Jobs, $$$"""
            {"metadata":{"name":"{{{name}}}","namespace":"default","uid":"job-uid","creationTimestamp":"2026-01-01T12:00:00Z"},
             "spec":{"selector":{"matchLabels":{"job":"work"}},"template":{"metadata":{"labels":{"job":"work"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}{{{spec}}}}}
            """);
    }

    public Plan Plan() => Controller.Reconcile(Observed.At(Key, World.Cluster), World.Now);

    public void Settle()
    {
        for (var round = 0; round < 100; round++)
        {
            var plan = Plan();
            var actions = plan.Steps.SelectMany(step => step.Actions).ToArray();
            Events.AddRange(actions.OfType<RecordEvent>().Select(told => (told.Reason, told.Message)));
            if (actions.All(action => action is RecordEvent))
            {
                return;
            }

            World.Carry(plan);
            Bury();
        }

        Assert.Fail("the job never comes to rest");
    }

    /// <summary>Does a part of what is planned, as a controller that dies in the middle.</summary>
    public void Interrupt(int choice)
    {
        var actions = Plan().Steps.SelectMany(step => step.Actions).Where(action => action is not RecordEvent).ToArray();
        foreach (var action in actions.Take(choice % (actions.Length + 1)))
        {
            World.Carry(action);
        }

        Bury();
    }

    /// <summary>A pod that is being deleted, has ended and is held by nobody is gone.</summary>
    public void Bury()
    {
        foreach (var pod in Pods.Where(pod => pod is { IsDeleting: true, IsDone: true, IsTracked: false }))
        {
            World.Remove(pod.Stored.Key);
        }
    }

    public void End(JobPod pod, string phase, int exitCode = 1) => Edit(pod, obj => obj["status"] = new JsonObject
    {
        ["phase"] = phase,
        ["containerStatuses"] = new JsonArray(new JsonObject
        {
            ["name"] = "c",
            ["state"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = phase == "Failed" ? exitCode : 0, ["finishedAt"] = Time } },
        }),
    });

    public void Delete(JobPod pod) => Edit(pod, obj => obj["metadata"]!["deletionTimestamp"] = Time);

    public void EditSpec(Action<JsonObject> change)
    {
        var obj = World.Cluster.Find(Key)!.ToJson();
        change(obj["spec"]!.AsObject());
        World.Put(ResourceTypes.Jobs, obj);
    }

    private string Time => World.Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private void Edit(JobPod pod, Action<JsonObject> change)
    {
        var obj = World.Cluster.Find(pod.Stored.Key)!.ToJson();
        change(obj);
        World.Put(ResourceTypes.Pods, obj);
    }
}
