using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Endpoints;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.Controllers.EndpointSlices;

/// <summary>The ports of an EndpointSlice; endpoints with the same ports share a slice.</summary>
internal static class SlicePorts
{
    public static ImmutableArray<ResolvedPort> Read(JsonNode? owner) =>
    [
        .. (owner.Array("ports") ?? [])
            .Select(port => new ResolvedPort(port.Text("name"), port.Text("protocol"), port.Text("appProtocol"), (int)(port.Number("port") ?? 0))),
    ];

    /// <summary>The same for the same ports in whatever order.</summary>
    public static string Key(ImmutableArray<ResolvedPort> ports) =>
        string.Join(';', ports.Select(port => $"{port.Name}/{port.Protocol}/{port.Number}/{port.AppProtocol}").Order(StringComparer.Ordinal));

    public static JsonArray ToJson(ImmutableArray<ResolvedPort> ports)
    {
        var array = new JsonArray();
        foreach (var port in ports)
        {
            var json = new JsonObject { ["name"] = port.Name, ["port"] = port.Number, ["protocol"] = port.Protocol };
            if (port.AppProtocol.Length > 0)
            {
                json["appProtocol"] = port.AppProtocol;
            }

            array.Add((JsonNode)json);
        }

        return array;
    }
}
