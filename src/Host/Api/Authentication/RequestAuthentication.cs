namespace ActorOrchestrator.Host.Api.Authentication;

/// <summary>All authenticators as one: the first that knows the user decides; bad credentials count only when no other ones hold.</summary>
public sealed class RequestAuthentication(IEnumerable<IRequestAuthenticator> authenticators)
{
    private readonly IRequestAuthenticator[] _authenticators = [.. authenticators];

    public AuthenticationResult Authenticate(HttpContext context)
    {
        var answer = AuthenticationResult.None;
        foreach (var authenticator in _authenticators)
        {
            var result = authenticator.Authenticate(context);
            if (result.User is not null)
            {
                return result;
            }

            if (result.IsRefused && !answer.IsRefused)
            {
                answer = result;
            }
        }

        return answer;
    }
}
