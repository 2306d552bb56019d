namespace ActorOrchestrator.EndToEnd.Tests.Support;

/// <summary>A namespace for one walk with one kubectl, and a key pair for what needs one.</summary>
public sealed class Space : IDisposable
{
    private readonly Kubectl _kubectl;
    private readonly string _folder = Directory.CreateTempSubdirectory("orchestrator-walk-").FullName;
    private readonly Dictionary<string, string> _environment;

    public Space(ClusterFixture cluster, string version, string topic)
    {
        _kubectl = cluster.KubectlOf(version);
        _environment = new Dictionary<string, string>(_kubectl.Environment);
        IsOld = version == "1.20";
        Name = $"{topic}-{version.Replace('.', '-')}";
        _kubectl.Do("create", "namespace", Name);
        Shell.Bash($"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=walk -keyout {Key} -out {Certificate} -days 2").MustSucceed();
    }

    public string Name { get; }

    /// <summary>Whether it walks with kubectl 1.20.</summary>
    public bool IsOld { get; }

    public string Certificate => Path.Combine(_folder, "tls.crt");
    public string Key => Path.Combine(_folder, "tls.key");

    public string RequestOf(string user) => Shell.Bash($"openssl req -new -key {Key} -subj /CN={user}").MustSucceed().Output;

    public Space With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    public string Do(params string[] arguments) => Try(arguments).MustSucceed().Output;

    public CommandResult Try(params string[] arguments) => Shell.Run(_kubectl.Program, Placed(arguments), _environment, patience: TimeSpan.FromMinutes(2));

    public string Feed(string input, params string[] arguments) => TryFeed(input, arguments).MustSucceed().Output;

    public CommandResult TryFeed(string input, params string[] arguments) => Shell.Run(_kubectl.Program, Placed(arguments), _environment, input);

    public void Dispose()
    {
        _kubectl.Do("delete", "namespace", Name, "--wait=false");
        Directory.Delete(_folder, recursive: true);
    }

    private string[] Placed(string[] arguments) => [$"--namespace={Name}", .. arguments];
}
