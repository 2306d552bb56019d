using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Access.Rbac;

/// <summary>
/// Who may do what, by the roles and bindings of one state of the cluster: immutable, and indexed by subject. A decision looks up the user and each of
/// its groups, and asks the roles bound to them.
/// </summary>
public sealed class RbacPolicy
{
    /// <summary>What a binding gives to a subject. <paramref name="Missing"/> is set instead of rules when the role does not exist.</summary>
    private sealed record Grant(RuleSet Rules, string Source, string Missing);

    private sealed class Grants
    {
        public List<Grant> Everywhere { get; } = [];
        public Dictionary<string, List<Grant>> ByNamespace { get; } = new(StringComparer.Ordinal);
    }

    private static readonly RuleSet NoRules = new([]);

    // A role is read once for as long as it is kept, however often the policy is made anew around it.
    private static readonly ViewCache<RuleSet> Roles = new(role => new RuleSet(PolicyRule.ReadAll(role.ToJson())));
    private static readonly ViewCache<RoleBindingView> Bindings = new(RoleBindingView.Read);

    private readonly Dictionary<string, Grants> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Grants> _groups = new(StringComparer.Ordinal);

    public RbacPolicy(ClusterSnapshot cluster)
    {
        foreach (var binding in cluster.All(ResourceTypes.ClusterRoleBindings))
        {
            Add(cluster, Bindings[binding], "");
        }

        foreach (var binding in cluster.All(ResourceTypes.RoleBindings))
        {
            Add(cluster, Bindings[binding], binding.Key.Namespace);
        }
    }

    /// <summary>The rules of a role that exists; null when it does not.</summary>
    /// <param name="cluster">Where to look.</param>
    /// <param name="role">The role.</param>
    /// <param name="namespace">Of the binding; empty for a ClusterRoleBinding.</param>
    public static ImmutableArray<PolicyRule>? RulesOf(ClusterSnapshot cluster, RoleReference role, string @namespace) =>
        cluster.Find(role.KeyIn(@namespace)) is { } found ? Roles[found].Rules : null;

    public AccessDecision Decide(UserInfo user, in RequestAttributes request)
    {
        List<string>? missing = null;
        if (Decide(_users, user.Name, request, ref missing) is { } own)
        {
            return own;
        }

        foreach (var group in user.Groups)
        {
            if (Decide(_groups, group, request, ref missing) is { } shared)
            {
                return shared;
            }
        }

        return missing is null ? AccessDecision.None : new AccessDecision(AccessVerdict.NoOpinion, $"RBAC: {(missing.Count == 1 ? missing[0] : $"[{string.Join(", ", missing.Distinct())}]")}");
    }

    /// <summary>Every rule that applies to a user in a namespace, and what could not be resolved.</summary>
    public (ImmutableArray<PolicyRule> Rules, ImmutableArray<string> Errors) RulesFor(UserInfo user, string @namespace)
    {
        var rules = ImmutableArray.CreateBuilder<PolicyRule>();
        var errors = ImmutableArray.CreateBuilder<string>();
        Collect(_users, user.Name);
        foreach (var group in user.Groups)
        {
            Collect(_groups, group);
        }

        return (rules.ToImmutable(), errors.ToImmutable());

        void Collect(Dictionary<string, Grants> subjects, string name)
        {
            if (!subjects.TryGetValue(name, out var grants))
            {
                return;
            }

            var inside = @namespace.Length > 0 ? grants.ByNamespace.GetValueOrDefault(@namespace, []) : [];
            foreach (var grant in grants.Everywhere.Concat(inside))
            {
                rules.AddRange(grant.Rules.Rules);
                if (grant.Missing.Length > 0)
                {
                    errors.Add(grant.Missing);
                }
            }
        }
    }

    private static AccessDecision? Decide(Dictionary<string, Grants> subjects, string name, in RequestAttributes request, ref List<string>? missing)
    {
        if (!subjects.TryGetValue(name, out var grants))
        {
            return null;
        }

        if (Decide(grants.Everywhere, request, ref missing) is { } everywhere)
        {
            return everywhere;
        }

        return request.Namespace.Length > 0 && grants.ByNamespace.TryGetValue(request.Namespace, out var inside) ? Decide(inside, request, ref missing) : null;
    }

