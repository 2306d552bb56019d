using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ActorOrchestrator.Cluster.Tests.Ledger;

/// <summary>A PostgreSQL of our own in a folder of its own, from Debian's binaries, on loopback. Gone when disposed.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string User = "postgres";
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"ledger-postgres-{Guid.NewGuid():N}");
    private string _binaries = "";
    private int _databases;
    private int _port;

    public async Task InitializeAsync()
    {
        _binaries = FindBinaries();
        _port = FreePort();
        Directory.CreateDirectory(_folder);
        if (Environment.IsPrivilegedProcess)
        {
            // PostgreSQL refuses to run as root.
            await RunAsync("chown", User, _folder);
        }

        await RunAsUserAsync("initdb", "-D", _folder, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        await RunAsUserAsync("pg_ctl", "-D", _folder, "-w", "-t", "60", "-l", Path.Combine(_folder, "log"), "-o", $"-p {_port} -k {_folder} -c listen_addresses=127.0.0.1", "start");
    }

    public async Task DisposeAsync()
    {
        await RunAsUserAsync("pg_ctl", "-D", _folder, "-m", "immediate", "-w", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>An empty database of its own for a test.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"ledger_{Interlocked.Increment(ref _databases)}";
        await RunAsUserAsync("createdb", "-h", "127.0.0.1", "-p", $"{_port}", "-U", User, name);
        return $"Host=127.0.0.1;Port={_port};Username={User};Database={name};Pooling=true;Timeout=5";
    }

    private static string FindBinaries()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin"))
            : [];
        return debian.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")))
            ?? throw new InvalidOperationException("These tests need PostgreSQL's initdb and pg_ctl, which were found neither in /usr/lib/postgresql/*/bin nor in PATH; install the package \"postgresql\".");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Task RunAsUserAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(_binaries, program);
        return Environment.IsPrivilegedProcess ? RunAsync("runuser", ["-u", User, "--", path, .. arguments]) : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // The server keeps what it inherits open: nothing of it is read here.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/", ArgumentList = { "-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program } };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }
}
