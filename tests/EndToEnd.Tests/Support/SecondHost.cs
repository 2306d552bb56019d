using System.Diagnostics;

namespace ActorOrchestrator.EndToEnd.Tests.Support;

/// <summary>
/// A second host on the same machine: a network namespace of its own behind a veth pair, with its own Docker Engine, that joins the
/// cluster under test. All of it is undone at the end.
/// </summary>
public sealed class SecondHost : IDisposable
{
    public const string NodeName = "second";
    private const string Namespace = "orc-second";
    private const string OwnAddress = "172.31.250.2";
    private const string MachineAddress = "172.31.250.1";
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-second-").FullName;
    private Process? _engine;
    private Process? _host;

    public string EngineSocket => $"unix://{_folder}/docker.sock";

    public string Log => File.Exists($"{_folder}/host.log") ? File.ReadAllText($"{_folder}/host.log") : "";

    public void StartEngine()
    {
        Shell.Bash($"""
            set -e
            ip netns add {Namespace}
            ip link add orcv0 type veth peer name orcv1 netns {Namespace}
            ip addr add {MachineAddress}/30 dev orcv0
            ip link set orcv0 up
            ip -n {Namespace} addr add {OwnAddress}/30 dev orcv1
            ip -n {Namespace} link set lo up
            ip -n {Namespace} link set orcv1 up
            ip -n {Namespace} route add default via {MachineAddress}
            """).MustSucceed();
        _engine = Background($"exec nsenter --net=/run/netns/{Namespace} dockerd --data-root {_folder}/engine --exec-root {_folder}/engine-run -p {_folder}/docker.pid -H {EngineSocket} >{_folder}/engine.log 2>&1");
        Eventually.Holds(() => { var info = Docker("info"); return (info.ExitCode == 0, info.All); }, "the second engine answers");
        Shell.Run(Path.Combine(Repository.Root, "tests/images/build.sh"), [], new Dictionary<string, string> { ["DOCKER_HOST"] = EngineSocket }, patience: TimeSpan.FromMinutes(3)).MustSucceed();
    }

    /// <param name="joinCommand">What <c>orchestrator token create</c> printed: the whole command.</param>
    public void Join(string joinCommand)
    {
        var command = joinCommand.Trim();
        _host = Background($"exec nsenter --net=/run/netns/{Namespace} {command} --data {_folder}/data --docker-host {EngineSocket} --advertise-address {OwnAddress} --node-name {NodeName} >{_folder}/host.log 2>&1");
    }

    /// <summary>Ends the host process and its engine at once, as when the machine's power goes.</summary>
    public void Kill()
    {
        _host?.Kill(entireProcessTree: true);
        Shell.Bash($"for id in $(docker -H {EngineSocket} ps -q); do docker -H {EngineSocket} kill $id; done", TimeSpan.FromMinutes(1));
    }

    public CommandResult Docker(params string[] arguments) => Shell.Run("docker", ["-H", EngineSocket, .. arguments]);

    public void Dispose()
    {
        if (_host is { HasExited: false })
        {
            _host.Kill(entireProcessTree: true);
        }

        if (_engine is not null)
        {
            Shell.Bash($"docker -H {EngineSocket} ps -aq | xargs -r docker -H {EngineSocket} rm -f", TimeSpan.FromMinutes(1));
            Shell.Bash($"[ -f {_folder}/docker.pid ] && kill $(cat {_folder}/docker.pid)");
            _engine.WaitForExit(TimeSpan.FromMinutes(1));
        }

        Shell.Bash($"ip link del orcv0; ip netns del {Namespace}; umount {_folder}/engine-run/netns/default {_folder}/engine-run/netns/* 2>/dev/null; rm -rf {_folder}");
    }

    private static Process Background(string script) =>
        Process.Start(new ProcessStartInfo("/bin/bash") { ArgumentList = { "-c", script }, WorkingDirectory = Repository.Root })!;
}
