using System.Runtime.CompilerServices;

namespace ActorOrchestrator.Actors.Tests.ServiceNetworking;

/// <summary>Compares with a file beside the test. With UPDATE_GOLDEN=1 the files are written instead, to be read in the difference of the commit.</summary>
public static class Golden
{
    public static void Matches(string file, string text, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, "Golden", file);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        Assert.Equal(File.ReadAllText(path), text);
    }
}
