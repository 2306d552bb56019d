using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>
/// Services: the cluster address and the node ports are claims, so that no two Services ever hold the same; they are chosen here and
/// released by the ledger when the object goes or lets go of them.
/// </summary>
public sealed class ServiceStrategy(ServiceRanges ranges) : ResourceStrategy
{
    private const string None = "None";

    public override bool ReturnsDeletedObject => true;

    public override void PrepareForCreate(JsonObject obj, ResourceDescriptor descriptor, DateTimeOffset now)
    {
        obj["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() };
        AlignAddresses(obj.Ensure("spec"), null);
        DefaultFamilies(obj.Ensure("spec"));
    }

    public override void PrepareForUpdate(JsonObject obj, JsonObject old, ResourceDescriptor descriptor, string subresource)
    {
        base.PrepareForUpdate(obj, old, descriptor, subresource);
        if (subresource == "status")
        {
            return;
        }

        var spec = obj.Ensure("spec");
        var before = old.Object("spec");
        var type = spec.Text("type");
        var typeBefore = before.Text("type");
        if (type == "ExternalName" && typeBefore != "ExternalName")
        {
            DropUnchanged(spec, before, "clusterIP", "clusterIPs");
            DropUnchanged(spec, before, "ipFamilies");
            DropUnchanged(spec, before, "ipFamilyPolicy");
        }
        else if (type != "ExternalName" && typeBefore != "ExternalName")
        {
            // A client that leaves the address out means the one it has.
            KeepWhenAbsent(spec, before, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy");
        }

        if (!HasNodePorts(spec) && HasNodePorts(before))
        {
            ReleaseNodePorts(spec, before);
        }
        else if (HasNodePorts(spec) && HasNodePorts(before))
        {
            KeepNodePorts(spec, before);
        }

        DropUnneeded(spec, before);
        AlignAddresses(spec, before);
        DefaultFamilies(spec);
    }

    /// <summary>What the new type has no use for goes with the old type, unless its author has changed it: then validation has something to say.</summary>
    private static void DropUnneeded(JsonObject spec, JsonObject? before)
    {
        if (NeedsHealthCheck(before) && !NeedsHealthCheck(spec))
        {
            DropUnchanged(spec, before, "healthCheckNodePort");
        }

        if (before.Text("type") == "LoadBalancer" && spec.Text("type") != "LoadBalancer")
        {
            DropUnchanged(spec, before, "allocateLoadBalancerNodePorts");
            DropUnchanged(spec, before, "loadBalancerClass");
        }

        if (IsReachable(before) && !IsReachable(spec))
        {
            DropUnchanged(spec, before, "externalTrafficPolicy");
        }
    }

    private static bool NeedsHealthCheck(JsonObject? spec) => spec.Text("type") == "LoadBalancer" && spec.Text("externalTrafficPolicy") == "Local";

    private static bool IsReachable(JsonObject? spec) =>
        spec.Text("type") is "LoadBalancer" or "NodePort" || (spec.Text("type") == "ClusterIP" && spec.Array("externalIPs") is { Count: > 0 });

    /// <summary>Drops fields that belong together when all of them are as they were.</summary>
    private static void DropUnchanged(JsonObject spec, JsonObject? before, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (spec[field] is not null && !JsonNode.DeepEquals(spec[field], before?[field]))
            {
                return;
            }
        }

        Drop(spec, fields);
    }

    public override void ValidateUpdate(JsonObject obj, JsonObject old, string subresource, FieldErrors errors)
    {
        var address = obj.Object("spec").Text("clusterIP");
        var before = old.Object("spec").Text("clusterIP");
        var stays = obj.Object("spec").Text("type") != "ExternalName" && old.Object("spec").Text("type") != "ExternalName";
        if (stays && before.Length > 0 && address != before)
        {
            errors.InvalidValue("spec.clusterIPs[0]", $"[\"{address}\"]", "may not change once set");
        }
    }

    public override void Allocate(JsonObject obj, JsonObject? old, ClusterSnapshot snapshot, IReadOnlySet<string> lost, FieldErrors errors)
    {
        var spec = obj.Ensure("spec");
        AllocateAddress(spec, obj, snapshot, lost, errors);
        if (HasNodePorts(spec))
        {
            AllocatePorts(spec, obj, snapshot, lost, errors);
        }
    }

    public override void GiveUp(JsonObject obj, string claim)
    {
        var spec = obj.Ensure("spec");
        if (claim.StartsWith("clusterip/", StringComparison.Ordinal))
        {
            Drop(spec, "clusterIP", "clusterIPs");
            return;
        }

        foreach (var port in spec.Array("ports") ?? [])
        {
            if (port is JsonObject entry && PortClaim(entry) == claim)
            {
                entry.Remove("nodePort");
            }
        }
    }

    public override void ExplainTaken(JsonObject obj, string claim, FieldErrors errors)
    {
        if (claim.StartsWith("clusterip/", StringComparison.Ordinal))
        {
            var address = claim["clusterip/".Length..];
            errors.InvalidValue("spec.clusterIPs", $"[\"{address}\"]", $"failed to allocate IP {address}: provided IP is already allocated");
            return;
        }

        var ports = obj.Object("spec").Array("ports") ?? [];
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i] is JsonObject entry && PortClaim(entry) == claim)
            {
                errors.InvalidValue($"spec.ports[{i}].nodePort", claim[(claim.LastIndexOf('/') + 1)..], "provided port is already allocated");
                return;
            }
        }
    }

    public override ImmutableArray<string> Claims(JsonObject obj)
    {
        var spec = obj.Object("spec");
        var claims = ImmutableArray.CreateBuilder<string>();
        if (spec.Text("clusterIP") is { Length: > 0 } address && address != None)
        {
            claims.Add("clusterip/" + address);
        }

        foreach (var port in spec.Array("ports") ?? [])
        {
            if (port is JsonObject entry && PortClaim(entry) is { } claim && !claims.Contains(claim))
            {
                claims.Add(claim);
            }
        }

        return claims.ToImmutable();
    }

    private void AllocateAddress(JsonObject spec, JsonObject obj, ClusterSnapshot snapshot, IReadOnlySet<string> lost, FieldErrors errors)
    {
        if (spec.Text("type") == "ExternalName")
        {
            return;
        }

        var address = spec.Text("clusterIP");
        if (address.Length == 0)
        {
            address = ranges.FreeAddress(candidate => IsTaken("clusterip/" + candidate, obj, snapshot, lost)) ?? "";
            if (address.Length == 0)
            {
                errors.InvalidValue("spec.clusterIPs", "[]string(nil)", "failed to allocate IP: range is full");
                return;
            }

            spec["clusterIP"] = address;
            spec["clusterIPs"] = new JsonArray(address);
        }
        else if (address != None && !ranges.Contains(address))
        {
            errors.InvalidValue(
                "spec.clusterIPs",
                $"[\"{address}\"]",
                $"failed to allocate IP {address}: the provided IP ({address}) is not in the valid range. The range of valid IPs is {ranges.Network}");
        }
    }

    private void AllocatePorts(JsonObject spec, JsonObject obj, ClusterSnapshot snapshot, IReadOnlySet<string> lost, FieldErrors errors)
    {
        var ports = spec.Array("ports") ?? [];
        var mine = ports.OfType<JsonObject>().Select(PortClaim).OfType<string>().ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < ports.Count; i++)
        {
            if (ports[i] is not JsonObject port)
            {
                continue;
            }

            if (port.Number("nodePort") is { } wanted && wanted != 0)
            {
                if (!ranges.ContainsPort(wanted))
                {
                    errors.InvalidValue(
                        $"spec.ports[{i}].nodePort",
                        wanted.ToString(CultureInfo.InvariantCulture),
                        $"provided port is not in the valid range. The range of valid ports is {ranges.FirstNodePort}-{ranges.LastNodePort}");
                }

                continue;
            }

            // Two protocols of one port number share the node port, as upstream has it for DNS.
            var twin = ports.OfType<JsonObject>().FirstOrDefault(other =>
                !ReferenceEquals(other, port) && other.Number("port") == port.Number("port") && other.Text("protocol") != port.Text("protocol") && other.Number("nodePort") > 0);
            var protocol = Protocol(port);
            var chosen = twin?.Number("nodePort") is { } shared && !IsTaken(PortClaim(protocol, shared), obj, snapshot, lost)
                ? (int)shared
                : ranges.FreePort(candidate => mine.Contains(PortClaim(protocol, candidate)) || IsTaken(PortClaim(protocol, candidate), obj, snapshot, lost));
            if (chosen is not { } number)
            {
                errors.InvalidValue($"spec.ports[{i}].nodePort", "0", "failed to allocate a nodePort: range is full");
                return;
            }

            port["nodePort"] = number;
            mine.Add(PortClaim(protocol, number));
        }
    }

    private static bool IsTaken(string claim, JsonObject obj, ClusterSnapshot snapshot, IReadOnlySet<string> lost)
    {
        if (lost.Contains(claim))
        {
            return true;
        }

        var metadata = obj.Object("metadata");
        return snapshot.HolderOf(claim) is { } holder
            && (holder.Name != metadata.Text("name") || holder.Namespace != metadata.Text("namespace"));
    }

    /// <summary><c>clusterIP</c> and <c>clusterIPs[0]</c> are two spellings of one thing; the one that the user changed wins.</summary>
    private static void AlignAddresses(JsonObject spec, JsonObject? before)
    {
        var single = spec.Text("clusterIP");
        var first = spec.Strings("clusterIPs").FirstOrDefault() ?? "";
        if (single == first)
        {
            return;
        }

        if (single.Length == 0 && before is null)
        {
            spec["clusterIP"] = first;
        }
        else if (single.Length == 0)
        {
            spec.Remove("clusterIPs");
        }
        else
        {
            spec["clusterIPs"] = new JsonArray(single);
        }
    }

    private static void DefaultFamilies(JsonObject spec)
    {
        if (spec.Text("type") == "ExternalName")
        {
            return;
        }

        if (spec.Strings("ipFamilies").Count == 0)
        {
            spec["ipFamilies"] = new JsonArray("IPv4");
        }

        if (spec.Text("ipFamilyPolicy").Length == 0)
        {
            spec["ipFamilyPolicy"] = "SingleStack";
        }
    }

    private static bool HasNodePorts(JsonNode? spec) => spec.Text("type") switch
    {
        "NodePort" => true,
        "LoadBalancer" => !(spec is JsonObject obj && obj["allocateLoadBalancerNodePorts"] is JsonValue flag && flag.GetValueKind() == System.Text.Json.JsonValueKind.False),
        _ => false,
    };

    /// <summary>Node ports that came from the old object go with the type; ones that the user names anew stay for validation.</summary>
    private static void ReleaseNodePorts(JsonObject spec, JsonObject? before)
    {
        var had = (before.Array("ports") ?? []).Select(port => port.Number("nodePort")).ToHashSet();
        foreach (var port in spec.Array("ports") ?? [])
        {
            if (port is JsonObject entry && had.Contains(entry.Number("nodePort")))
            {
                entry.Remove("nodePort");
            }
        }
    }

    /// <summary>An update that leaves a node port out keeps the one that this port and protocol have.</summary>
    private static void KeepNodePorts(JsonObject spec, JsonObject? before)
    {
        var ports = (spec.Array("ports") ?? []).OfType<JsonObject>().ToArray();
        var used = ports.Select(port => port.Number("nodePort")).OfType<long>().ToHashSet();
        foreach (var port in ports.Where(port => (port.Number("nodePort") ?? 0) == 0))
        {
            var earlier = (before.Array("ports") ?? []).OfType<JsonObject>().FirstOrDefault(
                other => other.Number("port") == port.Number("port") && Protocol(other) == Protocol(port));
            if (earlier?.Number("nodePort") is > 0 and var number && used.Add(number))
            {
                port["nodePort"] = number;
            }
        }
    }

    private static void KeepWhenAbsent(JsonObject spec, JsonObject? before, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            if (spec[field] is null || spec.Text(field).Length == 0 && spec[field] is JsonValue)
            {
                spec.CopyFrom(before, field);
            }
        }
    }

    private static void Drop(JsonObject spec, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            spec.Remove(field);
        }
    }

    private static string Protocol(JsonObject port) => port.Text("protocol") is { Length: > 0 } protocol ? protocol : "TCP";

    private static string? PortClaim(JsonObject port) => port.Number("nodePort") is > 0 and var number ? PortClaim(Protocol(port), number) : null;

    private static string PortClaim(string protocol, long port) => $"nodeport/{protocol.ToLowerInvariant()}/{port}";
}
