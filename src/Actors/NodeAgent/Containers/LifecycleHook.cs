using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Actors.NodeAgent.Probes;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <summary>Runs a postStart or preStop handler.</summary>
public static class LifecycleHook
{
    /// <returns>Empty when it succeeded, else why not.</returns>
    public static async Task<string> RunAsync(PodContext context, V1LifecycleHandler handler, ProbeTarget target, CancellationToken cancellation)
    {
        try
        {
            if (handler.Exec is { } exec)
            {
                var outcome = await context.Engine.ExecAsync(target.RunId, [.. exec.Command], cancellation);
                return outcome.ExitCode == 0 ? "" : $"command '{string.Join(' ', exec.Command)}' exited with {outcome.ExitCode}: {outcome.Output}";
            }

            if (handler.HttpGet is { } http)
            {
                var outcome = await context.Ports.Prober.HttpAsync(ProbeActor.HttpProbeOf(http, target), cancellation);
                return outcome.Success ? "" : outcome.Output;
            }

            if (handler.Sleep is { } sleep)
            {
                await Task.Delay(TimeSpan.FromSeconds(sleep.Seconds), context.Ports.Time, cancellation);
            }

            return "";
        }
        catch (EngineException failed)
        {
            return failed.Message;
        }
        catch (FormatException malformed)
        {
            return malformed.Message;
        }
    }
}
