using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Limits;

/// <summary>
/// Which requests belong together and at which priority level (<c>flowcontrol.apiserver.k8s.io/v1 FlowSchema</c>), read once for each revision of the objects.
/// </summary>
internal sealed class FlowSchema
{
    private const string All = "*";
    private readonly ImmutableArray<Rule> _rules;

    public FlowSchema(string name, string uid, string level, long precedence, string distinguisher, JsonArray rules)
    {
        (Name, Uid, Level, Precedence, Distinguisher) = (name, uid, level, precedence, distinguisher);
        _rules = [.. rules.OfType<JsonObject>().Select(rule => new Rule(rule))];
    }

    public string Name { get; }

    /// <summary>Empty for one that is only imagined, because nobody has made it yet.</summary>
    public string Uid { get; }

    /// <summary>The name of its priority level.</summary>
    public string Level { get; }

    /// <summary>The lowest that matches counts.</summary>
    public long Precedence { get; }

    /// <summary>How its requests are told apart for fairness: <c>ByUser</c>, <c>ByNamespace</c>, or empty for one flow.</summary>
    public string Distinguisher { get; }

    public static FlowSchema Read(StoredObject stored)
    {
        var spec = stored.ToJson().Object("spec") ?? [];
        return new FlowSchema(
            stored.Key.Name, stored.Uid, JsonNodes.Text(spec.Object("priorityLevelConfiguration"), "name"), JsonNodes.Number(spec, "matchingPrecedence") ?? 1000,
            JsonNodes.Text(spec.Object("distinguisherMethod"), "type"), spec.Array("rules") ?? []);
    }

    public bool Matches(UserInfo user, in RequestAttributes request)
    {
        foreach (var rule in _rules)
        {
            if (rule.Matches(user, request))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Which of its flows a request belongs to.</summary>
    public string FlowOf(UserInfo user, in RequestAttributes request) => Distinguisher switch
    {
        "ByUser" => user.Name,
        "ByNamespace" => request.Namespace,
        _ => "",
    };

    private static bool Has(ImmutableArray<string> list, string value)
    {
        if (list is [All])
        {
            return true;
        }

        foreach (var item in list)
        {
            if (item == value)
            {
                return true;
            }
        }

        return false;
    }

    private static ImmutableArray<string> Texts(JsonObject holder, string name) => [.. (holder.Array(name) ?? []).Select(item => item?.ToString() ?? "")];

    private sealed class Rule(JsonObject rule)
    {
        private readonly ImmutableArray<Subject> _subjects = [.. (rule.Array("subjects") ?? []).OfType<JsonObject>().Select(Subject.Read)];
        private readonly ImmutableArray<Resources> _resources = [.. (rule.Array("resourceRules") ?? []).OfType<JsonObject>().Select(Resources.Read)];
        private readonly ImmutableArray<Urls> _urls = [.. (rule.Array("nonResourceRules") ?? []).OfType<JsonObject>().Select(Urls.Read)];

        public bool Matches(UserInfo user, in RequestAttributes request)
        {
            foreach (var subject in _subjects)
            {
                if (subject.Is(user))
                {
                    return request.IsResource ? MatchesResource(request) : MatchesUrl(request);
                }
            }

            return false;
        }

        private bool MatchesResource(in RequestAttributes request)
        {
            foreach (var resources in _resources)
            {
                if (resources.Match(request))
                {
                    return true;
                }
            }

            return false;
        }

        private bool MatchesUrl(in RequestAttributes request)
        {
            foreach (var urls in _urls)
            {
                if (urls.Match(request))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private sealed record Subject(string Kind, string Namespace, string Name)
    {
        private const string AccountPrefix = "system:serviceaccount:";

        public static Subject Read(JsonObject subject) => JsonNodes.Text(subject, "kind") switch
        {
            "User" => new("User", "", JsonNodes.Text(subject.Object("user"), "name")),
            "Group" => new("Group", "", JsonNodes.Text(subject.Object("group"), "name")),
            var kind => new(kind, JsonNodes.Text(subject.Object("serviceAccount"), "namespace"), JsonNodes.Text(subject.Object("serviceAccount"), "name")),
        };

        public bool Is(UserInfo user) => Kind switch
        {
            "User" => Name == All || Name == user.Name,
            "Group" => Name == All || user.Groups.Contains(Name),
            "ServiceAccount" => IsAccount(user.Name),
            _ => false,
        };

        private bool IsAccount(ReadOnlySpan<char> user)
        {
            if (!user.StartsWith(AccountPrefix, StringComparison.Ordinal))
            {
                return false;
            }

            user = user[AccountPrefix.Length..];
            return user.StartsWith(Namespace, StringComparison.Ordinal) && user[Namespace.Length..] is [':', .. var name] && (Name == All || name.SequenceEqual(Name));
        }
    }

    private sealed record Resources(ImmutableArray<string> Verbs, ImmutableArray<string> Groups, ImmutableArray<string> Names, ImmutableArray<string> Namespaces, bool ClusterScope)
    {
        public static Resources Read(JsonObject rule) =>
            new(Texts(rule, "verbs"), Texts(rule, "apiGroups"), Texts(rule, "resources"), Texts(rule, "namespaces"), JsonNodes.Flag(rule, "clusterScope"));

        public bool Match(in RequestAttributes request) =>
            Has(Verbs, request.Verb) && HasResource(request) && Has(Groups, request.Type.Group)
            && (request.Namespace.Length == 0 ? ClusterScope : Has(Namespaces, request.Namespace));

        private bool HasResource(in RequestAttributes request) =>
            Names is [All] || Has(Names, request.Subresource.Length == 0 ? request.Type.Plural : $"{request.Type.Plural}/{request.Subresource}");
    }

    private sealed record Urls(ImmutableArray<string> Verbs, ImmutableArray<string> Paths)
    {
        public static Urls Read(JsonObject rule) => new(Texts(rule, "verbs"), Texts(rule, "nonResourceURLs"));

        public bool Match(in RequestAttributes request)
        {
            if (!Has(Verbs, request.Verb))
            {
                return false;
            }

            foreach (var path in Paths)
            {
                // "/apis/*" stands for what is below it, and so does "/apis" and "/apis/".
                var below = path.TrimEnd('*').TrimEnd('/');
                if (path == All || path == request.Url || (request.Url.StartsWith(below, StringComparison.Ordinal) && request.Url.Length > below.Length && request.Url[below.Length] == '/'))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
