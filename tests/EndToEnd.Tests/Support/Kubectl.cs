using System.Text.Json.Nodes;

namespace ActorOrchestrator.EndToEnd.Tests.Support;

/// <summary>A real kubectl with the cluster's own kubeconfig.</summary>
public sealed class Kubectl(string program, string kubeconfig)
{
    public IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["KUBECONFIG"] = kubeconfig,
        // Where kubectl keeps its caches: not in our data folder, which a purge leaves empty.
        ["HOME"] = Path.Combine(Path.GetTempPath(), "orchestrator-kubectl-home"),
    };

    public string Program => program;

    /// <summary>Runs and insists on success; answers what was printed.</summary>
    public string Do(params string[] arguments) => Try(arguments).MustSucceed().Output;

    public CommandResult Try(params string[] arguments) => Shell.Run(program, arguments, Environment);

    public CommandResult Try(TimeSpan patience, params string[] arguments) => Shell.Run(program, arguments, Environment, patience: patience);

    public string Apply(string manifest) => Shell.Run(program, ["apply", "-f", "-"], Environment, manifest).MustSucceed().Output;

    public LiveCommand Start(params string[] arguments) => Shell.Start(program, arguments, Environment);

    public JsonNode Json(params string[] arguments) => JsonNode.Parse(Do([.. arguments, "-o", "json"]))!;

    public string Value(string jsonPath, params string[] arguments) => Do([.. arguments, "-o", $"jsonpath={jsonPath}"]);

    public void RolledOut(string @namespace, string deployment, int seconds = 120) =>
        Try(TimeSpan.FromSeconds(seconds + 10), "-n", @namespace, "rollout", "status", $"deployment/{deployment}", $"--timeout={seconds}s").MustSucceed();
}
