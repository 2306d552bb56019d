using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using ActorOrchestrator.Actors.NodeAgent.Volumes;

namespace ActorOrchestrator.Host.Engine;

/// <summary>
/// The node's disk under one folder: <c>pods/UID/…</c> for volumes and a pod's own files, <c>checkpoints/UID.json</c>, and small state files.
/// Everything is readable by root alone, except what containers must read.
/// </summary>
public sealed partial class LinuxNodeFiles(string dataDirectory) : INodeFiles
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Shared = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Everyone = (UnixFileMode)0b111_111_111;
    private const int TerminationMessageLimit = 4096;
    private readonly string _pods = Path.Combine(dataDirectory, "pods");
    private readonly string _checkpoints = Path.Combine(dataDirectory, "checkpoints");

    public string PathOf(string podUid, string relativePath) => Path.Combine(_pods, podUid, relativePath);

    public Task<string> WriteAsync(string podUid, string relativePath, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) => Task.Run(() =>
    {
        var path = PathOf(podUid, relativePath);
        MakePrivate(Path.Combine(_pods, podUid));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(content.Span))
        {
            // In place: a bind mount is of the file itself, and a file put in its stead would not be seen.
            using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(0);
            file.Write(content.Span);
        }

        // A termination message is written by whatever user the container runs as.
        File.SetUnixFileMode(path, relativePath.StartsWith("containers/", StringComparison.Ordinal) ? (UnixFileMode)0b110_110_110 : (UnixFileMode)0b110_100_100);
        return path;
    }, cancellation);

    public Task<string> EmptyDirectoryAsync(string podUid, string volume, bool inMemory, long? sizeLimit, long? group, CancellationToken cancellation = default) => Task.Run(() =>
    {
        var path = VolumePath(podUid, "empty-dir", volume);
        var isNew = !Directory.Exists(path);
        Directory.CreateDirectory(path);
        if (inMemory && !IsMounted(path))
        {
            var options = sizeLimit is { } limit ? $"size={limit.ToString(CultureInfo.InvariantCulture)},mode=0777" : "mode=0777";
            if (Libc.Mount("tmpfs", path, "tmpfs", 0, options) != 0)
            {
                throw new VolumeException($"mount of tmpfs at {path} failed: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }

        if (isNew || inMemory)
        {
            File.SetUnixFileMode(path, group is null ? Everyone : Everyone | UnixFileMode.SetGroup);
            Chown(path, group);
        }

        return path;
    }, cancellation);

    public Task EnsureHostPathAsync(string path, string type, CancellationToken cancellation = default) => Task.Run(() =>
    {
        switch (type)
        {
            case "":
                return;
            case "DirectoryOrCreate":
                if (!Directory.Exists(path))
                {
                    Directory.CreateDirectory(path);
                    File.SetUnixFileMode(path, Shared);
                }

                break;
            case "FileOrCreate":
                if (!File.Exists(path) && !Directory.Exists(path))
                {
                    if (!Directory.Exists(Path.GetDirectoryName(path)))
                    {
                        throw new VolumeException($"hostPath type check failed: {path} is not a file");
                    }

                    using var created = File.Create(path);
                }

                break;
        }

        var matches = type switch
        {
            "Directory" or "DirectoryOrCreate" => Directory.Exists(path),
            "File" or "FileOrCreate" => File.Exists(path) && Kind(path) == Libc.RegularFile,
            "Socket" => Kind(path) == Libc.Socket,
            "CharDevice" => Kind(path) == Libc.CharacterDevice,
            "BlockDevice" => Kind(path) == Libc.BlockDevice,
            _ => throw new VolumeException($"hostPath type \"{type}\" is not known"),
        };
        if (!matches)
        {
            var wanted = type switch
            {
                "Directory" or "DirectoryOrCreate" => "a directory",
                "File" or "FileOrCreate" => "a file",
                "Socket" => "a socket file",
                "CharDevice" => "a character device",
                _ => "a block device",
            };
            throw new VolumeException($"hostPath type check failed: {path} is not {wanted}");
        }
    }, cancellation);

    public Task<string> LocalVolumeAsync(string handle, long? group, CancellationToken cancellation = default) => Task.Run(() =>
    {
        var path = LocalVolumePath(handle);
        if (!Directory.Exists(path))
        {
            MakePrivate(Path.GetDirectoryName(path)!);
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, Everyone);
        }

        if (group is { } wanted && Libc.GroupOf(path) != wanted)
        {
            GiveTo(path, wanted);
        }

        return path;
    }, cancellation);

    public Task RemoveLocalVolumeAsync(string handle, CancellationToken cancellation = default) => Task.Run(() =>
    {
        var path = LocalVolumePath(handle);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }, cancellation);

    public Task<string> SubPathAsync(string volumePath, string subPath, CancellationToken cancellation = default) => Task.Run(() =>
    {
        var path = Path.GetFullPath(Path.Combine(volumePath, subPath));
        var root = Path.GetFullPath(volumePath).TrimEnd('/');
        if (!IsInside(path, root))
        {
            throw new VolumeException($"subPath \"{subPath}\" must not leave the volume");
        }

        if (!File.Exists(path) && !Directory.Exists(path))
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_000);
            File.SetUnixFileMode(path, File.GetUnixFileMode(root));
        }

        // A container could have put a link there that leads out of the volume.
        var real = RealPath(path);
        return IsInside(real, RealPath(root)) ? real : throw new VolumeException($"subPath \"{subPath}\" leads out of the volume through a symbolic link");
    }, cancellation);

    public async Task<string> ReadTerminationMessageAsync(string path, CancellationToken cancellation = default)
    {
        if (!File.Exists(path))
        {
            return "";
        }

        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var buffer = new byte[Math.Min(TerminationMessageLimit, file.Length)];
        file.Seek(-buffer.Length, SeekOrigin.End);
        var read = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        return System.Text.Encoding.UTF8.GetString(buffer, 0, read);
    }

    public async Task<string> HostResolvConfAsync(CancellationToken cancellation = default)
    {
        // systemd-resolved's stub listens on the host's loopback, which a pod does not share; its upstreams are in the other file.
        const string Upstreams = "/run/systemd/resolve/resolv.conf";
        var file = File.Exists(Upstreams) ? Upstreams : "/etc/resolv.conf";
        return File.Exists(file) ? await File.ReadAllTextAsync(file, cancellation) : "";
    }

    public Task SaveCheckpointAsync(string podUid, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) =>
        ReplaceAsync(_checkpoints, $"{podUid}.json", content, cancellation);

    public async Task<ImmutableDictionary<string, ReadOnlyMemory<byte>>> LoadCheckpointsAsync(CancellationToken cancellation = default)
    {
        var loaded = ImmutableDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>();
        if (Directory.Exists(_checkpoints))
        {
            foreach (var file in Directory.EnumerateFiles(_checkpoints, "*.json"))
            {
                loaded[Path.GetFileNameWithoutExtension(file)] = await File.ReadAllBytesAsync(file, cancellation);
            }
        }

        return loaded.ToImmutable();
    }

    public Task SaveStateAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellation = default) => ReplaceAsync(dataDirectory, name, content, cancellation);

    public async Task<ReadOnlyMemory<byte>> LoadStateAsync(string name, CancellationToken cancellation = default)
    {
        var path = Path.Combine(dataDirectory, name);
        return File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellation) : ReadOnlyMemory<byte>.Empty;
    }

    public Task RemovePodAsync(string podUid, CancellationToken cancellation = default) => Task.Run(() =>
    {
        var pod = Path.Combine(_pods, podUid);
        if (Directory.Exists(pod))
        {
            foreach (var mount in MountsUnder(pod))
            {
                if (Libc.Unmount(mount, Libc.Detach) != 0)
                {
                    throw new VolumeException($"unmount of {mount} failed: {Marshal.GetLastPInvokeErrorMessage()}");
                }
            }

            Directory.Delete(pod, recursive: true);
        }

        File.Delete(Path.Combine(_checkpoints, $"{podUid}.json"));
    }, cancellation);

    /// <summary>Unmounts whatever pods have mounted under a node's folder, so that it can be deleted.</summary>
    public static void UnmountAll(string dataDirectory)
    {
        foreach (var mount in MountsUnder(Path.Combine(dataDirectory, "pods")))
        {
            Libc.Unmount(mount, Libc.Detach);
        }
    }

    private string VolumePath(string podUid, string kind, string volume)
    {
        MakePrivate(Path.Combine(_pods, podUid));
        return Path.Combine(_pods, podUid, "volumes", kind, volume);
    }

    private string LocalVolumePath(string handle) => handle.Length is > 0 and < 254 && handle.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.') && handle[0] != '.'
        ? Path.Combine(dataDirectory, "volumes", handle)
        : throw new VolumeException($"\"{handle}\" cannot be a volume handle: lower case letters, digits, '-' and '.' are allowed");

    /// <summary>As the kubelet's fsGroup: the group owns everything, reads and writes it, and owns what is made later. Its own folder comes last, so that an interrupted change is made again.</summary>
    private static void GiveTo(string folder, long group)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => entry.LinkTarget is null))
        {
            if (entry is DirectoryInfo inner)
            {
                GiveTo(inner.FullName, group);
                continue;
            }

            Chown(entry.FullName, group);
            File.SetUnixFileMode(entry.FullName, File.GetUnixFileMode(entry.FullName) | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        }

        File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.SetGroup);
        Chown(folder, group);
    }

    private static void MakePrivate(string path)
    {
        // 0711: containers with users of their own must get through to their mounts' sources, but nobody may look around.
        Directory.CreateDirectory(path, Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    private static async Task ReplaceAsync(string directory, string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        Directory.CreateDirectory(directory, Private);
        var path = Path.Combine(directory, name);
        var temporary = $"{path}.new";
        await using (var file = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            await file.WriteAsync(content, cancellation);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static bool IsMounted(string path) => MountsUnder(path).Contains(path);

    private static string[] MountsUnder(string path) =>
        [.. File.ReadLines("/proc/self/mounts")
            .Select(line => line.Split(' ')[1].Replace("\\040", " ", StringComparison.Ordinal))
            .Where(mount => IsInside(mount, path))
            .OrderByDescending(mount => mount.Length)];

    private static bool IsInside(string path, string root) => path == root || path.StartsWith(root + "/", StringComparison.Ordinal);

    private static string RealPath(string path) =>
        Libc.RealPath(path) ?? throw new VolumeException($"{path} cannot be resolved: {Marshal.GetLastPInvokeErrorMessage()}");

    private static int Kind(string path) => File.Exists(path) || Directory.Exists(path) ? Libc.KindOf(path) : 0;

    private static void Chown(string path, long? group)
    {
        if (group is { } id && Libc.Chown(path, -1, (int)id) != 0)
        {
            throw new VolumeException($"chown of {path} to group {id} failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }
}
