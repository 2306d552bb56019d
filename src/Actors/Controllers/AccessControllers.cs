using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Access.Tokens;
using ActorOrchestrator.Actors.Controllers.BootstrapTokens;
using ActorOrchestrator.Actors.Controllers.Certificates;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.Rbac;
using ActorOrchestrator.Actors.Controllers.ServiceAccountTokens;

namespace ActorOrchestrator.Actors.Controllers;

/// <summary>The controllers of roles, tokens and certificates.</summary>
public static class AccessControllers
{
    /// <param name="signer">The authority where its key is at hand; without it nothing is signed.</param>
    /// <param name="tokens">The key of ServiceAccount tokens, likewise.</param>
    /// <param name="certificateAuthority">Its certificate in PEM.</param>
    public static IEnumerable<ControllerDefinition> Definitions(ICertificateSigner? signer, ILegacyTokenSigner? tokens, string? certificateAuthority)
    {
        yield return DefaultPolicyReconciler.Definition;
        yield return ClusterRoleAggregationReconciler.Definition;
        yield return BootstrapTokenReconciler.Definition;
        yield return BootstrapSignerReconciler.Definition;
        yield return new CertificateApprovalReconciler(new RbacPolicySource()).Definition;
        if (signer is not null)
        {
            yield return new CertificateSigningReconciler(signer).Definition;
        }

        if (tokens is not null)
        {
            yield return new TokenSecretReconciler(tokens, certificateAuthority).Definition;
        }
    }
}
