namespace ActorOrchestrator.Actors.NodeAgent.Probes;

/// <summary>The node's own network client for probes and lifecycle hooks. A probe that does not end within its token's time has failed.</summary>
public interface IProber
{
    /// <summary>GET; any status from 200 to 399 is success.</summary>
    Task<ProbeOutcome> HttpAsync(HttpProbe probe, CancellationToken cancellation = default);

    /// <summary>Opening a connection is success.</summary>
    Task<ProbeOutcome> TcpAsync(string host, int port, CancellationToken cancellation = default);

    /// <summary>The standard gRPC health check; SERVING is success.</summary>
    Task<ProbeOutcome> GrpcAsync(string host, int port, string service, CancellationToken cancellation = default);
}

/// <param name="Scheme"><c>HTTP</c> or <c>HTTPS</c>; certificates are not verified, as the API says.</param>
public sealed record HttpProbe(string Scheme, string Host, int Port, string Path, IReadOnlyList<KeyValuePair<string, string>> Headers);

/// <param name="Output">Shown to the user when it failed, in the kubelet's words.</param>
public sealed record ProbeOutcome(bool Success, string Output);
