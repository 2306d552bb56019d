namespace ActorOrchestrator.Contracts.Resources;

/// <summary>
/// Volumes that are folders in a node's own data folder: what the class <c>local-path</c> gives. The control plane makes and deletes the
/// objects, the node makes the folder when a pod first mounts it and removes it before the object goes.
/// </summary>
public static class LocalPathVolumes
{
    /// <summary>The class that a new cluster has, its default one.</summary>
    public const string ClassName = "local-path";

    /// <summary>The provisioner of classes, and the <c>csi.driver</c> of volumes; a volume's <c>volumeHandle</c> is the folder's name.</summary>
    public const string Driver = "local-path.orchestrator";

    /// <summary>Held by the node that has the folder.</summary>
    public const string Finalizer = "orchestrator/local-path";

    /// <summary>In <c>csi.volumeAttributes</c>: the name of that node.</summary>
    public const string NodeAttribute = "node";
}
