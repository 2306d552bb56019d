using System.Collections.Frozen;
using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Audit;
using ActorOrchestrator.Host.Api.Authentication;
using ActorOrchestrator.Host.Api.Authentication.Tokens;
using ActorOrchestrator.Host.Api.Authorization;
using ActorOrchestrator.Host.Api.Documents;
using ActorOrchestrator.Host.Api.Metrics;
using ActorOrchestrator.Host.Api.Reviews;
using ActorOrchestrator.Host.Api.Subresources;
using ActorOrchestrator.Host.Api.Virtual;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ActorOrchestrator.Host.Api.Access;

/// <summary>How authentication and authorization are composed. A host registers its <see cref="ServiceAccountKeys"/> and <see cref="AccessSettings"/> before.</summary>
internal static class AccessServices
{
    public static void AddAccess(this IServiceCollection services)
    {
        services.TryAddSingleton(new AccessSettings());
        services.TryAddSingleton(ClientAuthorities.None);
        services.TryAddSingleton(_ => ServiceAccountKeys.Create());
        services.TryAddSingleton<TokenSigner>();
        services.TryAddSingleton(provider => provider.GetRequiredService<AccessSettings>().Tokens);
        services.TryAddSingleton<TokenIssuer>();
        services.TryAddSingleton<RbacPolicySource>();

        services.AddSingleton<ITokenAuthenticator>(provider => new StaticTokenAuthenticator(
            provider.GetRequiredService<AccessSettings>().TokenFile is { Length: > 0 } file ? StaticTokenAuthenticator.Load(file) : FrozenDictionary<string, UserInfo>.Empty,
            provider.GetRequiredService<AccessSettings>().Tokens));
        services.AddSingleton<ITokenAuthenticator, ServiceAccountTokenAuthenticator>();
        services.AddSingleton<ITokenAuthenticator, BootstrapTokenAuthenticator>();
        services.AddSingleton<TokenAuthentication>();
        services.AddSingleton<IRequestAuthenticator, CertificateAuthenticator>();
        services.AddSingleton<IRequestAuthenticator, BearerAuthenticator>();
        services.AddSingleton<RequestAuthentication>();

        services.AddSingleton<IRequestAuthorizer, MastersAuthorizer>();
        services.AddSingleton<IRequestAuthorizer, PublicPathsAuthorizer>();
        services.AddSingleton<IRequestAuthorizer, NodeAuthorizer>();
        services.AddSingleton<IRequestAuthorizer, RbacAuthorizer>();
        services.AddSingleton<RequestAuthorization>();
        services.AddSingleton<Impersonation>();

        services.AddSingleton<AccessReviews>();
        services.AddSingleton<IdentityReviews>();
        if (services.FirstOrDefault(service => service.ServiceType == typeof(AuditSettings))?.ImplementationInstance is AuditSettings { IsOn: true } audit)
        {
            services.AddSingleton(RequestAudit.LoadPolicy(audit.PolicyFile));
            services.AddSingleton<AuditLog>();
            services.AddSingleton<IMetricsSource>(provider => provider.GetRequiredService<AuditLog>());
            services.AddSingleton<RequestAudit>();
        }

        foreach (var type in ReviewEndpoint.Types)
        {
            services.AddSingleton<IVirtualResource>(provider => ActivatorUtilities.CreateInstance<ReviewEndpoint>(provider, type));
        }

        services.AddSingleton<TokenEndpoint>();
        services.AddSingleton<IApiDocuments, IssuerDocuments>();
    }
}
