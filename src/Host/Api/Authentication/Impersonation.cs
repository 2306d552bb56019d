using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Authorization;
using ActorOrchestrator.Host.Api.Errors;

namespace ActorOrchestrator.Host.Api.Authentication;

/// <summary>
/// Acting as somebody else: <c>Impersonate-User</c>, <c>-Group</c>, <c>-Uid</c> and <c>-Extra-KEY</c>, each of which needs the verb
/// <c>impersonate</c> on what it names.
/// </summary>
internal sealed class Impersonation(RequestAuthorization authorization)
{
    private const string Verb = "impersonate";
    private const string UserHeader = "Impersonate-User";
    private const string GroupHeader = "Impersonate-Group";
    private const string UidHeader = "Impersonate-Uid";
    private const string ExtraPrefix = "Impersonate-Extra-";
    private const string Anonymous = "system:anonymous";

    private static readonly ResourceType Users = new("", "users");
    private static readonly ResourceType Groups = new("", "groups");
    private static readonly ResourceType Uids = new(AccessGroups.Authentication, "uids");
    private static readonly ResourceType Extras = new(AccessGroups.Authentication, "userextras");

    public static bool IsAsked(IHeaderDictionary headers)
    {
        foreach (var header in headers)
        {
            if (header.Key.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <exception cref="ApiException">403: the user may not; 400: nobody is named to be.</exception>
    public UserInfo Impersonate(UserInfo user, IHeaderDictionary headers)
    {
        var name = headers[UserHeader].ToString();
        var groups = headers[GroupHeader].OfType<string>().ToImmutableArray();
        var uid = headers[UidHeader].ToString();
        var extra = ExtrasOf(headers);
        if (name.Length == 0)
        {
            throw ApiException.BadRequest("requested impersonation of groups, uid or extra without impersonating a user");
        }

        var account = ServiceAccountUser.Parse(name);
        Demand(user, account is { } asked
            ? RequestAttributes.Of(Verb, ResourceTypes.ServiceAccounts, asked.Namespace, asked.Name)
            : RequestAttributes.Of(Verb, Users, name: name));
        foreach (var group in groups)
        {
            Demand(user, RequestAttributes.Of(Verb, Groups, name: group));
        }

        if (uid.Length > 0)
        {
            Demand(user, RequestAttributes.Of(Verb, Uids, name: uid, version: "v1"));
        }

        foreach (var (key, values) in extra)
        {
            foreach (var value in values)
            {
                Demand(user, RequestAttributes.Of(Verb, Extras, name: value, subresource: key, version: "v1"));
            }
        }

        return new UserInfo(name, GroupsOf(name, account, groups)) { Uid = uid, Extra = extra };
    }

    /// <summary>A ServiceAccount is in its own groups when none are named; whoever is not anonymous is authenticated.</summary>
    private static ImmutableArray<string> GroupsOf(string name, (string Namespace, string Name)? account, ImmutableArray<string> asked)
    {
        var groups = asked.IsEmpty && account is { } of ? ServiceAccountUser.GroupsOf(of.Namespace) : asked;
        if (name == Anonymous)
        {
            return groups.Contains(UserInfo.Unauthenticated) ? groups : groups.Add(UserInfo.Unauthenticated);
        }

        return groups.Contains(UserInfo.Authenticated) || groups.Contains(UserInfo.Unauthenticated) ? groups : groups.Add(UserInfo.Authenticated);
    }

    private static ImmutableDictionary<string, ImmutableArray<string>> ExtrasOf(IHeaderDictionary headers)
    {
        var extra = ImmutableDictionary.CreateBuilder<string, ImmutableArray<string>>(StringComparer.Ordinal);
        foreach (var (key, values) in headers)
        {
            if (key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase))
            {
                extra[Uri.UnescapeDataString(key[ExtraPrefix.Length..]).ToLowerInvariant()] = [.. values.OfType<string>()];
            }
        }

        return extra.ToImmutable();
    }

    private void Demand(UserInfo user, in RequestAttributes attributes)
    {
        var decision = authorization.Decide(user, attributes);
        if (!decision.IsAllowed)
        {
            throw new ApiException(ForbiddenStatus.For(user, attributes, decision.Reason));
        }
    }
}
