namespace ActorOrchestrator.Host.Engine;

/// <summary>Whether a process that the engine named is still the one that was meant: its number may belong to another by now.</summary>
internal static class ContainerProcess
{
    public static bool IsOf(long pid, string containerId)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cgroup").Contains(containerId, StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
