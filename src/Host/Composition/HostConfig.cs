using Akka.Configuration;

namespace ActorOrchestrator.Host.Composition;

/// <summary>
/// HOCON in layers, each over the ones before: base, role, the actor system's or the persistence's own, the user's file. The command line is laid over
/// by whoever uses a value.
/// </summary>
public sealed class HostConfig
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "hocon");
    private readonly Config _shared;
    private readonly Config _user;

    private HostConfig(Config user)
    {
        _user = user;
        _shared = Read("node").WithFallback(Read("control")).WithFallback(Read("base"));
        Rooms = Over(_shared);
    }

    /// <summary>What the rooms read their settings from: <c>orchestrator.*</c>.</summary>
    public Config Rooms { get; }

    /// <summary>For the clustered actor system; addresses, roles and persistence are the host's to add.</summary>
    public Config Clustered => Over(Read("cluster").WithFallback(_shared));

    /// <summary>For the node's own actor system.</summary>
    public Config Local => Over(Read("local").WithFallback(_shared));

    /// <summary>The journal's plug-in by its kind, <c>sqlite</c> or <c>postgres</c>.</summary>
    public Config Persistence(string kind) => Over(Read($"persistence-{kind}"));

    /// <summary>The same with the ranges that the cluster has, whatever this host's own files say.</summary>
    public HostConfig WithRanges(string clusterCidr, string serviceCidr) => new(
        ConfigurationFactory.ParseString($"orchestrator.network {{ cluster-cidr = \"{clusterCidr}\", service-cidr = \"{serviceCidr}\" }}").WithFallback(_user));

    /// <param name="userFile">The user's own HOCON; null for none.</param>
    /// <exception cref="HostException">The file cannot be read or is not HOCON.</exception>
    public static HostConfig Load(string? userFile)
    {
        if (userFile is null)
        {
            return new HostConfig(Config.Empty);
        }

        try
        {
            return new HostConfig(ConfigurationFactory.ParseString(File.ReadAllText(userFile)));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"--config {userFile} cannot be read: {failed.Message}", failed);
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            throw new HostException($"--config {userFile} is not HOCON: {failed.Message.ReplaceLineEndings(" ")}", failed);
        }
    }

    private Config Over(Config layers) => _user.IsEmpty ? layers : _user.WithFallback(layers);

    /// <summary>One of our own files.</summary>
    private static Config Read(string name) => ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(Folder, name + ".conf")));
}
