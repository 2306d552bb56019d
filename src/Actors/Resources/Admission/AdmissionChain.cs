using System.Collections.Immutable;
using ActorOrchestrator.Actors.Access.Certificates;
using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Admission.Classes;
using ActorOrchestrator.Actors.Resources.Admission.LimitRanges;
using ActorOrchestrator.Actors.Resources.Admission.Nodes;
using ActorOrchestrator.Actors.Resources.Admission.PodSecurity;
using ActorOrchestrator.Actors.Resources.Admission.Policies;
using ActorOrchestrator.Actors.Resources.Admission.Webhooks;
using ActorOrchestrator.Actors.Resources.Expressions.Authorization;
using ActorOrchestrator.Actors.Resources.Webhooks;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission;

/// <summary>The plugins in upstream's default order. All of them may change an object before any of them judges it.</summary>
public sealed class AdmissionChain(ImmutableArray<IAdmissionPlugin> plugins)
{
    private readonly ImmutableArray<IAdmissionPlugin> _forConnections = [.. plugins.Where(plugin => plugin.JudgesConnections)];

    /// <summary>That waits for nothing, for where nobody makes what could be waited for.</summary>
    public static AdmissionChain BuiltIn(ICatalogSource catalog) => For(catalog, null, TimeProvider.System);

    /// <summary>All that this program has. Keep one for as long as the catalog is served: it holds compiled configurations and connections to webhooks.</summary>
    /// <param name="catalog">The kinds, for webhooks and policies that name a request by another version than its own.</param>
    /// <param name="reader">The newest state, for plugins that wait for what is about to come.</param>
    /// <param name="time">For their patience.</param>
    public static AdmissionChain For(ICatalogSource catalog, IClusterReader? reader, TimeProvider time)
    {
        var policies = new RbacPolicySource();
        var callers = new WebhookCaller();
        Func<ClusterSnapshot, IExpressionAuthorizer> authorizers = cluster => new RbacExpressionAuthorizer(policies, cluster);
        return new AdmissionChain(
        [
            new NamespaceLifecycle(),
            new LimitRanger(),
            new ServiceAccountAdmission(reader, time),
            new NodeRestriction(),
            new TaintNodesByCondition(),
            new PodSecurityAdmission(),
            new PodPriority(),
            new DefaultTolerationSeconds(),
            new DefaultStorageClass(),
            new PersistentVolumeClaimResize(),
            new RuntimeClassAdmission(),
            new CertificateRequestAdmission(policies, time),
            new DefaultIngressClass(),
            new RbacEscalation(policies),
            new MutatingAdmissionPolicyPlugin(catalog, authorizers),
            new MutatingAdmissionWebhook(catalog, callers, authorizers),
            new ValidatingAdmissionPolicyPlugin(catalog, authorizers),
            new ValidatingAdmissionWebhook(catalog, callers, authorizers),
        ]);
    }

    /// <summary>Before the kind's own rules and validation.</summary>
    public async ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        if (await MutateOnceAsync(request, cancellation).ConfigureAwait(false) is { } refusal)
        {
            return refusal;
        }

        if (!request.WantsSecondRound)
        {
            return null;
        }

        request.Reinvocation.BeginSecondRound();
        return await MutateOnceAsync(request, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<ApiStatus?> MutateOnceAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        foreach (var plugin in Asked(request))
        {
            if (await plugin.MutateAsync(request, cancellation).ConfigureAwait(false) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>After validation, on the object as it will be stored.</summary>
    public async ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        foreach (var plugin in Asked(request))
        {
            if (await plugin.ValidateAsync(request, cancellation).ConfigureAwait(false) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>Both, for what has no object of its own to validate: deletions and connections.</summary>
    public async ValueTask<ApiStatus?> ReviewAsync(AdmissionRequest request, CancellationToken cancellation) =>
        await MutateAsync(request, cancellation).ConfigureAwait(false) ?? await ValidateAsync(request, cancellation).ConfigureAwait(false);

    private ImmutableArray<IAdmissionPlugin> Asked(AdmissionRequest request) => request.Operation == AdmissionOperation.Connect ? _forConnections : plugins;
}
