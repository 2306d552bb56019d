using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.ServiceNetworking.Proxy;

namespace ActorOrchestrator.Host.Kernel;

/// <summary><see cref="INetfilter"/> by the <c>nft</c> program: each call of <c>nft -f -</c> is one transaction of the kernel.</summary>
public sealed class NftNetfilter(KernelCommand command) : INetfilter
{
    private const int RememberedProcesses = 256;
    private readonly ConcurrentQueue<int> _ownOrder = new();
    private readonly ConcurrentDictionary<int, byte> _own = new();

    /// <summary>Null when nft is installed and allowed; otherwise why not.</summary>
    public async Task<string?> ProbeAsync(CancellationToken cancellation)
    {
        var outcome = await command.RunAsync("nft", ["list", "tables"], null, cancellation);
        return outcome.Ok ? null : outcome.Reason;
    }

    public async Task ApplyAsync(string script, CancellationToken cancellation)
    {
        var outcome = await command.RunAsync("nft", ["-f", "-"], script, cancellation, Remember);
        if (!outcome.Ok)
        {
            throw new NetfilterException($"nft refused a transaction of {script.Length} bytes: {outcome.Reason}");
        }
    }

    public async Task<IReadOnlyList<AffinityEntry>> AffinitiesAsync(string table, CancellationToken cancellation)
    {
        if (await ListAsync(["-j", "-n", "list", "table", "ip", table], cancellation) is not { } listing)
        {
            return [];
        }

        return
        [
            .. from set in listing
               let name = (string?)set["set"]?["name"]
               where name is not null && name.StartsWith("aff-", StringComparison.Ordinal)
               from element in set["set"]!["elem"] as JsonArray ?? []
               let client = (string?)element?["elem"]?["val"]
               where client is not null
               select new AffinityEntry(name, client, (long?)element["elem"]!["expires"] ?? 0),
        ];
    }

    public async Task<IReadOnlySet<string>?> ChainsAsync(string table, CancellationToken cancellation)
    {
        var chains = await ListAsync(["-j", "list", "chains", "ip"], cancellation) ?? [];
        var ours = chains
            .Where(entry => (string?)entry["chain"]?["table"] == table)
            .Select(entry => (string)entry["chain"]!["name"]!).ToHashSet(StringComparer.Ordinal);
        return ours.Count == 0 ? null : ours;
    }

    public IDisposable WatchForeignChanges(string table, Action onForeignChange) =>
        new NftMonitor(table, processId => _own.ContainsKey(processId), onForeignChange);

    /// <summary>Null when there is no such table.</summary>
    private async Task<IReadOnlyList<JsonNode>?> ListAsync(string[] arguments, CancellationToken cancellation)
    {
        var outcome = await command.RunAsync("nft", arguments, null, cancellation);
        if (!outcome.Ok)
        {
            return outcome.Error.Contains("No such file or directory", StringComparison.Ordinal)
                ? null
                : throw new NetfilterException($"nft {string.Join(' ', arguments)}: {outcome.Reason}");
        }

        try
        {
            return [.. (JsonNode.Parse(outcome.Output)?["nftables"] as JsonArray ?? []).OfType<JsonNode>()];
        }
        catch (JsonException e)
        {
            throw new NetfilterException($"nft {string.Join(' ', arguments)} answered no JSON.", e);
        }
    }

    /// <summary>The kernel names the process of every change, so our own changes are known by the processes we started lately.</summary>
    private void Remember(int processId)
    {
        if (!_own.TryAdd(processId, 0))
        {
            return;
        }

        _ownOrder.Enqueue(processId);
        if (_ownOrder.Count > RememberedProcesses && _ownOrder.TryDequeue(out var oldest))
        {
            _own.TryRemove(oldest, out _);
        }
    }
}
