using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>What the author of an object should know although nothing is wrong with it, in the words of upstream's strategies. Pure.</summary>
public static class ObjectWarnings
{
    private const string IngressClass = "kubernetes.io/ingress.class";

    private static readonly Dictionary<Type, Func<JsonObject, JsonObject?, IEnumerable<string>>> Kinds = new()
    {
        [typeof(V1Pod)] = (pod, old) => old is null ? [.. Hostname(pod), .. PodWarnings.Of(pod, FieldPath.Root)] : PodWarnings.Of(pod, FieldPath.Root),
        [typeof(V1PodTemplate)] = (template, _) => PodWarnings.Of(template.Child("template") ?? [], FieldPath.Of("template")),
        [typeof(V1Deployment)] = Owner,
        [typeof(V1ReplicaSet)] = Owner,
        [typeof(V1StatefulSet)] = Owner,
        [typeof(V1DaemonSet)] = (set, old) => Template(set, old),
        [typeof(V1ReplicationController)] = Owner,
        [typeof(V1Job)] = Owner,
        [typeof(V1CronJob)] = (job, old) => [.. old is null ? Hostname(job) : [], .. Template(job, old, "spec", "jobTemplate")],
        [typeof(V1Service)] = (service, _) => Service(service.Child("spec") ?? []),
        [typeof(V1Ingress)] = (ingress, old) => old is null && ingress.Child("metadata")?.Child("annotations")?.Has(IngressClass) == true
            ? [$"annotation \"{IngressClass}\" is deprecated, please use 'spec.ingressClassName' instead"]
            : [],
        [typeof(V1PersistentVolume)] = (volume, _) => Volume(volume),
    };

    /// <summary>Of a write of the whole object; nothing is said of a status.</summary>
    public static IEnumerable<string> Of(ResourceDescriptor descriptor, JsonObject obj, JsonObject? old) =>
        descriptor.Custom is null && Kinds.TryGetValue(descriptor.Model!, out var warnings) ? warnings(obj, old) : [];

    private static IEnumerable<string> Owner(JsonObject owner, JsonObject? old) =>
        [.. old is null && owner.Text("kind") is not "ReplicationController" ? Hostname(owner) : [], .. Template(owner, old)];

    /// <summary>A template is spoken of when what the author asks for has changed; upstream compares generations too.</summary>
    private static IEnumerable<string> Template(JsonObject owner, JsonObject? old, params ReadOnlySpan<string> above)
    {
        if (old is not null && Generation(owner) == Generation(old))
        {
            return [];
        }

        var holder = above.IsEmpty ? owner : owner.Child("spec")?.Child(above[^1]);
        return holder?.Child("spec")?.Child("template") is { } template ? PodWarnings.Of(template, FieldPath.Of(above).Field("spec").Field("template")) : [];
    }

    private static long? Generation(JsonObject obj) => obj.Child("metadata")?.Number("generation");

    private static IEnumerable<string> Hostname(JsonObject obj)
    {
        var name = obj.Child("metadata")?.Text("name") ?? "";
        var problems = Names.Dns1123Label(name);
        return problems.Count == 0 ? []
            : [$"metadata.name: this is used in {(obj.Text("kind") == "Pod" ? "the Pod's hostname" : "Pod names and hostnames")}, which can result in surprising behavior; a DNS label is recommended: [{string.Join(' ', problems)}]"];
    }

    private static IEnumerable<string> Service(JsonObject spec)
    {
        if (spec.Text("clusterIP") == "None")
        {
            if (spec.Text("loadBalancerIP").Length > 0)
            {
                yield return "spec.loadBalancerIP is ignored for headless services";
            }

            if (spec.Count("externalIPs") > 0)
            {
                yield return "spec.externalIPs is ignored for headless services";
            }

            if (spec.Text("sessionAffinity") is not ("None" or ""))
            {
                yield return "spec.SessionAffinity is ignored for headless services";
            }
        }

        if (spec.Text("type") == "ExternalName" && spec.Count("externalIPs") > 0)
        {
            yield return "spec.externalIPs is ignored when spec.type is \"ExternalName\"";
        }

        if (spec.Text("type") != "ExternalName" && spec.Text("externalName").Length > 0)
        {
            yield return "spec.externalName is ignored when spec.type is not \"ExternalName\"";
        }
    }

    private static IEnumerable<string> Volume(JsonObject volume)
    {
        if (volume.Child("metadata")?.Child("annotations")?.Has("volume.beta.kubernetes.io/storage-class") == true)
        {
            yield return "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use \"storageClassName\" attribute instead";
        }

        if (volume.Child("spec")?.Text("persistentVolumeReclaimPolicy") == "Recycle")
        {
            yield return "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";
        }
    }
}
