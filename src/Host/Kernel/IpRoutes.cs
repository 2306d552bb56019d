using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.ServiceNetworking.Routes;

namespace ActorOrchestrator.Host.Kernel;

/// <summary>Routes by the <c>ip</c> program, only those that carry our protocol number.</summary>
public sealed class IpRoutes(KernelCommand command, int protocol)
{
    public async Task<IReadOnlyList<KernelRoute>> OursAsync(CancellationToken cancellation)
    {
        var entries = await ListAsync(["-4", "-j", "route", "show", "proto", Protocol], cancellation);
        return
        [
            .. from entry in entries
               let destination = (string?)entry["dst"]
               where destination is not null
               let text = destination.Contains('/') ? destination : $"{destination}/32"
               where Cidr.TryParse(text, out _)
               select new KernelRoute(
                   Cidr.Parse(text), Cidr.ParseAddress((string?)entry["gateway"]), (string?)entry["dev"] ?? "",
                   Cidr.ParseAddress((string?)entry["prefsrc"]), (int?)entry["metric"] ?? 0),
        ];
    }

    public async Task ReplaceAsync(KernelRoute route, CancellationToken cancellation)
    {
        List<string> arguments = ["-4", "route", "replace", route.Destination.ToString()];
        Add("via", route.Via?.ToString());
        Add("dev", route.Device);
        Add("src", route.Source?.ToString());
        arguments.AddRange(["proto", Protocol, "metric", route.Metric.ToString(CultureInfo.InvariantCulture)]);
        await RunAsync(arguments, null, cancellation);

        void Add(string word, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                arguments.AddRange([word, value]);
            }
        }
    }

    public Task RemoveAsync(KernelRoute route, CancellationToken cancellation) => RunAsync(
        ["-4", "route", "del", route.Destination.ToString(), "proto", Protocol, "metric", route.Metric.ToString(CultureInfo.InvariantCulture)], null, cancellation);

    /// <summary>Ports of a bridge that do not send frames back where they came from.</summary>
    public async Task<IReadOnlyList<string>> PortsWithoutHairpinAsync(string bridge, CancellationToken cancellation)
    {
        var links = await ListAsync(["-j", "-d", "link", "show", "master", bridge], cancellation);
        return
        [
            .. from link in links
               where (bool?)link["linkinfo"]?["info_slave_data"]?["hairpin"] == false
               let name = (string?)link["ifname"]
               where name is not null
               select name,
        ];
    }

    /// <summary>A port that vanished meanwhile is no failure.</summary>
    public async Task SetHairpinAsync(IEnumerable<string> ports, CancellationToken cancellation)
    {
        var batch = new StringBuilder();
        foreach (var port in ports)
        {
            batch.Append(CultureInfo.InvariantCulture, $"link set dev {port} type bridge_slave hairpin on\n");
        }

        var outcome = await command.RunAsync("ip", ["-force", "-batch", "-"], batch.ToString(), cancellation);
        if (!outcome.Ok && outcome.Error.Split('\n').Any(line => line.Length > 0 && !line.Contains("Cannot find device", StringComparison.Ordinal) && !line.StartsWith("Command failed", StringComparison.Ordinal)))
        {
            throw new NodeKernelException($"ip -batch: {outcome.Reason}");
        }
    }

    /// <summary>The interface through which an address is reached; null when there is none.</summary>
    public async Task<string?> DeviceToAsync(IPAddress address, CancellationToken cancellation) =>
        (string?)(await ListAsync(["-4", "-j", "route", "get", address.ToString()], cancellation)).FirstOrDefault()?["dev"];

    private string Protocol => protocol.ToString(CultureInfo.InvariantCulture);

    private async Task<IReadOnlyList<JsonNode>> ListAsync(string[] arguments, CancellationToken cancellation)
    {
        var outcome = await RunAsync(arguments, null, cancellation);
        if (string.IsNullOrWhiteSpace(outcome.Output))
        {
            return [];
        }

        try
        {
            return [.. (JsonNode.Parse(outcome.Output) as JsonArray ?? []).OfType<JsonNode>()];
        }
        catch (JsonException e)
        {
            throw new NodeKernelException($"ip {string.Join(' ', arguments)} answered no JSON.", e);
        }
    }

    private async Task<CommandOutcome> RunAsync(IReadOnlyList<string> arguments, string? input, CancellationToken cancellation)
    {
        var outcome = await command.RunAsync("ip", arguments, input, cancellation);
        return outcome.Ok ? outcome : throw new NodeKernelException($"ip {string.Join(' ', arguments)}: {outcome.Reason}");
    }
}
