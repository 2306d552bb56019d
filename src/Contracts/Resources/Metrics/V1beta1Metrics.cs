using System.Text.Json.Serialization;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources.Metrics;

// The types of metrics.k8s.io/v1beta1 (k8s.io/metrics), which the model package has in another form than all its others. They are there for the schema:
// objects of these kinds are written where they are answered.

[KubernetesEntity(Group = "metrics.k8s.io", ApiVersion = "v1beta1", Kind = "NodeMetrics", PluralName = "nodes")]
public sealed class V1beta1NodeMetrics
{
    [JsonPropertyName("apiVersion")]
    public string? ApiVersion { get; set; }

    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("metadata")]
    public V1ObjectMeta? Metadata { get; set; }

    /// <summary>The end of the window.</summary>
    [JsonPropertyName("timestamp")]
    public DateTime? Timestamp { get; set; }

    /// <summary>The time over which processor use was averaged.</summary>
    [JsonPropertyName("window")]
    public string? Window { get; set; }

    [JsonPropertyName("usage")]
    public IDictionary<string, ResourceQuantity>? Usage { get; set; }
}

[KubernetesEntity(Group = "metrics.k8s.io", ApiVersion = "v1beta1", Kind = "NodeMetricsList", PluralName = "nodes")]
public sealed class V1beta1NodeMetricsList
{
    [JsonPropertyName("apiVersion")]
    public string? ApiVersion { get; set; }

    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("metadata")]
    public V1ListMeta? Metadata { get; set; }

    [JsonPropertyName("items")]
    public IList<V1beta1NodeMetrics>? Items { get; set; }
}

[KubernetesEntity(Group = "metrics.k8s.io", ApiVersion = "v1beta1", Kind = "PodMetrics", PluralName = "pods")]
public sealed class V1beta1PodMetrics
{
    [JsonPropertyName("apiVersion")]
    public string? ApiVersion { get; set; }

    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("metadata")]
    public V1ObjectMeta? Metadata { get; set; }

    /// <summary>The end of the window.</summary>
    [JsonPropertyName("timestamp")]
    public DateTime? Timestamp { get; set; }

    /// <summary>The time over which processor use was averaged.</summary>
    [JsonPropertyName("window")]
    public string? Window { get; set; }

    [JsonPropertyName("containers")]
    public IList<V1beta1ContainerMetrics>? Containers { get; set; }
}

[KubernetesEntity(Group = "metrics.k8s.io", ApiVersion = "v1beta1", Kind = "PodMetricsList", PluralName = "pods")]
public sealed class V1beta1PodMetricsList
{
    [JsonPropertyName("apiVersion")]
    public string? ApiVersion { get; set; }

    [JsonPropertyName("kind")]
    public string? Kind { get; set; }

    [JsonPropertyName("metadata")]
    public V1ListMeta? Metadata { get; set; }

    [JsonPropertyName("items")]
    public IList<V1beta1PodMetrics>? Items { get; set; }
}

public sealed class V1beta1ContainerMetrics
{
    [JsonPropertyName("name")]
    public string? Name { get; set; }

    /// <summary>Processor time in cores, and memory in use, the working set.</summary>
    [JsonPropertyName("usage")]
    public IDictionary<string, ResourceQuantity>? Usage { get; set; }
}
