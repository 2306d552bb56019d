using System.Collections.Immutable;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of the core group, with upstream's headings, types, order and priorities.</summary>
internal static class CoreColumns
{
    internal static readonly PrinterColumn Name = new("Name", "string", "name", "", 0, Documentation: Of<V1ObjectMeta>("name"));

    internal static readonly PrinterColumn Age = new("Age", "string", "", "", 0, Documentation: Of<V1ObjectMeta>("creationTimestamp"));

    /// <summary>Of a field whose documentation describes the column.</summary>
    internal static DocumentedField Of<T>(string field) => new(typeof(T), field);

    internal static PrinterColumn Text(string name, string description, int priority = 0) => new(name, "string", "", description, priority);

    internal static PrinterColumn Text(string name, DocumentedField field, int priority = 0) => new(name, "string", "", "", priority, Documentation: field);

    internal static PrinterColumn Number(string name, string description, int priority = 0) => new(name, "integer", "", description, priority);

    internal static PrinterColumn Number(string name, DocumentedField field, int priority = 0) => new(name, "integer", "", "", priority, Documentation: field);

    internal static PrinterColumn Truth(string name, DocumentedField field, int priority = 0) => new(name, "boolean", "", "", priority, Documentation: field);

    public static readonly ImmutableArray<PrinterColumn> Pods =
    [
        Name,
        Text("Ready", "The aggregate readiness state of this pod for accepting traffic."),
        Text("Status", "The aggregate status of the containers in this pod."),
        Text("Restarts", "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted."),
        Age,
        Text("IP", Of<V1PodStatus>("podIP"), 1),
        Text("Node", Of<V1PodSpec>("nodeName"), 1),
        Text("Nominated Node", Of<V1PodStatus>("nominatedNodeName"), 1),
        Text("Readiness Gates", Of<V1PodSpec>("readinessGates"), 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> Services =
    [
        Name,
        Text("Type", Of<V1ServiceSpec>("type")),
        Text("Cluster-IP", Of<V1ServiceSpec>("clusterIP")),
        Text("External-IP", Of<V1ServiceSpec>("externalIPs")),
        Text("Port(s)", Of<V1ServiceSpec>("ports")),
        Age,
        Text("Selector", Of<V1ServiceSpec>("selector"), 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> Endpoints =
    [
        Name,
        Text("Endpoints", Of<V1Endpoints>("subsets")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> Nodes =
    [
        Name,
        Text("Status", "The status of the node"),
        Text("Roles", "The roles of the node"),
        Age,
        Text("Version", Of<V1NodeSystemInfo>("kubeletVersion")),
        Text("Internal-IP", Of<V1NodeStatus>("addresses"), 1),
        Text("External-IP", Of<V1NodeStatus>("addresses"), 1),
        Text("OS-Image", Of<V1NodeSystemInfo>("osImage"), 1),
        Text("Kernel-Version", Of<V1NodeSystemInfo>("kernelVersion"), 1),
        Text("Container-Runtime", Of<V1NodeSystemInfo>("containerRuntimeVersion"), 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> Events =
    [
        Text("Last Seen", Of<Corev1Event>("lastTimestamp")),
        Text("Type", Of<Corev1Event>("type")),
        Text("Reason", Of<Corev1Event>("reason")),
        Text("Object", Of<Corev1Event>("involvedObject")),
        Text("Subobject", Of<V1ObjectReference>("fieldPath"), 1),
        Text("Source", Of<Corev1Event>("source"), 1),
        Text("Message", Of<Corev1Event>("message")),
        Text("First Seen", Of<Corev1Event>("firstTimestamp"), 1),
        Text("Count", Of<Corev1Event>("count"), 1),
        Name with { Priority = 1 },
    ];

    public static readonly ImmutableArray<PrinterColumn> Namespaces =
    [
        Name,
        Text("Status", "The status of the namespace"),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ConfigMaps =
    [
        Name,
        Text("Data", Of<V1ConfigMap>("data")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> Secrets =
    [
        Name,
        Text("Type", Of<V1Secret>("type")),
        Text("Data", Of<V1Secret>("data")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ServiceAccounts =
    [
        Name,
        Text("Secrets", Of<V1ServiceAccount>("secrets")),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ComponentStatuses =
    [
        Name,
        Text("Status", "Status of the component conditions"),
        Text("Message", "Message of the component conditions"),
        Text("Error", "Error of the component conditions"),
    ];

    public static readonly ImmutableArray<PrinterColumn> PersistentVolumes =
    [
        Name,
        Text("Capacity", Of<V1PersistentVolumeSpec>("capacity")),
        Text("Access Modes", Of<V1PersistentVolumeSpec>("accessModes")),
        Text("Reclaim Policy", Of<V1PersistentVolumeSpec>("persistentVolumeReclaimPolicy")),
        Text("Status", Of<V1PersistentVolumeStatus>("phase")),
        Text("Claim", Of<V1PersistentVolumeSpec>("claimRef")),
        Text("StorageClass", "StorageClass of the pv"),
        Text("VolumeAttributesClass", "VolumeAttributesClass of the pv"),
        Text("Reason", Of<V1PersistentVolumeStatus>("reason")),
        Age,
        Text("VolumeMode", Of<V1PersistentVolumeSpec>("volumeMode"), 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> PersistentVolumeClaims =
    [
        Name,
        Text("Status", Of<V1PersistentVolumeClaimStatus>("phase")),
        Text("Volume", Of<V1PersistentVolumeClaimSpec>("volumeName")),
        Text("Capacity", Of<V1PersistentVolumeClaimStatus>("capacity")),
        Text("Access Modes", Of<V1PersistentVolumeClaimStatus>("accessModes")),
        Text("StorageClass", "StorageClass of the pvc"),
        Text("VolumeAttributesClass", "VolumeAttributesClass of the pvc"),
        Age,
        Text("VolumeMode", Of<V1PersistentVolumeClaimSpec>("volumeMode"), 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> PodTemplates =
    [
        Name,
        Text("Containers", "Names of each container in the template."),
        Text("Images", "Images referenced by each container in the template."),
        Text("Pod Labels", "The labels for the pod template."),
    ];

    public static readonly ImmutableArray<PrinterColumn> ReplicationControllers =
    [
        Name,
        Number("Desired", Of<V1ReplicationControllerSpec>("replicas")),
        Number("Current", Of<V1ReplicationControllerStatus>("replicas")),
        Number("Ready", Of<V1ReplicationControllerStatus>("readyReplicas")),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", Of<V1ReplicationControllerSpec>("selector"), 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> ResourceQuotas =
    [
        Name,
        Text("Request", "Request represents a minimum amount of cpu/memory that a container may consume."),
        Text("Limit", "Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node."),
        Age,
    ];
}
