using System.Collections.Frozen;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>The strategies by kind; kinds that are not named here have none of their own.</summary>
public sealed class StrategyCatalog(IEnumerable<KeyValuePair<ResourceType, ResourceStrategy>> strategies)
{
    private readonly FrozenDictionary<ResourceType, ResourceStrategy> _byType = strategies.ToFrozenDictionary();

    public ResourceStrategy this[ResourceType type] => _byType.GetValueOrDefault(type, ResourceStrategy.Default);

    public ResourceStrategy Of(ResourceDescriptor descriptor) => descriptor.Custom is null ? this[descriptor.Type] : CustomResourceStrategy.Instance;

    /// <summary>The strategies of the kinds that this program brings.</summary>
    public static StrategyCatalog BuiltIn(ServiceRanges ranges) => new(new Dictionary<ResourceType, ResourceStrategy>
    {
        [ResourceTypes.Pods] = new PodStrategy(),
        [ResourceTypes.Services] = new ServiceStrategy(ranges),
        [ResourceTypes.Namespaces] = new NamespaceStrategy(),
        [ResourceTypes.Nodes] = new NodeStrategy(),
        [ResourceTypes.Secrets] = new SecretStrategy(),
        [ResourceTypes.ConfigMaps] = new ConfigMapStrategy(),
        [ResourceTypes.ServiceAccounts] = new ServiceAccountStrategy(),
        [ResourceTypes.Deployments] = new SelectorOwnerStrategy(),
        [ResourceTypes.ReplicaSets] = new SelectorOwnerStrategy(),
        [ResourceTypes.ReplicationControllers] = new OrphaningStrategy(),
        [ResourceTypes.Jobs] = new JobStrategy(),
        [ResourceTypes.PersistentVolumes] = new PersistentVolumeStrategy(),
        [ResourceTypes.PersistentVolumeClaims] = new PersistentVolumeClaimStrategy(),
        [ResourceTypes.CertificateSigningRequests] = new CertificateRequestStrategy(),
        [ResourceTypes.CustomResourceDefinitions] = new CustomResourceDefinitionStrategy(),
        [ResourceTypes.ValidatingWebhookConfigurations] = ExpressionStrategy.Webhooks,
        [ResourceTypes.MutatingWebhookConfigurations] = ExpressionStrategy.Webhooks,
        [ResourceTypes.ValidatingAdmissionPolicies] = ExpressionStrategy.ValidatingPolicies,
        [ResourceTypes.MutatingAdmissionPolicies] = ExpressionStrategy.MutatingPolicies,
        [ResourceTypes.ApiServices] = new ApiServiceStrategy(),
        [ResourceTypes.FlowSchemas] = DetachedStatusStrategy.Instance,
        [ResourceTypes.PriorityLevelConfigurations] = DetachedStatusStrategy.Instance,
        [ResourceTypes.VolumeAttachments] = DetachedStatusStrategy.Instance,
        [ResourceTypes.ServiceCIDRs] = DetachedStatusStrategy.Instance,
        [ResourceTypes.PodCertificateRequests] = DetachedStatusStrategy.Instance,
        [ResourceTypes.ResourceClaims] = DetachedStatusStrategy.Instance,
        [ResourceTypes.DeviceTaintRules] = DetachedStatusStrategy.Instance,
    });
}
