using ActorOrchestrator.Host.CommandLine;
using ActorOrchestrator.Host.Composition;

try
{
    return await OrchestratorCommand.RunAsync(args);
}
catch (HostException failed)
{
    await Console.Error.WriteLineAsync($"orchestrator: {failed.Message}");
    return 1;
}
