using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace ActorOrchestrator.Host.Composition;

/// <summary>What a user can say on the command line; everything else is HOCON.</summary>
public sealed record OrchestratorOptions
{
    public const int DefaultApiPort = 6443;

    /// <summary>The folder that holds all of this host's state.</summary>
    public required string Data { get; init; }

    /// <summary>Where the API listens, HTTPS.</summary>
    public int ApiPort { get; init; } = DefaultApiPort;

    /// <summary>Where the cluster's remoting listens, TLS.</summary>
    public int ClusterPort { get; init; } = 4053;

    /// <summary>Where the node's own endpoint listens (logs), HTTPS.</summary>
    public int NodePort { get; init; } = 10250;

    /// <summary>The engine, as <c>unix:///var/run/docker.sock</c>.</summary>
    public string DockerHost { get; init; } = "unix:///var/run/docker.sock";

    public string NodeName { get; init; } = DefaultNodeName();

    /// <summary>The address under which other hosts reach this one.</summary>
    public IPAddress AdvertiseAddress { get; init; } = PrimaryAddress();

    public bool IsControl { get; init; } = true;
    public bool IsNode { get; init; } = true;

    /// <summary>The user's own HOCON, laid over ours; null without.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>A PostgreSQL connection string; null keeps the ledger in an embedded file.</summary>
    public string? Postgres { get; init; }

    /// <summary>The control host to join, as <c>host:port</c> of its API; null starts or continues a cluster of its own.</summary>
    public string? JoinAddress { get; init; }

    /// <summary>What <c>orchestrator token create</c> printed; needed the first time only.</summary>
    public string? JoinToken { get; init; }

    public static string DefaultData() =>
        Environment.IsPrivilegedProcess
            ? "/var/lib/orchestrator"
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "orchestrator");

    private static string DefaultNodeName() => Environment.MachineName.ToLowerInvariant();

    /// <summary>The first IPv4 address of an interface that is up and has a way out; loopback where there is none.</summary>
    private static IPAddress PrimaryAddress()
    {
        var candidates = NetworkInterface.GetAllNetworkInterfaces()
            .Where(link => link.OperationalStatus == OperationalStatus.Up && link.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .Select(link => link.GetIPProperties())
            .OrderByDescending(properties => properties.GatewayAddresses.Count > 0)
            .SelectMany(properties => properties.UnicastAddresses)
            .Select(address => address.Address);
        return candidates.FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IsOwnBridge(address)) ?? IPAddress.Loopback;
    }

    /// <summary>Docker's default bridge and our pod network are on every host alike: no way to reach one.</summary>
    private static bool IsOwnBridge(IPAddress address) => address.GetAddressBytes() is [172, 17, ..] or [10, 42, ..];
}
