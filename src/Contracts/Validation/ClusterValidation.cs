using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation.Pods;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for nodes, namespaces, events and leases.</summary>
internal static class ClusterValidation
{
    private static readonly string[] TaintEffects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    public static void Node(JsonObject node, JsonObject? old, FieldErrors errors)
    {
        HashSet<(string, string)> seen = [];
        foreach (var (index, taint) in (node.Child("spec") ?? []).Items("taints").Index())
        {
            var at = FieldPath.Of("spec", "taints").Index(index);
            var (key, effect) = (taint.Text("key"), taint.Text("effect"));
            errors.Check(at.Field("key"), key, Names.QualifiedName(key));
            if (taint.Text("value") is { Length: > 0 } value)
            {
                errors.Check(at.Field("value"), value, Names.LabelValue(value));
            }

            errors.OneOf(at.Field("effect"), effect, TaintEffects);
            if (!seen.Add((key, effect)))
            {
                errors.Duplicate(at, taint);
            }
        }

        if (node.Child("status") is { } status)
        {
            ResourceValidation.NonNegative(status, "capacity", FieldPath.Of("status", "capacity"), errors);
            ResourceValidation.NonNegative(status, "allocatable", FieldPath.Of("status", "allocatable"), errors);
            Unique(status, FieldPath.Of("status", "addresses"), errors);
        }

        if (old?.Child("spec") is { } before)
        {
            NodeUpdate(node.Child("spec") ?? [], before, errors);
        }
    }

    /// <summary>What a node is known by is set once; the rest of its specification is for whoever schedules.</summary>
    private static void NodeUpdate(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        var (ranges, earlier) = (spec.Strings("podCIDRs").ToArray(), before.Strings("podCIDRs").ToArray());
        if (earlier.Length > 0)
        {
            var changes = earlier.Length != ranges.Length ? 1 : earlier.Zip(ranges).Count(pair => pair.First != pair.Second);
            for (var change = 0; change < changes; change++)
            {
                errors.Forbidden(FieldPath.Of("spec", "podCIDRs"), "node updates may not change podCIDR except from \"\" to valid");
            }
        }

        if (before.Text("providerID") is { Length: > 0 } provider && provider != spec.Text("providerID"))
        {
            errors.Forbidden(FieldPath.Of("spec", "providerID"), "node updates may not change providerID except from \"\" to valid");
        }

        var (mine, theirs) = ((JsonObject)spec.DeepClone(), (JsonObject)before.DeepClone());
        foreach (var free in (ReadOnlySpan<string>)["podCIDR", "podCIDRs", "providerID", "unschedulable", "taints", "configSource"])
        {
            mine.Remove(free);
            theirs.Remove(free);
        }

        if (!JsonNode.DeepEquals(mine, theirs))
        {
            errors.Forbidden(FieldPath.Unnamed, "node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig feature gate is enabled)");
        }
    }

    public static void Namespace(JsonObject @namespace, JsonObject? old, FieldErrors errors)
    {
        foreach (var (index, finalizer) in (@namespace.Child("spec") ?? []).Strings("finalizers").Index())
        {
            errors.Check(FieldPath.Of("spec", "finalizers").Index(index), finalizer, Names.QualifiedName(finalizer));
        }
    }

    public static void Event(JsonObject happening, JsonObject? old, FieldErrors errors)
    {
        // An event lives in its object's namespace; one about a cluster-scoped object in default.
        var about = happening.Child("involvedObject")?.Text("namespace") ?? "";
        var lives = happening.Child("metadata")?.Text("namespace") ?? "";
        if (about.Length == 0 ? lives is not ("" or "default" or "kube-system") : about != lives)
        {
            errors.Invalid(FieldPath.Of("involvedObject", "namespace"), about, "does not match event.namespace");
        }
    }

    public static void Lease(JsonObject lease, JsonObject? old, FieldErrors errors)
    {
        var spec = lease.Child("spec") ?? [];
        if (spec.Number("leaseDurationSeconds") is { } duration and <= 0)
        {
            errors.Invalid(FieldPath.Of("spec", "leaseDurationSeconds"), duration, "must be greater than 0");
        }

        errors.NonNegative(FieldPath.Of("spec", "leaseTransitions"), spec.Number("leaseTransitions"));
        var strategy = spec.Text("strategy");
        if (strategy.Contains('/'))
        {
            errors.Check(FieldPath.Of("spec", "strategy", "strategy"), strategy, Names.QualifiedName(strategy));
        }
        else if (spec.Has("strategy") && strategy != "OldestEmulationVersion")
        {
            errors.NotSupported(FieldPath.Of("spec", "strategy", "strategy"), strategy, "OldestEmulationVersion");
        }

        if (spec.Text("preferredHolder").Length > 0 && strategy.Length == 0)
        {
            errors.Forbidden(FieldPath.Of("spec", "preferredHolder"), "may only be specified if `strategy` is defined");
        }
    }

    public static void Binding(JsonObject binding, JsonObject? old, FieldErrors errors)
    {
        var target = binding.Child("target") ?? [];
        if (target.Text("kind") is not ("" or "Node"))
        {
            errors.NotSupported(FieldPath.Of("target", "kind"), target.Text("kind"), "Node", "<empty>");
        }

        if (target.Text("name").Length == 0)
        {
            errors.Required(FieldPath.Of("target", "name"));
        }
    }

    private static void Unique(JsonObject status, FieldPath path, FieldErrors errors)
    {
        HashSet<(string, string)> seen = [];
        foreach (var (index, address) in status.Items("addresses").Index())
        {
            if (!seen.Add((address.Text("type"), address.Text("address"))))
            {
                errors.Duplicate(path.Index(index), address);
            }
        }
    }
}
