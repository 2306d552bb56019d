using ActorOrchestrator.Host.Composition;

namespace ActorOrchestrator.Host.Tests.Composition;

public sealed class HostFolderTests : IDisposable
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"folder-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    [Fact]
    public void A_start_that_fails_leaves_no_folder_behind()
    {
        using (var folder = HostFolder.Open(_data))
        {
            folder.WritePid();
            File.WriteAllText(folder.LedgerFile, "half a ledger");
        }

        Assert.False(Directory.Exists(_data));
    }

    [Fact]
    public void A_start_that_fails_leaves_an_empty_folder_empty()
    {
        Directory.CreateDirectory(_data);

        HostFolder.Open(_data).Dispose();

        Assert.Empty(Directory.EnumerateFileSystemEntries(_data));
    }

    [Fact]
    public void What_is_kept_survives_a_later_start_that_fails()
    {
        using (var folder = HostFolder.Open(_data))
        {
            File.WriteAllText(folder.LedgerFile, "facts");
            folder.Keep();
        }

        string cluster;
        using (var folder = HostFolder.Open(_data))
        {
            cluster = folder.ClusterId;
        }

        Assert.Equal("facts", File.ReadAllText(Path.Combine(_data, "ledger.db")));
        Assert.Equal(cluster, File.ReadAllText(Path.Combine(_data, "cluster-id")).Trim());
    }

    [Fact]
    public void A_folder_of_somebody_else_is_never_removed()
    {
        Directory.CreateDirectory(_data);
        File.WriteAllText(Path.Combine(_data, "letters.txt"), "the user's own");

        HostFolder.Open(_data).Dispose();

        Assert.True(File.Exists(Path.Combine(_data, "letters.txt")));
    }

    [Fact]
    public void A_folder_that_is_held_is_refused_with_the_holder()
    {
        using var folder = HostFolder.Open(_data);
        folder.WritePid();

        var refused = Assert.Throws<HostRunningException>(() => HostFolder.Open(_data));

        Assert.Equal(Environment.ProcessId, refused.Pid);
    }
}
