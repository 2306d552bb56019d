using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Bootstrap;

/// <param name="Key">Its name.</param>
/// <param name="Object">As it is created.</param>
/// <param name="Enforced">Top-level fields that are put right when they differ; the others are the user's once it exists.</param>
public sealed record SystemObject(ObjectKey Key, JsonObject Object, ImmutableArray<string> Enforced);

/// <summary>The objects that every Kubernetes cluster has from its first second.</summary>
public static class SystemObjects
{
    public static ImmutableArray<SystemObject> For(BootstrapSettings settings) =>
    [
        Namespace("default"), Namespace("kube-system"), Namespace("kube-public"), Namespace("kube-node-lease"),
        ApiService(settings), ApiEndpoints(settings), ApiEndpointSlice(settings), DnsService(settings),
        PriorityClass("system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved from their current node."),
        PriorityClass("system-cluster-critical", 2_000_000_000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."),
        ServiceRange(settings), LocalPathClass(),
        .. settings.CertificateAuthority is { } authority ? [ExtensionServers(authority)] : ImmutableArray<SystemObject>.Empty,
    ];

    private static SystemObject Namespace(string name) => new(
        new ObjectKey(ResourceTypes.Namespaces, "", name),
        new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } },
        []);

    private static SystemObject ApiService(BootstrapSettings settings) => Of(ResourceTypes.Services, "default", "kubernetes", "v1", "Service", ApiLabels(), new JsonObject
    {
        ["spec"] = new JsonObject
        {
            ["type"] = "ClusterIP",
            ["clusterIP"] = settings.ApiServiceAddress,
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["protocol"] = "TCP", ["port"] = 443, ["targetPort"] = settings.ApiPort }),
        },
    });

    private static SystemObject ApiEndpoints(BootstrapSettings settings)
    {
        var labels = new JsonObject { ["endpointslice.kubernetes.io/skip-mirror"] = "true" };
        return Of(ResourceTypes.Endpoints, "default", "kubernetes", "v1", "Endpoints", labels, new JsonObject
        {
            ["subsets"] = new JsonArray(new JsonObject
            {
                ["addresses"] = new JsonArray(new JsonObject { ["ip"] = settings.AdvertiseAddress }),
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = settings.ApiPort, ["protocol"] = "TCP" }),
            }),
        }, "subsets");
    }

    private static SystemObject ApiEndpointSlice(BootstrapSettings settings)
    {
        var labels = new JsonObject { ["kubernetes.io/service-name"] = "kubernetes" };
        return Of(ResourceTypes.EndpointSlices, "default", "kubernetes", "discovery.k8s.io/v1", "EndpointSlice", labels, new JsonObject
        {
            ["addressType"] = "IPv4",
            ["endpoints"] = new JsonArray(new JsonObject
            {
                ["addresses"] = new JsonArray(settings.AdvertiseAddress),
                ["conditions"] = new JsonObject { ["ready"] = true },
            }),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "https", ["port"] = settings.ApiPort, ["protocol"] = "TCP" }),
        }, "endpoints", "ports");
    }

    /// <summary>Every node answers at this address itself, so there are no pods behind it.</summary>
    private static SystemObject DnsService(BootstrapSettings settings)
    {
        var labels = new JsonObject { ["k8s-app"] = "kube-dns", ["kubernetes.io/cluster-service"] = "true", ["kubernetes.io/name"] = "CoreDNS" };
        return Of(ResourceTypes.Services, "kube-system", "kube-dns", "v1", "Service", labels, new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["type"] = "ClusterIP",
                ["clusterIP"] = settings.DnsServiceAddress,
                ["ports"] = new JsonArray(
                    new JsonObject { ["name"] = "dns", ["protocol"] = "UDP", ["port"] = 53, ["targetPort"] = 53 },
                    new JsonObject { ["name"] = "dns-tcp", ["protocol"] = "TCP", ["port"] = 53, ["targetPort"] = 53 }),
            },
        });
    }

    private static SystemObject PriorityClass(string name, int value, string description) => new(
        new ObjectKey(ResourceTypes.PriorityClasses, "", name),
        new JsonObject
        {
            ["apiVersion"] = "scheduling.k8s.io/v1",
            ["kind"] = "PriorityClass",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["value"] = value,
            ["description"] = description,
        },
        []);

    private static SystemObject ServiceRange(BootstrapSettings settings) => new(
        new ObjectKey(ResourceTypes.ServiceCIDRs, "", "kubernetes"),
        new JsonObject
        {
            ["apiVersion"] = "networking.k8s.io/v1",
            ["kind"] = "ServiceCIDR",
            ["metadata"] = new JsonObject { ["name"] = "kubernetes" },
            ["spec"] = new JsonObject { ["cidrs"] = new JsonArray(settings.ServiceRange) },
        },
        []);

    /// <summary>The default class: a folder on the node where the first pod goes. Whoever wants another default one takes the annotation away here.</summary>
    private static SystemObject LocalPathClass() => new(
        new ObjectKey(ResourceTypes.StorageClasses, "", LocalPathVolumes.ClassName),
        new JsonObject
        {
            ["apiVersion"] = "storage.k8s.io/v1",
            ["kind"] = "StorageClass",
            ["metadata"] = new JsonObject
            {
                ["name"] = LocalPathVolumes.ClassName,
                ["annotations"] = new JsonObject { ["storageclass.kubernetes.io/is-default-class"] = "true" },
            },
            ["provisioner"] = LocalPathVolumes.Driver,
            ["reclaimPolicy"] = "Delete",
            ["volumeBindingMode"] = "WaitForFirstConsumer",
            ["allowVolumeExpansion"] = true,
        },
        []);

    /// <summary>How a server behind an APIService knows the users that this API vouches for.</summary>
    private static SystemObject ExtensionServers(string authority) =>
        Of(ResourceTypes.ConfigMaps, "kube-system", "extension-apiserver-authentication", "v1", "ConfigMap", [], new JsonObject
        {
            ["data"] = new JsonObject
            {
                ["client-ca-file"] = authority,
                ["requestheader-allowed-names"] = """["front-proxy-client"]""",
                ["requestheader-client-ca-file"] = authority,
                ["requestheader-extra-headers-prefix"] = """["X-Remote-Extra-"]""",
                ["requestheader-group-headers"] = """["X-Remote-Group"]""",
                ["requestheader-username-headers"] = """["X-Remote-User"]""",
            },
        }, "data");

    private static JsonObject ApiLabels() => new() { ["component"] = "apiserver", ["provider"] = "kubernetes" };

    private static SystemObject Of(
        ResourceType type, string @namespace, string name, string apiVersion, string kind, JsonObject labels, JsonObject fields, params ImmutableArray<string> enforced)
    {
        fields["apiVersion"] = apiVersion;
        fields["kind"] = kind;
        fields["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace, ["labels"] = labels };
        return new SystemObject(new ObjectKey(type, @namespace, name), fields, enforced);
    }
}
