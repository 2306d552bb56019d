using System.Collections.Immutable;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.ServiceNetworking.Routes;

namespace ActorOrchestrator.Host.Kernel;

/// <summary>
/// Docker sets the policy of FORWARD to drop and keeps its bridges apart. Its chain DOCKER-USER is documented as the user's; ours are two labelled rules there:
/// pods of other nodes, and translated service traffic, may enter our bridge. See docs/adr/0003-docker-user-rules.md.
/// </summary>
public sealed class DockerUserRules(KernelCommand command, string label)
{
    private const string Chain = "DOCKER-USER";
    private static readonly string[] Programs = ["iptables", "iptables-nft", "iptables-legacy"];

    private string Comment => $"orchestrator:{label}";

    public async Task EnsureAsync(NetworkSettings network, ImmutableArray<string>.Builder changes, ImmutableArray<string>.Builder warnings, CancellationToken cancellation)
    {
        if (await FindAsync(cancellation) is not { } found)
        {
            await WarnOfClosedForwardingAsync(warnings, cancellation);
            return;
        }

        string[][] wanted =
        [
            ["-s", network.ClusterCidr.ToString(), "-o", network.Bridge, "-m", "comment", "--comment", Comment, "-j", "ACCEPT"],
            ["-o", network.Bridge, "-m", "conntrack", "--ctstate", "DNAT", "-m", "comment", "--comment", Comment, "-j", "ACCEPT"],
        ];
        var present = Ours(found.Rules);
        foreach (var rule in wanted.Where(rule => !present.Any(other => Same(rule, other))))
        {
            await RunAsync(found.Program, ["-w", "5", "-I", Chain, .. rule], cancellation);
            changes.Add($"added to {Chain} ({found.Program}): {string.Join(' ', rule)}");
        }

        foreach (var rule in present.Where(rule => !wanted.Any(other => Same(rule, other))))
        {
            await RunAsync(found.Program, ["-w", "5", "-D", Chain, .. rule], cancellation);
        }
    }

    public async Task RemoveAsync(CancellationToken cancellation)
    {
        foreach (var program in Programs)
        {
            foreach (var rule in Ours(await RulesAsync(program, Chain, cancellation) ?? []))
            {
                await RunAsync(program, ["-w", "5", "-D", Chain, .. rule], cancellation);
            }
        }
    }

    /// <summary>The words after <c>-A DOCKER-USER</c> of the rules that carry our label. Nobody else's rule is ever looked at twice.</summary>
    private List<string[]> Ours(IEnumerable<string[]> rules) =>
    [
        .. rules
            .Where(words => words is ["-A", Chain, ..] && words.SkipWhile(word => word != "--comment").ElementAtOrDefault(1) == Comment)
            .Select(words => words[2..]),
    ];

    private async Task<(string Program, IReadOnlyList<string[]> Rules)?> FindAsync(CancellationToken cancellation)
    {
        foreach (var program in Programs)
        {
            if (await RulesAsync(program, Chain, cancellation) is { } rules)
            {
                return (program, rules);
            }
        }

        return null;
    }

    private async Task WarnOfClosedForwardingAsync(ImmutableArray<string>.Builder warnings, CancellationToken cancellation)
    {
        foreach (var program in Programs)
        {
            var rules = await RulesAsync(program, "FORWARD", cancellation);
            if (rules?.Any(words => words is ["-P", "FORWARD", "DROP"]) == true)
            {
                warnings.Add($"The policy of the FORWARD chain ({program}) is DROP and there is no chain {Chain} to add rules to: pods are not reachable from other nodes or through node ports until the firewall lets traffic to them pass.");
                return;
            }
        }
    }

    /// <summary>Null when the program or the chain is not there.</summary>
    private async Task<IReadOnlyList<string[]>?> RulesAsync(string program, string chain, CancellationToken cancellation)
    {
        var outcome = await command.RunAsync(program, ["-w", "5", "-S", chain], null, cancellation);
        return outcome.Ok
            ? [.. outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace("\"", "").Split(' ', StringSplitOptions.RemoveEmptyEntries))]
            : null;
    }

    private async Task RunAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        var outcome = await command.RunAsync(program, arguments, null, cancellation);
        if (!outcome.Ok)
        {
            throw new NodeKernelException($"{program} {string.Join(' ', arguments)}: {outcome.Reason}");
        }
    }

    private static bool Same(string[] left, string[] right) =>
        left.Length == right.Length && left.Order(StringComparer.Ordinal).SequenceEqual(right.Order(StringComparer.Ordinal));
}
