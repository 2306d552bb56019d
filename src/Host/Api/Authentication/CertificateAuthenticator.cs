using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Authentication;

/// <summary>
/// The client certificate of the connection: its common name is the user, its organizations are the groups. That it is ours and
/// valid was checked by the TLS handshake.
/// </summary>
public sealed class CertificateAuthenticator : IRequestAuthenticator
{
    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";

    // One certificate object serves a whole connection; the table forgets it when the connection does.
    private readonly ConditionalWeakTable<X509Certificate2, UserInfo> _known = [];

    public ValueTask<AuthenticationResult> AuthenticateAsync(HttpContext context) => new(Authenticate(context));

    private AuthenticationResult Authenticate(HttpContext context)
    {
        if (context.Connection.ClientCertificate is not { } certificate)
        {
            return AuthenticationResult.None;
        }

        var user = _known.GetValue(certificate, Read);
        return user.Name.Length == 0 ? AuthenticationResult.Refused("the certificate names no user") : AuthenticationResult.As(user);
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
}
