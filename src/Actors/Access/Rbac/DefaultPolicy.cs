using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Access.Rbac;

/// <summary>The roles and bindings that every cluster has, read from <c>default-policy.txt</c>, whose head says how.</summary>
public static class DefaultPolicy
{
    private const string AutoUpdate = "rbac.authorization.kubernetes.io/autoupdate";
    private const string FeedPrefix = "rbac.authorization.k8s.io/aggregate-to-";
    private const string ApiVersion = $"{AccessGroups.Rbac}/v1";

    public static ImmutableArray<(ObjectKey Key, JsonObject Object)> Objects { get; } = [.. Read()];

    private static IEnumerable<(ObjectKey Key, JsonObject Object)> Read()
    {
        using var stream = typeof(DefaultPolicy).Assembly.GetManifestResourceStream("default-policy.txt")!;
        using var reader = new StreamReader(stream);
        var objects = new List<(ObjectKey, JsonObject)>();
        JsonArray rules = [];
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case []:
                    break;
                case [var word, ..] when word.StartsWith('#'):
                    break;
                case var _ when line.StartsWith(' '):
                    rules.Add(RuleOf(words).ToJson());
                    break;
                case ["clusterrole", var name, .. var more]:
                    objects.Add(ClusterRole(name, more, out rules));
                    break;
                case ["controller", var name]:
                    objects.Add(ClusterRole($"system:controller:{name}", [], out rules));
                    objects.Add(Binding("", $"system:controller:{name}", "ClusterRole", $"system:controller:{name}", [$"ServiceAccount:kube-system/{name}"]));
                    break;
                case ["role", var @namespace, var name]:
                    objects.Add(Role(@namespace, name, out rules));
                    break;
                case ["bind", var name, var subjects]:
                    objects.Add(Binding("", name, "ClusterRole", name, subjects == "none" ? [] : subjects.Split(',')));
                    break;
                case ["bindin", var @namespace, var name, var subjects]:
                    var named = name.Split('=');
                    objects.Add(Binding(@namespace, named[0], "Role", named[^1], subjects.Split(',')));
                    break;
                default:
                    throw new InvalidDataException($"The default policy has a line that says nothing: {line}");
            }
        }

        return objects;
    }

    private static PolicyRule RuleOf(string[] words) => words switch
    {
        ["events"] => new PolicyRule { Verbs = ["create", "patch", "update"], ApiGroups = ["", "events.k8s.io"], Resources = ["events"] },
        [var verbs, "path", var paths] => new PolicyRule { Verbs = VerbsOf(verbs), NonResourceUrls = [.. paths.Split(',')] },
        [var verbs, var groups, var resources, .. var names] => new PolicyRule
        {
            Verbs = VerbsOf(verbs),
            ApiGroups = [.. groups.Split(',').Select(group => group == "core" ? "" : group)],
            Resources = [.. resources.Split(',')],
            ResourceNames = names is [var list] ? [.. list.Split(',')] : [],
        },
        _ => throw new InvalidDataException($"The default policy has a rule that says nothing: {string.Join(' ', words)}"),
    };

    private static ImmutableArray<string> VerbsOf(string verbs) => verbs switch
    {
        "read" => ["get", "list", "watch"],
        "change" => ["create", "delete", "deletecollection", "patch", "update"],
        _ => [.. verbs.Split(',')],
    };

    private static (ObjectKey, JsonObject) ClusterRole(string name, string[] more, out JsonArray rules)
    {
        rules = [];
        var metadata = Metadata("", name);
        var role = new JsonObject { ["apiVersion"] = ApiVersion, ["kind"] = "ClusterRole", ["metadata"] = metadata };
        for (var word = 0; word + 1 < more.Length; word += 2)
        {
            var label = FeedPrefix + more[word + 1];
            if (more[word] == "feeds")
            {
                metadata["labels"]![label] = "true";
            }
            else
            {
                role["aggregationRule"] = new JsonObject { ["clusterRoleSelectors"] = new JsonArray(new JsonObject { ["matchLabels"] = new JsonObject { [label] = "true" } }) };
            }
        }

        role["rules"] = rules;
        return (new ObjectKey(ResourceTypes.ClusterRoles, "", name), role);
    }

    private static (ObjectKey, JsonObject) Role(string @namespace, string name, out JsonArray rules)
    {
        rules = [];
        var role = new JsonObject { ["apiVersion"] = ApiVersion, ["kind"] = "Role", ["metadata"] = Metadata(@namespace, name), ["rules"] = rules };
        return (new ObjectKey(ResourceTypes.Roles, @namespace, name), role);
    }

    private static (ObjectKey, JsonObject) Binding(string @namespace, string name, string kind, string role, string[] subjects)
    {
        var binding = new JsonObject
        {
            ["apiVersion"] = ApiVersion,
            ["kind"] = @namespace.Length == 0 ? "ClusterRoleBinding" : "RoleBinding",
            ["metadata"] = Metadata(@namespace, name),
            ["roleRef"] = new JsonObject { ["apiGroup"] = AccessGroups.Rbac, ["kind"] = kind, ["name"] = role },
        };
        if (subjects.Length > 0)
        {
            binding["subjects"] = new JsonArray([.. subjects.Select(Subject)]);
        }

        return (new ObjectKey(@namespace.Length == 0 ? ResourceTypes.ClusterRoleBindings : ResourceTypes.RoleBindings, @namespace, name), binding);
    }

    private static JsonObject Subject(string subject)
    {
        var (kind, name) = (subject[..subject.IndexOf(':')], subject[(subject.IndexOf(':') + 1)..]);
        return kind == "ServiceAccount"
            ? new JsonObject { ["kind"] = kind, ["name"] = name.Split('/')[1], ["namespace"] = name.Split('/')[0] }
            : new JsonObject { ["apiGroup"] = AccessGroups.Rbac, ["kind"] = kind, ["name"] = name };
    }

    private static JsonObject Metadata(string @namespace, string name)
    {
        var metadata = new JsonObject
        {
            ["name"] = name,
            ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" },
            ["annotations"] = new JsonObject { [AutoUpdate] = "true" },
        };
        if (@namespace.Length > 0)
        {
            metadata["namespace"] = @namespace;
        }

        return metadata;
    }
}
