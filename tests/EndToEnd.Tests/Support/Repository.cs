namespace ActorOrchestrator.EndToEnd.Tests.Support;

/// <summary>The checkout that is tested: everything is run the way a new user runs it, from its root.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActorOrchestrator.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No checkout above {AppContext.BaseDirectory}.");
    }
}
