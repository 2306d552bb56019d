using System.Text.Json;

namespace ActorOrchestrator.Host.Kernel;

/// <summary>
/// Kernel settings that outlive us and belong to others too: what each was before it was changed, so that a purge can put it back.
/// </summary>
/// <param name="path">A small JSON file in the node's data folder.</param>
public sealed class KernelSettingsJournal(string path)
{
    private const string Root = "/proc/sys/";

    /// <summary>The value of a setting such as <c>net/ipv4/ip_forward</c>; null when this kernel or network namespace has none.</summary>
    public static string? Read(string setting)
    {
        try
        {
            return File.ReadAllText(Root + setting).Trim();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <returns>True when it had to be changed.</returns>
    /// <exception cref="IOException">The kernel refused, or the journal cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Not permitted.</exception>
    public bool Ensure(string setting, string value)
    {
        var before = Read(setting);
        if (before is null || before == value)
        {
            return false;
        }

        var journal = Load();
        if (journal.TryAdd(setting, before))
        {
            Save(journal);
        }

        File.WriteAllText(Root + setting, value);
        return true;
    }

    /// <summary>Puts back what <paramref name="which"/> selects and forgets it; settings of interfaces that are gone need nothing.</summary>
    public void Restore(Func<string, bool> which)
    {
        var journal = Load();
        foreach (var (setting, before) in journal.Where(entry => which(entry.Key)).ToArray())
        {
            if (Read(setting) is not null)
            {
                File.WriteAllText(Root + setting, before);
            }

            journal.Remove(setting);
        }

        Save(journal);
    }

    private Dictionary<string, string> Load()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(path)) ?? [];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            // A torn file can only cost the memory of earlier values.
            return [];
        }
    }

    private void Save(Dictionary<string, string> journal)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var next = path + ".next";
        File.WriteAllText(next, JsonSerializer.Serialize(journal));
        File.Move(next, path, overwrite: true);
    }
}
