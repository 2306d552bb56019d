using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access.Certificates;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Resources;

namespace ActorOrchestrator.Actors.Controllers.Certificates;

/// <summary>Signs what has been approved, or says why it is not signed.</summary>
public sealed class CertificateSigningReconciler(ICertificateSigner signer)
{
    public ControllerDefinition Definition => CertificateRequests.Controller("certificate-controller", Reconcile);

    private Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } stored || stored.Metadata.DeletionTimestamp is not null || !IsDue(stored.ToJson()))
        {
            return Plan.Nothing;
        }

        return Plan.Do(ChangeObject.AsItIs(stored, "sign certificate", obj => IsDue(obj) ? Signed(obj, now) : null, "status"));
    }

    private static bool IsDue(JsonObject obj)
    {
        var status = obj.Object("status");
        return CertificateSigners.IsOurs(JsonNodes.Text(obj.Object("spec"), "signerName"))
            && JsonNodes.Text(status, "certificate").Length == 0
            && CertificateConditions.Has(obj, "Approved") && !CertificateConditions.Has(obj, "Denied") && !CertificateConditions.Has(obj, "Failed");
    }

    private JsonObject Signed(JsonObject obj, DateTimeOffset now)
    {
        var spec = obj.Object("spec");
        var usages = JsonNodes.Strings(spec, "usages");
        var request = CertificateRequestText.Read(obj);
        var refusal = request is null ? "unable to parse csr" : CertificateSigners.Refuse(JsonNodes.Text(spec, "signerName"), request, usages);
        if (refusal is null)
        {
            var life = JsonNodes.Number(spec, "expirationSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
            try
            {
                obj.Ensure("status")["certificate"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(signer.Sign(request!, usages, life)));
            }
            catch (CryptographicException unusable)
            {
                refusal = unusable.Message;
            }
        }

        if (refusal is not null)
        {
            CertificateConditions.Add(obj, "Failed", "SignerValidationFailure", refusal, now);
        }

        return obj;
    }
}
