using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Access;

namespace ActorOrchestrator.Actors.Access.Rbac;

/// <summary>
/// The policy of a snapshot, made anew only when one of the four kinds that it is made of has changed: a snapshot shares what did not change with
/// the one before, so that comparing four references tells.
/// </summary>
public sealed class RbacPolicySource
{
    private readonly Lock _making = new();
    private volatile Made? _made;

    private sealed record Made(ClusterSnapshot Snapshot, object Roles, object RoleBindings, object ClusterRoles, object ClusterRoleBindings, RbacPolicy Policy)
    {
        public bool IsOf(ClusterSnapshot cluster) =>
            ReferenceEquals(Snapshot, cluster)
            || (ReferenceEquals(RoleBindings, cluster.IdentityOf(AccessTypes.RoleBindings))
                && ReferenceEquals(ClusterRoleBindings, cluster.IdentityOf(AccessTypes.ClusterRoleBindings))
                && ReferenceEquals(Roles, cluster.IdentityOf(AccessTypes.Roles))
                && ReferenceEquals(ClusterRoles, cluster.IdentityOf(AccessTypes.ClusterRoles)));
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
                cluster,
                cluster.IdentityOf(AccessTypes.Roles),
                cluster.IdentityOf(AccessTypes.RoleBindings),
                cluster.IdentityOf(AccessTypes.ClusterRoles),
                cluster.IdentityOf(AccessTypes.ClusterRoleBindings),
                policy);
            return policy;
        }
    }
}
