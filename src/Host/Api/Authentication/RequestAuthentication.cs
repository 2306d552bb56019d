namespace ActorOrchestrator.Host.Api.Authentication;

/// <summary>All authenticators as one: the first that knows the user decides; bad credentials count only when no other ones hold.</summary>
public sealed class RequestAuthentication(IEnumerable<IRequestAuthenticator> authenticators)
{
    private readonly IRequestAuthenticator[] _authenticators = [.. authenticators];

    public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context)
    {
        // As a rule the first one knows, and at once.
        var first = _authenticators.Length == 0 ? default : _authenticators[0].AuthenticateAsync(context);
        return first is { IsCompletedSuccessfully: true, Result: { User: not null } known } ? new(known) : AskAllAsync(context, first);
    }

    private async ValueTask<AuthenticationResult> AskAllAsync(HttpContext context, ValueTask<AuthenticationResult> first)
    {
        var answer = await first.ConfigureAwait(false);
        for (var next = 1; next < _authenticators.Length && answer.User is null; next++)
        {
            var result = await _authenticators[next].AuthenticateAsync(context).ConfigureAwait(false);
            answer = result.User is not null || !answer.IsRefused ? result : answer;
        }

        return answer;
    }
}
