using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.NodeAgent.Volumes;

/// <summary>
/// The node's disk as the agent uses it: a folder per pod (volumes, its own resolv.conf and hosts, termination messages) and the
/// checkpoints by which a node knows its pods while the control plane is away. Every call may be made again.
/// </summary>
public interface INodeFiles
{
    /// <summary>Where a file of a pod is, whether it exists or not.</summary>
    string PathOf(string podUid, string relativePath);

    /// <summary>Writes a small file of a pod in place, so that a container that has it mounted sees the change; the answer is its path.</summary>
    Task<string> WriteAsync(string podUid, string relativePath, ReadOnlyMemory<byte> content, CancellationToken cancellation = default);

    /// <summary>An empty directory that lives as long as the pod; in memory when asked. The answer is its path.</summary>
    Task<string> EmptyDirectoryAsync(string podUid, string volume, bool inMemory, long? sizeLimit, long? group, CancellationToken cancellation = default);

    /// <summary>
    /// Files in the layout of the kubelet's atomic writer: a time-stamped folder, <c>..data</c> pointing at it and a link per entry,
    /// so that a reader sees either all of the old files or all of the new. Nothing is written when nothing differs. The answer is the folder's path.
    /// </summary>
    Task<string> ProjectAsync(string podUid, string volume, ImmutableArray<ProjectedFile> files, long? group, CancellationToken cancellation = default);

    /// <summary>What a file of a projected volume holds now; empty when there is none.</summary>
    Task<ReadOnlyMemory<byte>> ReadProjectedAsync(string podUid, string volume, string path, CancellationToken cancellation = default);

    /// <summary>Checks (and for the OrCreate types makes) a path of the host.</summary>
    /// <exception cref="VolumeException">It is not what the type asks for.</exception>
    Task EnsureHostPathAsync(string path, string type, CancellationToken cancellation = default);

    /// <summary>A folder that outlives pods (see <see cref="Contracts.Resources.LocalPathVolumes"/>), made when it does not exist. The answer is its path.</summary>
    /// <param name="handle">The folder's name.</param>
    /// <param name="group">Who may write to everything in it, beside its owner.</param>
    /// <exception cref="VolumeException">The handle is no plain name.</exception>
    Task<string> LocalVolumeAsync(string handle, long? group, CancellationToken cancellation = default);

    /// <summary>Removes such a folder with everything in it; nothing happens when there is none.</summary>
    /// <exception cref="VolumeException">The handle is no plain name.</exception>
    Task RemoveLocalVolumeAsync(string handle, CancellationToken cancellation = default);

    /// <summary>A path inside a volume, made as a folder when it does not exist.</summary>
    /// <exception cref="VolumeException">The path leaves the volume.</exception>
    Task<string> SubPathAsync(string volumePath, string subPath, CancellationToken cancellation = default);

    /// <summary>At most the last 4096 bytes of a termination message; empty when there is none.</summary>
    Task<string> ReadTerminationMessageAsync(string path, CancellationToken cancellation = default);

    /// <summary>The host's own <c>/etc/resolv.conf</c>; empty when it has none.</summary>
    Task<string> HostResolvConfAsync(CancellationToken cancellation = default);

    Task SaveCheckpointAsync(string podUid, ReadOnlyMemory<byte> content, CancellationToken cancellation = default);

    /// <summary>Every checkpoint that is whole, by pod.</summary>
    Task<ImmutableDictionary<string, ReadOnlyMemory<byte>>> LoadCheckpointsAsync(CancellationToken cancellation = default);

    /// <summary>A small file of the agent itself, written atomically.</summary>
    Task SaveStateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation = default);

    /// <summary>Empty when there is none.</summary>
    Task<ReadOnlyMemory<byte>> LoadStateAsync(string name, CancellationToken cancellation = default);

    /// <summary>Unmounts and removes everything of a pod, its checkpoint last.</summary>
    Task RemovePodAsync(string podUid, CancellationToken cancellation = default);
}

/// <param name="Path">Relative, with forward slashes.</param>
/// <param name="Mode">Permission bits.</param>
public sealed record ProjectedFile(string Path, ReadOnlyMemory<byte> Content, int Mode);

/// <summary>A volume cannot be set up as things are; the message is shown to the user as the kubelet words it.</summary>
public sealed class VolumeException(string message, Exception? inner = null) : Exception(message, inner);
