using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authentication.Tokens;

/// <summary>Makes ServiceAccount tokens on a host that has the key.</summary>
public sealed class TokenIssuer(IClusterReader reader, TokenSigner signer, TokenSettings settings, TimeProvider time)
{
    public string Audience => settings.Audience;

    public TokenGrant Issue(ObjectKey account, TokenSpec spec, UserInfo user)
    {
        var decision = TokenRequests.Decide(account, spec, user, reader.Current, settings, Guid.NewGuid().ToString(), time.GetUtcNow());
        return decision.Refusal is { } refusal ? TokenGrant.Refused(refusal) : new TokenGrant(signer.Sign(decision.Claims!), decision.Expires, null);
    }
}

/// <summary>The tokens of a node's pods on a control host: the issuer is in this very process, and asks the same of this node as of any other.</summary>
public sealed class LocalServiceAccountTokens(TokenIssuer issuer, string nodeName) : IServiceAccountTokens
{
    private readonly UserInfo _node = new($"system:node:{nodeName}", [UserInfo.Nodes, UserInfo.Authenticated]);

    public Task<TokenGrant> RequestAsync(ObjectKey account, TokenSpec spec, CancellationToken cancellation = default) => Task.FromResult(issuer.Issue(account, spec, _node));
}
