using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Admission;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Access.Certificates;

/// <summary>
/// CertificateSigningRequests say truly who asks; approving and signing need permission for the signer that is meant; and nobody asks for
/// <c>system:masters</c> (upstream's strategy and its plugins CertificateApproval, CertificateSigning, CertificateSubjectRestriction).
/// </summary>
public sealed class CertificateRequestAdmission(RbacPolicySource policies, TimeProvider time) : IAdmissionPlugin
{
    private static readonly ResourceType Signers = new(AccessGroups.Certificates, "signers");

    public ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (request.Key.Type == ResourceTypes.CertificateSigningRequests)
        {
            if (request.Operation == AdmissionOperation.Create)
            {
                Sign(request.Object, request.Options.User);
            }
            else if (request.Operation == AdmissionOperation.Update && request.Options.Subresource is "approval" or "status")
            {
                Stamp(request.Object, request.Old!);
            }
        }

        return default;
    }

    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation) =>
        request.Key.Type == ResourceTypes.CertificateSigningRequests ? new(Admit(request)) : default;

    private ApiStatus? Admit(AdmissionRequest request)
    {
        var signer = JsonNodes.Text((request.Old ?? request.Object).Object("spec"), "signerName");
        switch (request.Operation, request.Options.Subresource)
        {
            case (AdmissionOperation.Create, _):
                return AdmitSubject(request, signer);
            case (AdmissionOperation.Update, "approval"):
                return May(request, "approve", signer) ? null : ApiStatus.Forbidden(request.Key, $"user not permitted to approve requests with signerName \"{signer}\"");
            case (AdmissionOperation.Update, "status"):
                var (now, before) = (request.Object.Object("status"), request.Old.Object("status"));
                var same = JsonNode.DeepEquals(now?["certificate"], before?["certificate"]) && JsonNode.DeepEquals(now?["conditions"], before?["conditions"]);
                return same || May(request, "sign", signer) ? null : ApiStatus.Forbidden(request.Key, $"user not permitted to sign requests with signerName \"{signer}\"");
            default:
                return null;
        }
    }

    private static ApiStatus? AdmitSubject(AdmissionRequest request, string signer)
    {
        if (signer != CertificateSigners.ApiClient || CertificateRequestText.Read(request.Object) is not { } asked)
        {
            return null;
        }

        return asked.Organizations.Contains(UserInfo.Masters)
            ? ApiStatus.Forbidden(request.Key, $"use of {signer} signer with {UserInfo.Masters} group is not allowed")
            : null;
    }

    private bool May(AdmissionRequest request, string verb, string signer)
    {
        var user = request.Options.User;
        if (user.IsMaster)
        {
            return true;
        }

        // Permission for a domain's every signer is written domain/*.
        var policy = policies.Of(request.Snapshot);
        var slash = signer.IndexOf('/', StringComparison.Ordinal);
        return policy.Decide(user, RequestAttributes.Of(verb, Signers, name: signer)).IsAllowed
            || (slash > 0 && policy.Decide(user, RequestAttributes.Of(verb, Signers, name: signer[..slash] + "/*")).IsAllowed);
    }

    private static void Sign(JsonObject obj, UserInfo user)
    {
        var spec = obj.Ensure("spec");
        spec["username"] = user.Name;
        spec["groups"] = new JsonArray([.. user.Groups.Select(group => (JsonNode)group)]);
        spec.Remove("uid");
        spec.Remove("extra");
        if (user.Uid.Length > 0)
        {
            spec["uid"] = user.Uid;
        }

        if (!user.Extra.IsEmpty)
        {
            spec["extra"] = new JsonObject(user.Extra.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, new JsonArray([.. pair.Value.Select(value => (JsonNode)value)]))));
        }

        obj.Remove("status");
    }

    /// <summary>A condition without times got them now; one that only says again what it said keeps when it began.</summary>
    private void Stamp(JsonObject obj, JsonObject old)
    {
        var now = JsonNodes.Time(time.GetUtcNow());
        foreach (var condition in (obj.Object("status").Array("conditions") ?? []).OfType<JsonObject>())
        {
            if (JsonNodes.Text(condition, "lastUpdateTime").Length == 0)
            {
                condition["lastUpdateTime"] = now;
            }

            if (JsonNodes.Text(condition, "lastTransitionTime").Length == 0)
            {
                var before = (old.Object("status").Array("conditions") ?? [])
                    .FirstOrDefault(known => JsonNodes.Text(known, "type") == JsonNodes.Text(condition, "type") && JsonNodes.Text(known, "status") == JsonNodes.Text(condition, "status"));
                condition["lastTransitionTime"] = JsonNodes.Text(before, "lastTransitionTime") is { Length: > 0 } since ? since : now;
            }
        }
    }
}
