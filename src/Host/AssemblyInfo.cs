using System.Runtime.Versioning;

// Namespaces, bridges, nftables and Docker's Unix socket: a host runs on Linux.
[assembly: SupportedOSPlatform("linux")]
