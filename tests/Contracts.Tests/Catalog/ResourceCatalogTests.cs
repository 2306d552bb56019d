using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Tests.Catalog;

public class ResourceCatalogTests
{
    [Fact]
    public void A_kind_is_found_by_each_of_its_names()
    {
        var catalog = ResourceCatalog.BuiltIn;
        var deployments = catalog.Find("apps", "v1", "deployments");
        Assert.NotNull(deployments);
        Assert.Same(deployments, catalog.FindKind("apps/v1", "Deployment"));
        Assert.Same(deployments, catalog[ResourceTypes.Deployments]);
        Assert.Same(deployments, catalog.FindGroupKind("apps", "Deployment"));
        Assert.Null(catalog.Find("apps", "v1beta1", "deployments"));
    }

    [Fact]
    public void Every_descriptor_agrees_with_its_model()
    {
        foreach (var descriptor in ResourceCatalog.BuiltIn.All)
        {
            var entity = Assert.IsType<KubernetesEntityAttribute>(Attribute.GetCustomAttribute(descriptor.Model!, typeof(KubernetesEntityAttribute)));
            Assert.Equal((entity.Group, entity.ApiVersion, entity.Kind), (descriptor.Group, descriptor.Version, descriptor.Kind));
            Assert.True(string.IsNullOrEmpty(entity.PluralName) || entity.PluralName == descriptor.Plural, $"{descriptor} is not {entity.PluralName}.");
        }
    }

    [Fact]
    public void Verbs_and_subresources_are_in_the_order_of_discovery()
    {
        foreach (var descriptor in ResourceCatalog.BuiltIn.All)
        {
            Assert.Equal(descriptor.Verbs.Order(StringComparer.Ordinal), descriptor.Verbs);
            Assert.Equal(descriptor.Subresources.Select(sub => sub.Name).Order(StringComparer.Ordinal), descriptor.Subresources.Select(sub => sub.Name));
        }
    }

    [Fact]
    public void Paths_are_those_of_the_api()
    {
        Assert.Equal("/apis/apps/v1/namespaces/shop/deployments/web", ResourceCatalog.BuiltIn[ResourceTypes.Deployments].PathOf("shop", "web"));
        Assert.Equal("/api/v1/nodes/n1", ResourceCatalog.BuiltIn[ResourceTypes.Nodes].PathOf("", "n1"));
    }
}
