using Akka.Configuration;

namespace ActorOrchestrator.Host.Composition;

/// <summary>HOCON in layers, each over the ones before: base, role, persistence, the user's file. The command line is laid over by whoever uses a value.</summary>
public static class HostConfig
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "hocon");

    /// <exception cref="HostException">The user's file cannot be read or is not HOCON.</exception>
    public static Config Load(string? userFile)
    {
        var config = Read("node").WithFallback(Read("control")).WithFallback(Read("base"));
        if (userFile is null)
        {
            return config;
        }

        try
        {
            return ConfigurationFactory.ParseString(File.ReadAllText(userFile)).WithFallback(config);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"--config {userFile} cannot be read: {failed.Message}", failed);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            throw new HostException($"--config {userFile} is not HOCON: {failed.Message}", failed);
        }
    }

    /// <summary>One of our own files; the empty configuration when this build has none of that name.</summary>
    public static Config Read(string name)
    {
        var file = Path.Combine(Folder, name + ".conf");
        return File.Exists(file) ? ConfigurationFactory.ParseString(File.ReadAllText(file)) : Config.Empty;
    }
}
