using System.Collections.Immutable;
using System.Text;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>A pod's <c>/etc/resolv.conf</c> by its dnsPolicy and dnsConfig (kubelet's dns.Configurer).</summary>
public static class ResolvConf
{
    private const int MaxNameservers = 3;
    private const int MaxSearches = 32;

    /// <param name="pod">The pod.</param>
    /// <param name="clusterDns">The address of the cluster's DNS.</param>
    /// <param name="clusterDomain">Such as <c>cluster.local</c>.</param>
    /// <param name="hostFile">The host's own file.</param>
    public static string For(V1Pod pod, string clusterDns, string clusterDomain, string hostFile)
    {
        var host = Parse(hostFile);
        var usesHostNetwork = pod.Spec.HostNetwork == true;
        var policy = pod.Spec.DnsPolicy ?? "ClusterFirst";
        var cluster = policy == "ClusterFirstWithHostNet" || (policy == "ClusterFirst" && !usesHostNetwork);
        var ns = pod.Metadata.NamespaceProperty;
        var resolver = policy == "None" ? new Resolver([], [], [])
            : cluster ? new Resolver([clusterDns], [$"{ns}.svc.{clusterDomain}", $"svc.{clusterDomain}", clusterDomain, .. host.Searches], ["ndots:5"])
            : host;

        if (pod.Spec.DnsConfig is { } config)
        {
            resolver = new Resolver(
                [.. resolver.Nameservers.Concat(config.Nameservers ?? []).Distinct()],
                [.. resolver.Searches.Concat(config.Searches ?? []).Distinct()],
                MergeOptions(resolver.Options, config.Options ?? []));
        }

        var text = new StringBuilder();
        foreach (var nameserver in resolver.Nameservers.Take(MaxNameservers))
        {
            text.Append("nameserver ").Append(nameserver).Append('\n');
        }

        if (resolver.Searches.Length > 0)
        {
            text.Append("search ").AppendJoin(' ', resolver.Searches.Distinct().Take(MaxSearches)).Append('\n');
        }

        if (resolver.Options.Length > 0)
        {
            text.Append("options ").AppendJoin(' ', resolver.Options).Append('\n');
        }

        return text.ToString();
    }

    private static Resolver Parse(string file)
    {
        ImmutableArray<string> nameservers = [], searches = [], options = [];
        foreach (var line in file.Split('\n'))
        {
            var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            switch (words)
            {
                case ["nameserver", var address, ..]: nameservers = nameservers.Add(address); break;
                case ["search" or "domain", .. var names]: searches = [.. names.Select(name => name == "." ? name : name.TrimEnd('.'))]; break;
                case ["options", .. var names]: options = [.. names]; break;
            }
        }

        return new Resolver(nameservers, searches, options);
    }

    private static ImmutableArray<string> MergeOptions(ImmutableArray<string> options, IEnumerable<V1PodDNSConfigOption> more)
    {
        var merged = options.Select(option => option.Split(':', 2)).ToDictionary(parts => parts[0], parts => parts.ElementAtOrDefault(1));
        foreach (var option in more)
        {
            merged[option.Name] = option.Value;
        }

        return [.. merged.Select(option => string.IsNullOrEmpty(option.Value) ? option.Key : $"{option.Key}:{option.Value}")];
    }

    private sealed record Resolver(ImmutableArray<string> Nameservers, ImmutableArray<string> Searches, ImmutableArray<string> Options);
}
