using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Authentication.Tokens;

namespace ActorOrchestrator.Host.Api.Reviews;

/// <summary>Whose a token is, and who I am.</summary>
internal sealed class IdentityReviews(TokenAuthentication tokens, TokenSettings settings, TimeProvider time)
{
    public async ValueTask<ApiStatus?> ReviewTokenAsync(JsonObject review)
    {
        var spec = review.Object("spec");
        var token = JsonNodes.Text(spec, "token");
        if (token.Length == 0)
        {
            return ApiStatus.BadRequest("token is required for TokenReview in authentication");
        }

        var asked = JsonNodes.Strings(spec, "audiences");
        var answer = await tokens.AuthenticateAsync(token, asked.Count == 0 ? [settings.Audience] : [.. asked]).ConfigureAwait(false);
        review["status"] = answer.User is { } user
            ? new JsonObject { ["authenticated"] = true, ["user"] = Render(user), ["audiences"] = Render(answer.Audiences) }
            : new JsonObject { ["user"] = new JsonObject(), ["error"] = answer.Refusal };
        review.Ensure("metadata");
        return null;
    }

    public ApiStatus? ReviewSelf(JsonObject review, UserInfo user)
    {
        review["metadata"] = new JsonObject { ["creationTimestamp"] = JsonNodes.Time(time.GetUtcNow()) };
        review["status"] = new JsonObject { ["userInfo"] = Render(user) };
        return null;
    }

    internal static JsonObject Render(UserInfo user)
    {
        var info = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0)
        {
            info["uid"] = user.Uid;
        }

        if (!user.Groups.IsEmpty)
        {
            info["groups"] = Render(user.Groups);
        }

        if (!user.Extra.IsEmpty)
        {
            info["extra"] = new JsonObject(user.Extra.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, Render(pair.Value))));
        }

        return info;
    }

    private static JsonArray Render(ImmutableArray<string> values) => [.. values.Select(value => (JsonNode)value)];
}
