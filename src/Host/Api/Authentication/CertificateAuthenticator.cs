using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authentication;

/// <summary>
/// The client certificate of the connection: its common name is the user, its organizations are the groups. One that does not hold ends no handshake, so that
/// its owner is told by a 401, and may show a token instead. A connection may outlive its certificate: then that certificate holds no longer.
/// </summary>
public sealed class CertificateAuthenticator(ClientAuthorities authorities, TimeProvider time) : IRequestAuthenticator
{
    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";

    // One certificate object serves a whole connection; the table forgets it when the connection does.
    private readonly ConditionalWeakTable<X509Certificate2, Verdict> _known = [];

    public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context) => new(Authenticate(context));

    private AuthenticationResult Authenticate(HttpContext context)
    {
        if (context.Connection.ClientCertificate is not { } certificate)
        {
            return AuthenticationResult.None;
        }

        if (!_known.TryGetValue(certificate, out var verdict))
        {
            verdict = _known.GetValue(certificate, Judge);
        }

        return verdict.User is null || time.GetUtcNow() < verdict.Until ? verdict.Result : AuthenticationResult.Refused("the certificate has expired");
    }

    private Verdict Judge(X509Certificate2 certificate)
    {
        if (authorities.Objection(certificate, time.GetUtcNow()) is { } objection)
        {
            return new Verdict(null, AuthenticationResult.Refused(objection), default);
        }

        var user = Read(certificate);
        return user.Name.Length == 0
            ? new Verdict(null, AuthenticationResult.Refused("the certificate names no user"), default)
            : new Verdict(user, AuthenticationResult.As(user), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
    }

    private static UserInfo Read(X509Certificate2 certificate)
    {
        var name = "";
        var groups = ImmutableArray.CreateBuilder<string>();
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements)
            {
                continue;
            }

            switch (part.GetSingleElementType().Value)
            {
                case CommonName: name = part.GetSingleElementValue() ?? ""; break;
                case Organization: groups.Add(part.GetSingleElementValue() ?? ""); break;
            }
        }

        groups.Add(UserInfo.Authenticated);
        return new UserInfo(name, groups.ToImmutable());
    }

    private sealed record Verdict(UserInfo? User, AuthenticationResult Result, DateTimeOffset Until);
}
