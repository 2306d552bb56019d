using System.Collections.Frozen;
using System.Collections.Immutable;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Composition;

namespace ActorOrchestrator.Host.Api.Authentication.Tokens;

/// <summary>Tokens in a file of the administrator's, one a line: <c>token,user,uid,"group1,group2"</c>; the groups may be left out. Read at the start.</summary>
public sealed class StaticTokenAuthenticator(FrozenDictionary<string, UserInfo> users, TokenSettings settings) : ITokenAuthenticator
{
    public ValueTask<TokenAnswer> AuthenticateAsync(string token, ImmutableArray<string> audiences) =>
        new(users.TryGetValue(token, out var user) && audiences.Contains(settings.Audience) ? new TokenAnswer(user, [settings.Audience], "") : TokenAnswer.Unknown);

    /// <exception cref="HostException">The file cannot be read, or a line of it is not what it should be.</exception>
    public static FrozenDictionary<string, UserInfo> Load(string file)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"the token file {file} (orchestrator.access.token-file) cannot be read: {failed.Message}", failed);
        }

        var users = new Dictionary<string, UserInfo>(StringComparer.Ordinal);
        for (var line = 0; line < lines.Length; line++)
        {
            if (lines[line].Trim() is { Length: > 0 } text && text[0] != '#')
            {
                users[Fields(text) is [{ Length: > 0 } token, { Length: > 0 }, _, ..] ? token : throw Malformed(file, line)] = Read(Fields(text));
            }
        }

        return users.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static UserInfo Read(List<string> fields)
    {
        var groups = fields.Count > 3 ? fields[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
        return new UserInfo(fields[1], [.. groups, UserInfo.Authenticated]) { Uid = fields[2] };
    }

    private static HostException Malformed(string file, int line) =>
        new($"line {line + 1} of the token file {file} (orchestrator.access.token-file) is not token,user,uid or token,user,uid,\"group1,group2\".");

    /// <summary>Comma-separated, with fields in double quotes that may hold commas.</summary>
    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var field = new System.Text.StringBuilder();
        var quoted = false;
        foreach (var c in line)
        {
            switch (c)
            {
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    fields.Add(field.ToString().Trim());
                    field.Clear();
                    break;
                default:
                    field.Append(c);
                    break;
            }
        }

        fields.Add(field.ToString().Trim());
        return fields;
    }
}
