using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Access.Rbac;

/// <summary>
/// The policy of a snapshot, made anew only when one of the four kinds that it is made of has changed: a snapshot shares what did not change with
/// the one before, so that comparing four references tells. Nothing but these four is held on to: a whole snapshot would be kept in memory for as
/// long as nobody's rights change.
/// </summary>
public sealed class RbacPolicySource
{
    private readonly Lock _making = new();
    private volatile Made? _made;

    private sealed record Made(object Roles, object RoleBindings, object ClusterRoles, object ClusterRoleBindings, RbacPolicy Policy)
    {
        public bool IsOf(ClusterSnapshot cluster) =>
            ReferenceEquals(RoleBindings, cluster.IdentityOf(ResourceTypes.RoleBindings))
            && ReferenceEquals(ClusterRoleBindings, cluster.IdentityOf(ResourceTypes.ClusterRoleBindings))
            && ReferenceEquals(Roles, cluster.IdentityOf(ResourceTypes.Roles))
            && ReferenceEquals(ClusterRoles, cluster.IdentityOf(ResourceTypes.ClusterRoles));
    }

    public RbacPolicy Of(ClusterSnapshot cluster)
    {
        if (_made is { } made && made.IsOf(cluster))
        {
            return made.Policy;
        }

        lock (_making)
        {
            if (_made is { } meanwhile && meanwhile.IsOf(cluster))
            {
                return meanwhile.Policy;
            }

            var policy = new RbacPolicy(cluster);
            _made = new Made(
                cluster.IdentityOf(ResourceTypes.Roles),
                cluster.IdentityOf(ResourceTypes.RoleBindings),
                cluster.IdentityOf(ResourceTypes.ClusterRoles),
                cluster.IdentityOf(ResourceTypes.ClusterRoleBindings),
                policy);
            return policy;
        }
    }
}
