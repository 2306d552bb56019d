using System.Reflection;
using System.Runtime.InteropServices;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>What this program says of its version: the Kubernetes release whose API it speaks, with its own behind the plus.</summary>
public static class ServerVersion
{
    public const string Major = "1";
    public const string Minor = "34";

    /// <summary>Our own version with the commit, as the build stamped it: <c>0.1.0+abc123</c>.</summary>
    public static string Informational { get; } =
        typeof(ServerVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    /// <summary>Our own version without the commit.</summary>
    public static string Own { get; } = Informational.Split('+')[0];

    /// <summary>The commit it was built from; empty when the build did not know.</summary>
    public static string Commit { get; } = Informational.Split('+') is [_, var commit, ..] ? commit : "";

    /// <summary><c>v1.34.0+orchestrator-0.1.0</c>: what <c>kubectl version</c> and <c>kubectl get nodes</c> show.</summary>
    public static string Git { get; } = $"v{Major}.{Minor}.0+orchestrator-{Own}";

    /// <summary>As Go names it: <c>linux/amd64</c>.</summary>
    public static string Platform { get; } = "linux/" + RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.Arm64 => "arm64",
        var other => other.ToString().ToLowerInvariant(),
    };
}
