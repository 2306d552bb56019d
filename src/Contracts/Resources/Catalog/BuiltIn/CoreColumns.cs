using System.Collections.Immutable;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of the core group, with upstream's headings, order and priorities.</summary>
internal static class CoreColumns
{
    internal static readonly PrinterColumn Name =
        new("Name", "string", "name", "Name must be unique within a namespace; it is required when an object is created and cannot be changed.", 0);

    internal static readonly PrinterColumn Age =
        new("Age", "string", "", "The time since the object was created, from its creationTimestamp.", 0);

    internal static PrinterColumn Text(string name, string description, int priority = 0) => new(name, "string", "", description, priority);

    internal static PrinterColumn Number(string name, string description, int priority = 0) => new(name, "integer", "", description, priority);

    internal static PrinterColumn Truth(string name, string description, int priority = 0) => new(name, "boolean", "", description, priority);

    public static readonly ImmutableArray<PrinterColumn> Pods =
    [
        Name,
        Text("Ready", "The aggregate readiness state of this pod for accepting traffic."),
        Text("Status", "The aggregate status of the containers in this pod."),
        Text("Restarts", "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted."),
        Age,
        Text("IP", "The address of the pod, reachable from within the cluster; empty while none is assigned.", 1),
        Text("Node", "The node that the pod is bound to.", 1),
        Text("Nominated Node", "The node that the pod may be bound to once pods of lower priority have left it.", 1),
        Text("Readiness Gates", "How many of the pod's readiness gates are true.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> Services =
    [
        Name,
        Text("Type", "How the Service is exposed: ExternalName, ClusterIP, NodePort or LoadBalancer."),
        Text("Cluster-IP", "The virtual address of the Service; None for a headless one."),
        Text("External-IP", "The addresses outside the cluster at which the Service is reachable."),
        Text("Port(s)", "The ports that the Service exposes, with the node port behind the colon."),
        Age,
        Text("Selector", "The labels of the pods that the Service sends traffic to.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> Endpoints =
    [
        Name,
        Text("Endpoints", "The ready addresses with their ports."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> Nodes =
    [
        Name,
        Text("Status", "The status of the node."),
        Text("Roles", "The roles of the node."),
        Age,
        Text("Version", "The version of the node agent."),
        Text("Internal-IP", "The address of the node inside the cluster.", 1),
        Text("External-IP", "The address of the node outside the cluster.", 1),
        Text("OS-Image", "The operating system that the node reports.", 1),
        Text("Kernel-Version", "The kernel that the node reports.", 1),
        Text("Container-Runtime", "The container runtime and its version that the node reports.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> Events =
    [
        Text("Last Seen", "The time since the event was last observed."),
        Text("Type", "Normal or Warning."),
        Text("Reason", "Why the event was recorded, as one word for machines."),
        Text("Object", "The object that the event is about."),
        Text("Subobject", "The part of the object that the event is about.", 1),
        Text("Source", "The component that reported the event.", 1),
        Text("Message", "What happened, for people."),
        Text("First Seen", "The time since the event was first observed.", 1),
        Number("Count", "How often the event was observed.", 1),
        Name with { Priority = 1 },
    ];

    public static readonly ImmutableArray<PrinterColumn> Namespaces =
    [
        Name,
        Text("Status", "The status of the namespace."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ConfigMaps =
    [
        Name,
        Text("Data", "The number of keys in data and binaryData."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> Secrets =
    [
        Name,
        Text("Type", "What the secret is used for."),
        Text("Data", "The number of keys in data."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ServiceAccounts =
    [
        Name,
        Text("Secrets", "The number of secrets that pods of this account may use."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ComponentStatuses =
    [
        Name,
        Text("Status", "Healthy or not."),
        Text("Message", "What the component says."),
        Text("Error", "What is wrong with it."),
    ];

    public static readonly ImmutableArray<PrinterColumn> LimitRanges =
    [
        Name,
        Text("Created At", "When the object was created."),
    ];

    public static readonly ImmutableArray<PrinterColumn> PersistentVolumes =
    [
        Name,
        Text("Capacity", "The size of the volume."),
        Text("Access Modes", "How the volume may be mounted."),
        Text("Reclaim Policy", "What becomes of the volume when its claim is gone."),
        Text("Status", "The phase of the volume."),
        Text("Claim", "The claim that the volume is bound to."),
        Text("StorageClass", "The class of the volume."),
        Text("VolumeAttributesClass", "The class of its changeable attributes."),
        Text("Reason", "Why the volume is in this phase."),
        Age,
        Text("VolumeMode", "Filesystem or Block.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> PersistentVolumeClaims =
    [
        Name,
        Text("Status", "The phase of the claim."),
        Text("Volume", "The volume that the claim is bound to."),
        Text("Capacity", "The size of the volume."),
        Text("Access Modes", "How the volume may be mounted."),
        Text("StorageClass", "The class that is asked for."),
        Text("VolumeAttributesClass", "The class of the changeable attributes that is asked for."),
        Age,
        Text("VolumeMode", "Filesystem or Block.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> PodTemplates =
    [
        Name,
        Text("Containers", "Names of each container in the template."),
        Text("Images", "Images referenced by each container in the template."),
        Text("Pod Labels", "The labels of the pods."),
    ];

    public static readonly ImmutableArray<PrinterColumn> ReplicationControllers =
    [
        Name,
        Number("Desired", "Number of pods that are asked for."),
        Number("Current", "Number of pods that exist."),
        Number("Ready", "Number of pods that are ready."),
        Age,
        Text("Containers", "Names of each container in the template.", 1),
        Text("Images", "Images referenced by each container in the template.", 1),
        Text("Selector", "The label query over the pods of this object.", 1),
    ];

    public static readonly ImmutableArray<PrinterColumn> ResourceQuotas =
    [
        Name,
        Text("Request", "What is used of what may be requested."),
        Text("Limit", "What is used of what limits may add up to."),
        Age,
    ];
}
