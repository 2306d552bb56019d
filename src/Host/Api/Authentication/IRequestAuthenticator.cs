using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authentication;

/// <summary>Tells who makes a request. Several stand in a row; the first that knows decides.</summary>
public interface IRequestAuthenticator
{
    ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context);
}

/// <param name="User">Null when the request carries no credentials of this kind, or such that do not hold.</param>
/// <param name="Refusal">Why credentials do not hold; empty when there are none. They are a 401 also where nobody has to say who they are.</param>
public readonly record struct AuthenticationResult(UserInfo? User, string Refusal)
{
    public static readonly AuthenticationResult None = new(null, "");

    public bool IsRefused => User is null && Refusal.Length > 0;

    public static AuthenticationResult As(UserInfo user) => new(user, "");

    public static AuthenticationResult Refused(string why) => new(null, why);
}
