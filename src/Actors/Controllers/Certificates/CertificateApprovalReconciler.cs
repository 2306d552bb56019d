using ActorOrchestrator.Actors.Access.Certificates;
using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.Certificates;

/// <summary>Approves the requests by which nodes get and renew their client certificates, of whoever roles allow to ask for them (upstream's <c>csrapproving</c>).</summary>
public sealed class CertificateApprovalReconciler(RbacPolicySource policies)
{
    public ControllerDefinition Definition => CertificateRequests.Controller("certificate-approval-controller", Reconcile);

    private Plan Reconcile(Observed observed, DateTimeOffset now)
    {
        if (observed.Object is not { } stored)
        {
            return Plan.Nothing;
        }

        var obj = stored.ToJson();
        var spec = obj.Object("spec");
        var isDecided = JsonNodes.Text(obj.Object("status"), "certificate").Length > 0 || CertificateConditions.Has(obj, "Approved") || CertificateConditions.Has(obj, "Denied");
        if (isDecided || JsonNodes.Text(spec, "signerName") != CertificateSigners.NodeClient
            || CertificateRequestText.Read(obj) is not { } request || !CertificateSigners.IsNodeClient(request, JsonNodes.Strings(spec, "usages")))
        {
            return Plan.Nothing;
        }

        var user = new UserInfo(JsonNodes.Text(spec, "username"), [.. JsonNodes.Strings(spec, "groups")]);
        var isOwn = user.Name == request.CommonName;
        var message = isOwn && May(observed.Snapshot, user, "selfnodeclient") ? "Auto approving self kubelet client certificate after SubjectAccessReview."
            : May(observed.Snapshot, user, "nodeclient") ? "Auto approving kubelet client certificate after SubjectAccessReview."
            : null;
        return message is null ? Plan.Nothing : Plan.Do(ChangeObject.AsItIs(
            stored,
            "approve certificate",
            current =>
            {
                if (CertificateConditions.Has(current, "Approved") || CertificateConditions.Has(current, "Denied"))
                {
                    return null;
                }

                CertificateConditions.Add(current, "Approved", "AutoApproved", message, now);
                return current;
            },
            "approval"));
    }

    private bool May(ClusterSnapshot cluster, UserInfo user, string permission) =>
        user.IsMaster || policies.Of(cluster).Decide(user, RequestAttributes.Of("create", ResourceTypes.CertificateSigningRequests, subresource: permission)).IsAllowed;
}
