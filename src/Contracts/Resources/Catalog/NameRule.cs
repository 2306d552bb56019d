namespace ActorOrchestrator.Contracts.Resources.Catalog;

/// <summary>What an object's name must look like.</summary>
public enum NameRule : byte
{
    /// <summary>RFC 1123 subdomain: most kinds.</summary>
    DnsSubdomain,

    /// <summary>RFC 1123 label: namespaces.</summary>
    DnsLabel,

    /// <summary>RFC 1035 label: services, whose names become DNS names.</summary>
    Dns1035Label,

    /// <summary>Whatever fits between two slashes of a URL: roles.</summary>
    PathSegment,

    /// <summary>The canonical text of an IP address: IPAddress objects are named by what they are.</summary>
    IPAddress,

    /// <summary>A subdomain, with the signer before a colon when the bundle has one.</summary>
    ClusterTrustBundle,
}
