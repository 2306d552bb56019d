using System.Globalization;
using System.Text;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Pods;

/// <summary>What a pod may ask about where and as what it runs.</summary>
/// <param name="PodIp">Empty until the sandbox has its address.</param>
public sealed record PodFacts(string NodeName, string HostIp, string PodIp, Quantity AllocatableCpu, Quantity AllocatableMemory, Quantity AllocatableStorage);

/// <summary>Downward references: a pod's own fields and resources as text (core/v1 ObjectFieldSelector, ResourceFieldSelector).</summary>
public static class FieldReferences
{
    /// <summary>Whether the value is known only once the sandbox has its address.</summary>
    public static bool NeedsAddress(string fieldPath) => fieldPath is "status.podIP" or "status.podIPs";

    /// <summary>Null with an error in the kubelet's words when the path is not supported.</summary>
    public static string? Field(V1Pod pod, string fieldPath, PodFacts facts, out string error)
    {
        error = "";
        if (Subscript(fieldPath, "metadata.labels") is { } label)
        {
            return pod.Metadata.Labels?.TryGetValue(label, out var value) == true ? value : "";
        }

        if (Subscript(fieldPath, "metadata.annotations") is { } annotation)
        {
            return pod.Metadata.Annotations?.TryGetValue(annotation, out var value) == true ? value : "";
        }

        switch (fieldPath)
        {
            case "metadata.name": return pod.Metadata.Name;
            case "metadata.namespace": return pod.Metadata.NamespaceProperty;
            case "metadata.uid": return pod.Metadata.Uid;
            case "metadata.labels": return Map(pod.Metadata.Labels);
            case "metadata.annotations": return Map(pod.Metadata.Annotations);
            case "spec.nodeName": return facts.NodeName;
            case "spec.serviceAccountName": return pod.Spec.ServiceAccountName ?? "default";
            case "status.hostIP" or "status.hostIPs": return facts.HostIp;
            case "status.podIP" or "status.podIPs": return facts.PodIp;
            default:
                error = $"unsupported fieldPath: {fieldPath}";
                return null;
        }
    }

    public static string? Resource(V1Pod pod, V1Container own, V1ResourceFieldSelector selector, PodFacts facts, out string error)
    {
        error = "";
        var container = string.IsNullOrEmpty(selector.ContainerName) ? own : QosClass.AllContainers(pod).FirstOrDefault(other => other.Name == selector.ContainerName);
        if (container is null)
        {
            error = $"container {selector.ContainerName} not found";
            return null;
        }

        var (name, isLimit) = selector.Resource.StartsWith("limits.", StringComparison.Ordinal) ? (selector.Resource[7..], true)
            : selector.Resource.StartsWith("requests.", StringComparison.Ordinal) ? (selector.Resource[9..], false) : ("", false);
        if (name is not ("cpu" or "memory" or "ephemeral-storage") && !name.StartsWith("hugepages-", StringComparison.Ordinal))
        {
            error = $"unsupported container resource : {selector.Resource}";
            return null;
        }

        var amount = QosClass.Amount(isLimit ? container.Resources?.Limits : container.Resources?.Requests, name);
        if (isLimit && amount is null or { IsZero: true })
        {
            // Without a limit the node's allocatable is the limit there is.
            amount = name switch { "cpu" => facts.AllocatableCpu, "memory" => facts.AllocatableMemory, "ephemeral-storage" => facts.AllocatableStorage, _ => Quantity.Zero };
        }

        var divisor = selector.Divisor is { } text && Quantity.TryParse(text.ToString(), out var parsed) && !parsed.IsZero ? parsed : Quantity.Of(1);
        return decimal.Ceiling((amount ?? Quantity.Zero).Amount / divisor.Amount).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>One <c>key="value"</c> a line, in key order, values escaped.</summary>
    private static string Map(IDictionary<string, string>? map)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in (map ?? new Dictionary<string, string>()).OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length == 0 ? "" : "\n").Append(key).Append('=').Append(Quote(value));
        }

        return text.ToString();
    }

    private static string Quote(string value)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in value)
        {
            quoted.Append(c switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", _ => c.ToString() });
        }

        return quoted.Append('"').ToString();
    }

    private static string? Subscript(string path, string field) =>
        path.StartsWith(field + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(field.Length + 2)..^2] : null;
}
