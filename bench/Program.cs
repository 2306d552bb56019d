using ActorOrchestrator.Bench;
using ActorOrchestrator.Bench.Watchers;

// dotnet run -c Release --project bench -- [names …] [--json FILE]
if (args is [WatchClient.Argument, var port, var path, var watchers, var facts])
{
    // The other process of the bench "watchers".
    return await WatchClient.RunAsync(int.Parse(port), path, int.Parse(watchers), int.Parse(facts));
}

var names = new List<string>();
string? json = null;
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--json")
    {
        json = args.ElementAtOrDefault(++i);
    }
    else
    {
        names.Add(args[i]);
    }
}

// Found by type, so that a bench is one folder and nothing else.
var benches = typeof(IBench).Assembly.GetTypes()
    .Where(type => type is { IsAbstract: false, IsInterface: false } && typeof(IBench).IsAssignableFrom(type))
    .Select(type => (IBench)Activator.CreateInstance(type)!)
    .OrderBy(bench => bench.Name, StringComparer.Ordinal)
    .ToArray();

var unknown = names.Except(benches.Select(bench => bench.Name)).ToArray();
if (unknown.Length > 0)
{
    Console.Error.WriteLine($"No bench is named {string.Join(", ", unknown)}. There are: {string.Join(", ", benches.Select(bench => bench.Name))}.");
    return 2;
}

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    interrupted.Cancel();
};

var report = new Report();
foreach (var bench in benches.Where(bench => names.Count == 0 || names.Contains(bench.Name)))
{
    await bench.RunAsync(report, interrupted.Token);
}

if (json is not null)
{
    await report.WriteJsonAsync(json);
}

return 0;
