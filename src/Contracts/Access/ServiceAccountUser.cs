using System.Collections.Immutable;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Access;

/// <summary>How a ServiceAccount is called as a user, and the groups it is in.</summary>
public static class ServiceAccountUser
{
    public const string AllAccounts = "system:serviceaccounts";
    private const string Prefix = "system:serviceaccount:";

    public static string NameOf(string @namespace, string name) => $"{Prefix}{@namespace}:{name}";

    public static ImmutableArray<string> GroupsOf(string @namespace) => [AllAccounts, $"{AllAccounts}:{@namespace}"];

    /// <summary>Null when the user is no ServiceAccount.</summary>
    public static (string Namespace, string Name)? Parse(string user)
    {
        if (!user.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var parts = user[Prefix.Length..].Split(':');
        return parts is [{ Length: > 0 } @namespace, { Length: > 0 } name] ? (@namespace, name) : null;
    }

    /// <summary>As a token proves it.</summary>
    public static UserInfo Of(string @namespace, string name, string uid) =>
        new(NameOf(@namespace, name), [.. GroupsOf(@namespace), UserInfo.Authenticated]) { Uid = uid };
}
