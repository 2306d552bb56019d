using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>What a status cannot say of a pod (upstream's <c>ValidatePodStatusUpdate</c>).</summary>
internal static class PodStatusValidation
{
    public static void Status(JsonObject pod, JsonObject old, FieldErrors errors)
    {
        var path = FieldPath.Of("status");
        var (status, before) = (pod.Child("status") ?? [], old.Child("status") ?? []);
        foreach (var (index, condition) in status.Items("conditions").Index())
        {
            var (at, type) = (path.Field("conditions").Index(index), condition.Text("type"));
            if (condition.Number("observedGeneration") is { } seen and < 0)
            {
                errors.Invalid(at.Field("observedGeneration"), seen, "must be a non-negative integer");
            }

            if (type is not ("PodScheduled" or "Ready" or "Initialized"))
            {
                errors.Check(at.Field("Type"), type, Names.QualifiedName(type));
            }
        }

        var nominated = status.Text("nominatedNodeName");
        if (nominated.Length > 0 && nominated != before.Text("nominatedNodeName"))
        {
            errors.Check(path.Field("nominatedNodeName"), nominated, Names.Dns1123Subdomain(nominated));
        }

        if (status.Number("observedGeneration") is { } generation and < 0)
        {
            errors.Invalid(path.Field("observedGeneration"), generation, "must be a non-negative integer");
        }

        if (before.Has("qosClass"))
        {
            errors.Immutable(path.Field("qosClass"), status["qosClass"], before["qosClass"]);
        }

        Transitions(status, before, old.Child("spec") ?? [], path, errors);
        Claims(status, pod.Child("spec") ?? [], path.Field("resourceClaimStatuses"), errors);
        Ips(status, "podIPs", path.Field("podIPs"), errors);
        if (status.Count("hostIPs") > 0)
        {
            if (status.Items("hostIPs").First().Text("ip") is var first && first != status.Text("hostIP"))
            {
                errors.Invalid(path.Field("hostIPs").Index(0).Field("ip"), first, "must be equal to `hostIP`");
            }

            Ips(status, "hostIPs", path.Field("hostIPs"), errors);
        }
    }

    /// <summary>What ended for good does not begin again.</summary>
    private static void Transitions(JsonObject status, JsonObject before, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var policy = spec.Text("restartPolicy");
        foreach (var (list, containers) in (ReadOnlySpan<(string, string)>)[("containerStatuses", "containers"), ("initContainerStatuses", "initContainers"), ("ephemeralContainerStatuses", "")])
        {
            if (policy == "Always" && containers.Length > 0)
            {
                continue;
            }

            foreach (var (index, had) in before.Items(list).Index())
            {
                if (had.Child("state")?.Child("terminated") is not { } ended
                    || (containers.Length > 0 && policy == "OnFailure" && (ended.Number("exitCode") ?? 0) != 0)
                    || (list == "initContainerStatuses" && spec.Items("initContainers").Any(container => container.Text("name") == had.Text("name") && container.Text("restartPolicy") == "Always")))
                {
                    continue;
                }

                if (status.Items(list).Any(now => now.Text("name") == had.Text("name") && now.Child("state")?.Has("terminated") != true))
                {
                    errors.Forbidden(path.Field(list).Index(index).Field("state"), "may not be transitioned to non-terminated state");
                }
            }
        }
    }

    private static void Claims(JsonObject status, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, claim) in status.Items("resourceClaimStatuses").Index())
        {
            var (at, name) = (path.Index(index), claim.Text("name"));
            if (!spec.Items("resourceClaims").Any(known => known.Text("name") == name))
            {
                errors.Invalid(at.Field("name"), name, "must match the name of an entry in `spec.resourceClaims`");
            }

            if (!seen.Add(name))
            {
                errors.Duplicate(at.Field("name"), name);
            }

            if (claim.Has("resourceClaimName"))
            {
                errors.Check(at.Field("resourceClaimName"), claim.Text("resourceClaimName"), Names.Dns1123Subdomain(claim.Text("resourceClaimName")));
            }
        }
    }

    private static void Ips(JsonObject status, string field, FieldPath path, FieldErrors errors)
    {
        var addresses = status.Items(field).Select(entry => entry.Text("ip")).ToArray();
        foreach (var (index, address) in addresses.Index())
        {
            Addresses.Check(errors, path.Index(index), address);
        }

        // One of each family at most.
        var sixes = addresses.Count(address => address.Contains(':', StringComparison.Ordinal));
        if (addresses.Length > 1 && (addresses.Length > 2 || sixes != 1))
        {
            errors.Invalid(path, status[field], "may specify no more than one IP for each IP family");
        }
    }
}
