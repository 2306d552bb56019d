using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers;
using ActorOrchestrator.Actors.Controllers.Bootstrap;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Tests.Controllers;

/// <summary>All controllers of the cluster on one store, with its real rules: none undoes what another does, and nothing is written for ever.</summary>
public sealed class ClusterControllersTests
{
    private static readonly WriteOptions Admin = new("admin", "test");
    private readonly ControllerWorld _world = new();
    private readonly ControllerDefinition[] _controllers =
    [
        .. ClusterControllers.Definitions(ResourceCatalog.BuiltIn, new BootstrapSettings("192.0.2.1", 6443, "PEM", "10.43.0.1", "10.43.0.10", "10.43.0.0/16")),
        .. AccessControllers.Definitions(null, null, "PEM"),
    ];

    [Fact]
    public async Task The_controllers_come_to_rest_together_and_a_namespace_with_all_they_made_goes()
    {
        await CreateAsync(ResourceTypes.Namespaces, "", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}""");
        await CreateAsync(ResourceTypes.Nodes, "", """{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"}}""");
        await CreateAsync(ResourceTypes.Services, "shop", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"trafficDistribution":"PreferClose","ports":[{"port":80}]}}""");
        await CreateAsync(ResourceTypes.Services, "shop", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"db"},"spec":{"ports":[{"port":5432}]}}""");
        await CreateAsync(ResourceTypes.Endpoints, "shop", """{"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"db"},"subsets":[{"addresses":[{"ip":"198.51.100.7"}],"notReadyAddresses":[{"ip":"198.51.100.8"}],"ports":[{"port":5432}]}]}""");
        await CreateAsync(ResourceTypes.PersistentVolumeClaims, "shop", """{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""");
        await CreateAsync(ResourceTypes.ResourceQuotas, "shop", """{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"quota"},"spec":{"hard":{"pods":"5"}}}""");
        await CreateAsync(ResourceTypes.Pods, "shop", """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","labels":{"app":"web"}},"spec":{"nodeName":"n1","terminationGracePeriodSeconds":0,
             "containers":[{"name":"c","image":"busybox:1.36"}],"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}]}}
            """);
        await _world.ChangeAsync(
            new ObjectKey(ResourceTypes.Pods, "shop", "web-1"),
            pod => pod["status"] = JsonNode.Parse("""{"phase":"Running","podIP":"10.42.0.5","podIPs":[{"ip":"10.42.0.5"}],"conditions":[{"type":"Ready","status":"True"}]}"""),
            "status");

        await RestAsync();

        string[] Slices() => [.. Cluster.InNamespace(ResourceTypes.EndpointSlices, "shop").SelectMany(slice => slice.ToJson()["endpoints"]!.AsArray().Select(endpoint => (string)endpoint!["addresses"]![0]!)).Order(StringComparer.Ordinal)];
        Assert.Equal(["10.42.0.5", "198.51.100.7", "198.51.100.8"], Slices());
        Assert.NotNull(Cluster.Find(new ObjectKey(ResourceTypes.Endpoints, "shop", "web")));
        Assert.NotNull(Cluster.Find(new ObjectKey(ResourceTypes.ServiceAccounts, "shop", "default")));
        Assert.Contains("kubernetes.io/pvc-protection", Cluster.Find(new ObjectKey(ResourceTypes.PersistentVolumeClaims, "shop", "data"))!.Metadata.Finalizers);

        Assert.True((await _world.Store.DeleteAsync(new ObjectKey(ResourceTypes.PersistentVolumeClaims, "shop", "data"), new DeleteRequest(), Admin)).Ok);
        await RestAsync();
        Assert.NotNull(Cluster.Find(new ObjectKey(ResourceTypes.PersistentVolumeClaims, "shop", "data")));

        Assert.True((await _world.Store.DeleteAsync(new ObjectKey(ResourceTypes.Namespaces, "", "shop"), new DeleteRequest(), Admin)).Ok);
        await RestAsync();
        Assert.Null(Cluster.Find(new ObjectKey(ResourceTypes.Namespaces, "", "shop")));
        Assert.Empty(Cluster.Types.SelectMany(type => Cluster.InNamespace(type, "shop")));
    }

    private Actors.Ledger.ClusterSnapshot Cluster => _world.Ledger.View.Current;

    private async Task RestAsync()
    {
        for (var round = 0; round < 20; round++)
        {
            var moved = new List<string>();
            foreach (var controller in _controllers)
            {
                foreach (var key in controller.Everything(Cluster).ToArray())
                {
                    if (await _world.LookAsync(controller, key))
                    {
                        moved.Add($"{controller.Name} on {key}");
                    }
                }
            }

            if (moved.Count == 0)
            {
                return;
            }

            Assert.True(round < 19, string.Join('\n', moved));
        }
    }

    private async Task CreateAsync(ResourceType type, string @namespace, string json)
    {
        var result = await _world.Store.CreateAsync(type, @namespace, JsonNode.Parse(json)!.AsObject(), Admin);
        Assert.True(result.Ok, result.Failure?.Message);
    }
}
