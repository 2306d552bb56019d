using System.Globalization;
using System.Security.Cryptography;
using ActorOrchestrator.Host.Certificates;

namespace ActorOrchestrator.Host.Composition;

/// <summary>The data folder of one host: what lies where, and who may use it.</summary>
public sealed class HostFolder : IDisposable
{
    private readonly FileStream _lock;
    private readonly bool _existed;
    private bool _provisional;

    internal const string LedgerName = "ledger.db";

    private HostFolder(string path, FileStream held, bool provisional, bool existed)
    {
        Path = path;
        _lock = held;
        _provisional = provisional;
        _existed = existed;
        // A host that was killed left its word that it was ready; this one is not, yet.
        File.Delete(ReadyFile);
        ClusterId = ReadOrCreateClusterId();
    }

    public string Path { get; }

    /// <summary>A name that tells this cluster's containers from any other's on the same engine.</summary>
    public string ClusterId { get; private set; }

    public string LedgerFile => In(LedgerName);
    public string Pki => In("pki");
    public string NodeData => In("node");
    public string Kubeconfig => In("kubeconfig");
    public string Log => In("host.log");
    public string PidFile => PidFileOf(Path);

    /// <summary>Written when the cluster is ready: what the user should read.</summary>
    public string ReadyFile => In("host.ready");

    public string JoinFile => In("join.conf");

    /// <summary>The user's own HOCON of the last start, so that a purge knows the names that were given.</summary>
    public string ConfigFile => ConfigFileOf(Path);

    public static string ConfigFileOf(string data) => System.IO.Path.Combine(data, "host.conf");

    public static string PidFileOf(string data) => System.IO.Path.Combine(data, "host.pid");

    /// <summary>Takes the folder for this process, making it when it is missing. Until <see cref="Keep"/> a folder that was empty is given back empty.</summary>
    /// <exception cref="HostException">It is held by a live host, or cannot be written.</exception>
    public static HostFolder Open(string data)
    {
        try
        {
            var existed = Directory.Exists(data);
            var provisional = !existed || !Directory.EnumerateFileSystemEntries(data).Any();
            Directory.CreateDirectory(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var held = new FileStream(System.IO.Path.Combine(data, "host.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            try
            {
                return new HostFolder(System.IO.Path.GetFullPath(data), held, provisional, existed);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (UnauthorizedAccessException)
        {
            throw new HostException($"the data folder {data} cannot be written by this user; choose another with --data, or run as root.");
        }
        catch (IOException failed) when (RunningHost(data) is { } pid)
        {
            throw new HostRunningException(data, pid, failed);
        }
        catch (IOException failed)
        {
            throw new HostException($"the data folder {data} cannot be used: {failed.Message}", failed);
        }
    }

    /// <summary>The pid of the host that holds a data folder; null when none does.</summary>
    public static int? RunningHost(string data)
    {
        var lockFile = System.IO.Path.Combine(data, "host.lock");
        if (!File.Exists(lockFile) || !File.Exists(PidFileOf(data)))
        {
            return null;
        }

        try
        {
            // .NET takes an advisory lock with FileShare.None; whoever gets it knows that nobody else has it.
            using var probe = new FileStream(lockFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return null;
        }
        catch (IOException)
        {
            return int.TryParse(File.ReadAllText(PidFileOf(data)), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
    }

    public void AdoptClusterId(string id)
    {
        PkiFolder.WritePrivate(In("cluster-id"), id);
        ClusterId = id;
    }

    public void RememberConfig(string? userFile)
    {
        if (userFile is null)
        {
            File.Delete(ConfigFile);
        }
        else
        {
            File.Copy(userFile, ConfigFile, overwrite: true);
        }
    }

    public void WritePid() => File.WriteAllText(PidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

    /// <summary>From here on the folder holds what must not be lost.</summary>
    public void Keep() => _provisional = false;

    public void Dispose()
    {
        File.Delete(ReadyFile);
        File.Delete(PidFile);
        if (_provisional)
        {
            // The start failed before anybody could have relied on it: nothing is left half-done.
            foreach (var entry in new DirectoryInfo(Path).EnumerateFileSystemInfos())
            {
                (entry as DirectoryInfo)?.Delete(recursive: true);
                (entry as FileInfo)?.Delete();
            }

            if (!_existed)
            {
                Directory.Delete(Path);
            }
        }

        _lock.Dispose();
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);

    private string ReadOrCreateClusterId()
    {
        var file = In("cluster-id");
        if (!File.Exists(file))
        {
            PkiFolder.WritePrivate(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6)));
        }

        return File.ReadAllText(file).Trim();
    }
}

/// <summary>The host cannot start, or go on. The message is one line for the user: what, where, what would help.</summary>
public class HostException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another host holds the data folder.</summary>
public sealed class HostRunningException(string data, int pid, Exception inner)
    : HostException($"an orchestrator is already running on {data} (pid {pid}).", inner)
{
    public int Pid { get; } = pid;
}
