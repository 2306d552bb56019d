using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Admission.Matching;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission.Policies;

/// <summary>The parameters of a policy for one request: an object by name, several by selector, or none.</summary>
internal static class PolicyParams
{
    /// <returns>At least one, which may be null, or nothing when the binding allows that none is found; or an error.</returns>
    public static (IReadOnlyList<JsonObject?> Params, string? Error) Collect(AdmissionPolicy policy, PolicyBinding binding, AdmissionSubject subject, ResourceCatalog catalog)
    {
        if (policy.ParamKind.Length == 0 || binding.ParamRef is not { } reference)
        {
            // A policy that takes parameters and a binding that gives none: the expressions see null.
            return ([null], null);
        }

        if (catalog.FindKind(policy.ParamApiVersion, policy.ParamKind) is not { } kind)
        {
            return ([], $"failed to find resource referenced by paramKind: '{policy.ParamApiVersion}, Kind={policy.ParamKind}'");
        }

        var given = reference.Text("namespace");
        if (!kind.Namespaced && given.Length > 0)
        {
            return ([], "paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
        }

        var @namespace = kind.Namespaced ? (given.Length > 0 ? given : subject.Request.Key.Namespace) : "";
        if (kind.Namespaced && @namespace.Length == 0)
        {
            return ([], "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
        }

        var found = Find(kind, @namespace, reference, subject);
        if (found.Count > 0)
        {
            return (found, null);
        }

        return reference.Text("parameterNotFoundAction") == "Allow" ? ([], null) : ([], "no params found for policy binding with `Deny` parameterNotFoundAction");
    }

    private static List<JsonObject?> Find(ResourceDescriptor kind, string @namespace, JsonObject reference, AdmissionSubject subject)
    {
        var snapshot = subject.Request.Snapshot;
        if (reference.Text("name") is { Length: > 0 } name)
        {
            return snapshot.Find(new ObjectKey(kind.Type, @namespace, name)) is { } stored ? [stored.ToJson()] : [];
        }

        var selector = LabelSelector.From(reference.Object("selector"));
        var all = @namespace.Length > 0 ? snapshot.InNamespace(kind.Type, @namespace) : snapshot.All(kind.Type);
        return [.. all.Where(stored => selector.Matches(stored.Metadata.Labels)).Select(JsonObject? (stored) => stored.ToJson())];
    }
}
