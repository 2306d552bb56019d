using System.Runtime.Versioning;

// Namespaces, bridges, nftables and an engine's cgroups: there is no other platform for a node.
[assembly: SupportedOSPlatform("linux")]
