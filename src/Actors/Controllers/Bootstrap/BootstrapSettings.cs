namespace ActorOrchestrator.Actors.Controllers.Bootstrap;

/// <summary>What the system objects are made of. The composition fills it in from what the API server and the network really use.</summary>
/// <param name="AdvertiseAddress">Where pods reach the API server.</param>
/// <param name="ApiPort">Its port.</param>
/// <param name="CertificateAuthority">The PEM of the authority that signed its certificate; null publishes none.</param>
/// <param name="ApiServiceAddress">The virtual address of the Service <c>kubernetes</c>.</param>
/// <param name="DnsServiceAddress">The virtual address of the Service <c>kube-dns</c>.</param>
/// <param name="ServiceRange">Where addresses of Services come from.</param>
public sealed record BootstrapSettings(
    string AdvertiseAddress,
    int ApiPort,
    string? CertificateAuthority,
    string ApiServiceAddress,
    string DnsServiceAddress,
    string ServiceRange);
