using System.Collections.Immutable;
using System.Globalization;
using ActorOrchestrator.Actors.NodeAgent.Volumes;

namespace ActorOrchestrator.Host.Engine;

/// <content>The atomic writer (kubelet's volume/util/atomic_writer): readers see all of the old or all of the new.</content>
public sealed partial class LinuxNodeFiles
{
    private const string DataLink = "..data";

    public Task<string> ProjectAsync(string podUid, string volume, ImmutableArray<ProjectedFile> files, long? group, CancellationToken cancellation = default) => Task.Run(() =>
    {
        var root = VolumePath(podUid, "projected", volume);
        Directory.CreateDirectory(root);
        File.SetUnixFileMode(root, Shared);
        foreach (var file in files)
        {
            if (Path.IsPathRooted(file.Path) || file.Path.Split('/').Contains(".."))
            {
                throw new VolumeException($"the path \"{file.Path}\" must be relative and must not contain \"..\"");
            }
        }

        var link = Path.Combine(root, DataLink);
        var old = new DirectoryInfo(link).LinkTarget;
        if (old is not null && IsSame(Path.Combine(root, old), files))
        {
            return root;
        }

        var stamp = $"..{TimeProvider.System.GetUtcNow().ToString("yyyy_MM_dd_HH_mm_ss", CultureInfo.InvariantCulture)}.{Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(5))}";
        var directory = Path.Combine(root, stamp);
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, Shared);
        foreach (var file in files)
        {
            var path = Path.Combine(directory, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Content.Span);
            // With a group the files must be readable by it (SetVolumeOwnership).
            File.SetUnixFileMode(path, (UnixFileMode)(file.Mode & 0x1ff) | (group is null ? 0 : UnixFileMode.GroupRead));
            Chown(path, group);
        }

        var temporary = Path.Combine(root, "..data_tmp");
        File.Delete(temporary);
        File.CreateSymbolicLink(temporary, stamp);
        if (Libc.Rename(temporary, link) != 0)
        {
            throw new VolumeException($"{link} could not be replaced: {System.Runtime.InteropServices.Marshal.GetLastPInvokeErrorMessage()}");
        }

        var entries = files.Select(file => file.Path.Split('/')[0]).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            var visible = Path.Combine(root, entry);
            if (new FileInfo(visible).LinkTarget is null)
            {
                File.CreateSymbolicLink(visible, $"{DataLink}/{entry}");
            }
        }

        foreach (var stale in Directory.EnumerateFileSystemEntries(root).Where(path => !Path.GetFileName(path).StartsWith("..", StringComparison.Ordinal) && !entries.Contains(Path.GetFileName(path))))
        {
            File.Delete(stale);
        }

        if (old is not null)
        {
            Directory.Delete(Path.Combine(root, old), recursive: true);
        }

        return root;
    }, cancellation);

    public async Task<ReadOnlyMemory<byte>> ReadProjectedAsync(string podUid, string volume, string path, CancellationToken cancellation = default)
    {
        var file = Path.Combine(VolumePath(podUid, "projected", volume), DataLink, path);
        return File.Exists(file) ? await File.ReadAllBytesAsync(file, cancellation).ConfigureAwait(false) : default(ReadOnlyMemory<byte>);
    }

    private static bool IsSame(string directory, ImmutableArray<ProjectedFile> files)
    {
        if (!Directory.Exists(directory) || Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Count() != files.Length)
        {
            return false;
        }

        return files.All(file => Path.Combine(directory, file.Path) is var path && File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(file.Content.Span));
    }
}
