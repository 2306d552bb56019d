using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for <c>windowsOptions</c>, which are checked whatever the nodes here run.</summary>
internal static partial class WindowsOptionsValidation
{
    private const int LongestCredentials = 64 * 1024;
    private const int LongestDomain = 255;
    private const int LongestUser = 104;

    public static void Options(JsonObject? options, FieldPath path, FieldErrors errors)
    {
        if (options is null)
        {
            return;
        }

        if (options.Has("gmsaCredentialSpecName"))
        {
            errors.Check(path.Field("gmsaCredentialSpecName"), options.Text("gmsaCredentialSpecName"), Names.Dns1123Subdomain(options.Text("gmsaCredentialSpecName")));
        }

        if (options.Has("gmsaCredentialSpec"))
        {
            var credentials = options.Text("gmsaCredentialSpec");
            if (credentials.Length == 0)
            {
                errors.Invalid(path.Field("gmsaCredentialSpec"), credentials, "gmsaCredentialSpec cannot be an empty string");
            }
            else if (credentials.Length > LongestCredentials)
            {
                errors.Invalid(path.Field("gmsaCredentialSpec"), credentials, "gmsaCredentialSpec size must be under 64 KiB");
            }
        }

        if (options.Has("runAsUserName"))
        {
            foreach (var problem in UserName(options.Text("runAsUserName")))
            {
                errors.Invalid(path.Field("runAsUserName"), options.Text("runAsUserName"), problem);
            }
        }
    }

    private static IEnumerable<string> UserName(string name)
    {
        var parts = name.Split('\\');
        if (name.Length == 0)
        {
            return ["runAsUserName cannot be an empty string"];
        }

        if (name.Any(char.IsControl))
        {
            return ["runAsUserName cannot contain control characters"];
        }

        return parts.Length > 2 ? ["runAsUserName cannot contain more than one backslash"] : Parts(parts.Length == 2 ? parts[0] : null, parts[^1]);
    }

    private static IEnumerable<string> Parts(string? domain, string user)
    {
        if (domain?.Length > LongestDomain)
        {
            yield return $"runAsUserName's Domain length must be under {LongestDomain + 1} characters";
        }

        if (domain is not null && !NetBios().IsMatch(domain) && !Domain().IsMatch(domain))
        {
            yield return "runAsUserName's Domain doesn't match the NetBios nor the DNS format";
        }

        if (user.Length == 0)
        {
            yield return "runAsUserName's User cannot be empty";
        }
        else if (user.Length > LongestUser)
        {
            yield return $"runAsUserName's User length must not be longer than {LongestUser} characters";
        }

        if (user.Length > 0 && user.All(letter => letter is '.' or ' '))
        {
            yield return "runAsUserName's User cannot contain only periods or spaces";
        }

        if (user.AsSpan().IndexOfAny("\"/\\:;|=,+*?<>@[]") >= 0)
        {
            yield return "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]";
        }
    }

    [GeneratedRegex(@"^[^\\/:\*\?""<>|\.][^\\/:\*\?""<>|]{0,14}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NetBios();

    [GeneratedRegex(@"^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Domain();
}