    private static AccessDecision? Decide(List<Grant> grants, in RequestAttributes request, ref List<string>? missing)
    {
        foreach (var grant in grants)
        {
            if (grant.Missing.Length > 0)
            {
                (missing ??= []).Add(grant.Missing);
            }
            else if (grant.Rules.Allows(request))
            {
                return new AccessDecision(AccessVerdict.Allow, grant.Source);
            }
        }

        return null;
    }

    private void Add(ClusterSnapshot cluster, RoleBindingView binding, string @namespace)
    {
        var role = cluster.Find(binding.Role.KeyIn(@namespace));
        var rules = role is null ? NoRules : Roles[role];
        var missing = role is null ? $"{binding.Role.Kind.ToLowerInvariant()}.rbac.authorization.k8s.io \"{binding.Role.Name}\" not found" : "";
        var about = @namespace.Length == 0 ? $"ClusterRoleBinding \"{binding.Name}\"" : $"RoleBinding \"{binding.Name}/{@namespace}\"";
        foreach (var subject in binding.Subjects)
        {
            var grants = GrantsOf(subject, @namespace, out var shown);
            if (grants is null)
            {
                continue;
            }

            var grant = new Grant(rules, $"RBAC: allowed by {about} of {binding.Role.Kind} \"{binding.Role.Name}\" to {subject.Kind} \"{shown}\"", missing);
            if (@namespace.Length == 0)
            {
                grants.Everywhere.Add(grant);
            }
            else if (grants.ByNamespace.TryGetValue(@namespace, out var there))
            {
                there.Add(grant);
            }
            else
            {
                grants.ByNamespace[@namespace] = [grant];
            }
        }
    }

    private Grants? GrantsOf(RoleSubject subject, string @namespace, out string shown)
    {
        shown = subject.Name;
        switch (subject.Kind)
        {
            case "User":
                return Of(_users, subject.Name);
            case "Group":
                return Of(_groups, subject.Name);
            case "ServiceAccount":
                var home = subject.Namespace.Length > 0 ? subject.Namespace : @namespace;
                shown = $"{subject.Name}/{home}";
                return home.Length == 0 ? null : Of(_users, ServiceAccountUser.NameOf(home, subject.Name));
            default:
                return null;
        }

        static Grants Of(Dictionary<string, Grants> subjects, string name) =>
            subjects.TryGetValue(name, out var grants) ? grants : subjects[name] = new Grants();
    }
}

/// <summary>The role that a binding gives: <c>Role</c> of its own namespace, or <c>ClusterRole</c>.</summary>
public sealed record RoleReference(string Kind, string Name)
{
    public ObjectKey KeyIn(string @namespace) =>
        Kind == "Role" ? new ObjectKey(ResourceTypes.Roles, @namespace, Name) : new ObjectKey(ResourceTypes.ClusterRoles, "", Name);

    public static RoleReference Read(JsonNode? binding) => new(JsonNodes.Text(binding.Object("roleRef"), "kind"), JsonNodes.Text(binding.Object("roleRef"), "name"));
}

/// <summary>To whom a binding gives its role.</summary>
public sealed record RoleSubject(string Kind, string Name, string Namespace);

/// <summary>What counts of a RoleBinding or ClusterRoleBinding.</summary>
internal sealed record RoleBindingView(string Name, RoleReference Role, ImmutableArray<RoleSubject> Subjects)
{
    public static RoleBindingView Read(StoredObject binding)
    {
        var tree = binding.ToJson();
        return new RoleBindingView(
            binding.Key.Name,
            RoleReference.Read(tree),
            [.. (tree.Array("subjects") ?? []).Select(subject => new RoleSubject(subject.Text("kind"), subject.Text("name"), subject.Text("namespace")))]);
    }
}
