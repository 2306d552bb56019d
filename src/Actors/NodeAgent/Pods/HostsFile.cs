using System.Text;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>A pod's <c>/etc/hosts</c>, as the kubelet writes it.</summary>
public static class HostsFile
{
    public static string For(V1Pod pod, string podIp, string clusterDomain)
    {
        var text = new StringBuilder("# Kubernetes-managed hosts file.\n"
            + "127.0.0.1\tlocalhost\n"
            + "::1\tlocalhost ip6-localhost ip6-loopback\n"
            + "fe00::0\tip6-localnet\n"
            + "fe00::0\tip6-mcastprefix\n"
            + "fe00::1\tip6-allnodes\n"
            + "fe00::2\tip6-allrouters\n");
        if (podIp.Length > 0)
        {
            var hostname = Hostname(pod);
            text.Append(podIp).Append('\t').Append(pod.Spec.Subdomain is { Length: > 0 } subdomain
                ? $"{hostname}.{subdomain}.{pod.Metadata.NamespaceProperty}.svc.{clusterDomain}\t{hostname}"
                : hostname).Append('\n');
        }

        if (pod.Spec.HostAliases is { Count: > 0 } aliases)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in aliases)
            {
                text.Append(alias.Ip).Append('\t').AppendJoin('\t', alias.Hostnames ?? []).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>The pod's own name cut to what the kernel takes, or what the specification says.</summary>
    public static string Hostname(V1Pod pod)
    {
        var name = string.IsNullOrEmpty(pod.Spec.Hostname) ? pod.Metadata.Name : pod.Spec.Hostname;
        return name.Length <= 63 ? name : name[..63].TrimEnd('-', '.');
    }
}
