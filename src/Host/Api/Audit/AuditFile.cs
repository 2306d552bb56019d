using System.Globalization;

namespace ActorOrchestrator.Host.Api.Audit;

/// <summary>
/// JSON lines in a file that only its owner reads, turned over at a size: <c>audit.log</c> becomes <c>audit-2026-01-31T10-00-00.000.log</c>; old ones go by age and
/// number. Used by one writer at a time.
/// </summary>
internal sealed class AuditFile(string path, long maxBytes, TimeSpan maxAge, int maxBackups, TimeProvider time) : IDisposable
{
    private FileStream? _stream;

    /// <exception cref="IOException">It cannot be written.</exception>
    public async Task AppendAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        _stream ??= Open();
        if (_stream.Length > 0 && _stream.Length + lines.Length > maxBytes)
        {
            TurnOver();
        }

        await _stream.WriteAsync(lines, cancellation).ConfigureAwait(false);
        await _stream.FlushAsync(cancellation).ConfigureAwait(false);
    }

    public void Dispose() => _stream?.Dispose();

    private FileStream Open() => new(path, new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        Options = FileOptions.Asynchronous,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        BufferSize = 0,
    });

    private void TurnOver()
    {
        _stream!.Dispose();
        _stream = null;
        var now = time.GetUtcNow();
        var (folder, name, extension) = (Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileNameWithoutExtension(path), Path.GetExtension(path));
        File.Move(path, Path.Combine(folder, $"{name}-{now.ToString("yyyy-MM-dd'T'HH-mm-ss.fff", CultureInfo.InvariantCulture)}{extension}"), overwrite: true);
        var backups = Directory.EnumerateFiles(folder, $"{name}-*{extension}").OrderDescending(StringComparer.Ordinal).ToArray();
        foreach (var (backup, index) in backups.Select((backup, index) => (backup, index)))
        {
            var tooMany = maxBackups > 0 && index >= maxBackups;
            var tooOld = maxAge > TimeSpan.Zero && File.GetLastWriteTimeUtc(backup) < now.UtcDateTime - maxAge;
            if (tooMany || tooOld)
            {
                File.Delete(backup);
            }
        }

        _stream = Open();
    }
}
