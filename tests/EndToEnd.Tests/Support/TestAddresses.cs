namespace ActorOrchestrator.EndToEnd.Tests.Support;

/// <summary>
/// Addresses and names of the clusters under test, beside those that a cluster has by default: a cluster of the developer's on the same machine is neither
/// in the way nor touched.
/// </summary>
public static class TestAddresses
{
    public const string ServicePrefix = "10.143.";
    public const string SomePods = "10.142.77.0/24";
    public const string Table = "orchestrator_e2e";

    private const string Hocon = $$"""
        orchestrator {
          network { cluster-cidr = "10.142.0.0/16", service-cidr = "10.143.0.0/16" }
          node.bridge = orch-e2e
          service-proxy.table = {{Table}}
          routes.protocol = 87
        }
        petabridge.cmd.port = 19110
        """;

    /// <summary>What <c>up</c> takes to keep to them.</summary>
    public static string[] Flags { get; } = ["--config", Write()];

    private static string Write()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("orchestrator-e2e-config-").FullName, "host.conf");
        File.WriteAllText(file, Hocon);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        return file;
    }
}
