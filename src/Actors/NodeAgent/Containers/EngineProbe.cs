namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>Finds out what the engine can do here by starting a container that asks for it.</summary>
public static class EngineProbe
{
    public static async Task<EngineAbilities> RunAsync(IContainerEngine engine, NodeAgentSettings settings, CancellationToken cancellation = default)
    {
        // Where all of it works, as nearly everywhere, one container tells.
        if (await StartsAsync(engine, settings, "all", QosScore, privileged: true, cancellation))
        {
            return EngineAbilities.All;
        }

        return new EngineAbilities(
            await StartsAsync(engine, settings, "oom", QosScore, privileged: false, cancellation),
            await StartsAsync(engine, settings, "privileged", 0, privileged: true, cancellation));
    }

    private const int QosScore = Pods.QosClass.SandboxOomScore;

    private static async Task<bool> StartsAsync(IContainerEngine engine, NodeAgentSettings settings, string what, int oomScore, bool privileged, CancellationToken cancellation)
    {
        var spec = new ContainerSpec
        {
            Name = $"orchestrator-probe-{what}-{settings.ClusterId}-{settings.NodeName}",
            Image = PauseImage.Reference,
            Labels = settings.EngineLabels,
            NetworkMode = "none",
            IpcMode = "private",
            OomScoreAdjustment = oomScore,
            Privileged = privileged,
        };
        if (await engine.InspectAsync(spec.Name, cancellation) is { } left)
        {
            await engine.RemoveAsync(left.Id, cancellation);
        }

        var id = await engine.CreateAsync(spec, cancellation);
        try
        {
            await engine.StartAsync(id, cancellation);
            return true;
        }
        catch (EngineException refused) when (refused.Failure == EngineFailure.Refused)
        {
            return false;
        }
        finally
        {
            await engine.RemoveAsync(id, CancellationToken.None);
        }
    }
}
