using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Tests.Controllers;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.Access;

/// <summary>Roles and bindings in few words.</summary>
internal sealed class RbacWorld
{
    public PlanWorld World { get; } = new();

    public ClusterSnapshot Cluster => World.Cluster;

    public RbacPolicy Policy => new(World.Cluster);

    public static PolicyRule Rule(string verbs, string groups, string resources, string names = "") => new()
    {
        Verbs = [.. verbs.Split(',')],
        ApiGroups = [.. groups.Split(',')],
        Resources = [.. resources.Split(',')],
        ResourceNames = names.Length == 0 ? [] : [.. names.Split(',')],
    };

    public static PolicyRule Paths(string verbs, string paths) => new() { Verbs = [.. verbs.Split(',')], NonResourceUrls = [.. paths.Split(',')] };

    public void ClusterRole(string name, params IEnumerable<PolicyRule> rules) => World.Put(ResourceTypes.ClusterRoles, Role("ClusterRole", "", name, rules));

    public void Role(string @namespace, string name, params IEnumerable<PolicyRule> rules) => World.Put(ResourceTypes.Roles, Role("Role", @namespace, name, rules));

    /// <param name="subject"><c>User:bob</c>, <c>Group:dev</c>, <c>ServiceAccount:ns/name</c>.</param>
    public void BindEverywhere(string role, string subject) =>
        World.Put(ResourceTypes.ClusterRoleBindings, Binding("ClusterRoleBinding", "", $"ClusterRole/{role}", subject));

    /// <param name="role"><c>Role/name</c> or <c>ClusterRole/name</c>.</param>
    public void Bind(string @namespace, string role, string subject) =>
        World.Put(ResourceTypes.RoleBindings, Binding("RoleBinding", @namespace, role, subject));

    public bool May(string user, string verb, string resource, string @namespace = "", string name = "") => Policy.Decide(UserOf(user), Asked(verb, resource, @namespace, name)).IsAllowed;

    public static UserInfo UserOf(string user)
    {
        var parts = user.Split(',');
        return new UserInfo(parts[0], [.. parts[1..]]);
    }

    /// <param name="resource"><c>pods</c>, <c>deployments.apps/scale</c>, or a path that begins with a slash.</param>
    public static RequestAttributes Asked(string verb, string resource, string @namespace = "", string name = "")
    {
        if (resource.StartsWith('/'))
        {
            return RequestAttributes.OfUrl(verb, resource);
        }

        var parts = resource.Split('/');
        var dot = parts[0].IndexOf('.');
        var type = dot < 0 ? new ResourceType("", parts[0]) : new ResourceType(parts[0][(dot + 1)..], parts[0][..dot]);
        return RequestAttributes.Of(verb, type, @namespace, name, parts.Length > 1 ? parts[1] : "");
    }

    private static JsonObject Role(string kind, string @namespace, string name, IEnumerable<PolicyRule> rules) => new()
    {
        ["kind"] = kind,
        ["metadata"] = Metadata(@namespace, name),
        ["rules"] = new JsonArray([.. rules.Select(rule => rule.ToJson())]),
    };

    private static JsonObject Binding(string kind, string @namespace, string role, string subject)
    {
        var (roleKind, roleName) = (role.Split('/')[0], role.Split('/')[1]);
        var (subjectKind, subjectName) = (subject[..subject.IndexOf(':')], subject[(subject.IndexOf(':') + 1)..]);
        var entry = new JsonObject { ["kind"] = subjectKind, ["name"] = subjectName };
        if (subjectKind == "ServiceAccount" && subjectName.Split('/') is [var home, var account])
        {
            (entry["namespace"], entry["name"]) = (home, account);
        }

        return new JsonObject
        {
            ["kind"] = kind,
            ["metadata"] = Metadata(@namespace, $"{roleName}-{subject.Replace(':', '-').Replace('/', '-')}"),
            ["roleRef"] = new JsonObject { ["kind"] = roleKind, ["name"] = roleName },
            ["subjects"] = new JsonArray(entry),
        };
    }

    private static JsonObject Metadata(string @namespace, string name)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (@namespace.Length > 0)
        {
            metadata["namespace"] = @namespace;
        }

        return metadata;
    }
}
