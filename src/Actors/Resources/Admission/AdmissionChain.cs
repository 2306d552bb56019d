using System.Collections.Immutable;
using System.Diagnostics;
using ActorOrchestrator.Actors.Access.Certificates;
using ActorOrchestrator.Actors.Access.Rbac;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Admission.Classes;
using ActorOrchestrator.Actors.Resources.Admission.LimitRanges;
using ActorOrchestrator.Actors.Resources.Admission.Metrics;
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
public sealed class AdmissionChain
{
    private readonly ImmutableArray<Member> _mutating;
    private readonly ImmutableArray<Member> _validating;
    private readonly PluginTimes _mutation;
    private readonly PluginTimes _validation;

    public AdmissionChain(ImmutableArray<IAdmissionPlugin> plugins, AdmissionMetrics metrics)
    {
        Metrics = metrics;
        _mutating = [.. plugins.Where(plugin => Has(plugin, nameof(MutateAsync))).Select(plugin => new Member(plugin, new PluginTimes(metrics.Controllers, "admit", plugin.Name)))];
        _validating = [.. plugins.Where(plugin => Has(plugin, nameof(ValidateAsync))).Select(plugin => new Member(plugin, new PluginTimes(metrics.Controllers, "validate", plugin.Name)))];
        _mutation = new PluginTimes(metrics.Steps, "admit", null);
        _validation = new PluginTimes(metrics.Steps, "validate", null);
    }

    public AdmissionMetrics Metrics { get; }

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
        var metrics = new AdmissionMetrics();
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
            new StorageObjectInUseProtection(),
            new PersistentVolumeClaimResize(),
            new RuntimeClassAdmission(),
            new CertificateRequestAdmission(policies, time),
            new DefaultIngressClass(),
            new RbacEscalation(policies),
            new MutatingAdmissionPolicyPlugin(catalog, authorizers, metrics),
            new MutatingAdmissionWebhook(catalog, callers, authorizers, metrics),
            new ValidatingAdmissionPolicyPlugin(catalog, authorizers, metrics),
            new ValidatingAdmissionWebhook(catalog, callers, authorizers, metrics),
        ], metrics);
    }

    /// <summary>Before the kind's own rules and validation.</summary>
    public async ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        var refusal = await MutateOnceAsync(request, cancellation).ConfigureAwait(false);
        if (refusal is null && request.WantsSecondRound)
        {
            request.Reinvocation.BeginSecondRound();
            refusal = await MutateOnceAsync(request, cancellation).ConfigureAwait(false);
        }

        request.RestoreOwners();
        _mutation.Observe(request.Operation, refusal is not null, Stopwatch.GetTimestamp() - began);
        return refusal;
    }

    private async ValueTask<ApiStatus?> MutateOnceAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var member in _mutating)
        {
            if (!member.IsAsked(request))
            {
                continue;
            }

            var refusal = await member.Plugin.MutateAsync(request, cancellation).ConfigureAwait(false);
            began = member.Observe(request, refusal, began);
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>After validation, on the object as it will be stored.</summary>
    public async ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        var first = Stopwatch.GetTimestamp();
        var began = first;
        ApiStatus? refusal = null;
        foreach (var member in _validating)
        {
            if (!member.IsAsked(request))
            {
                continue;
            }

            refusal = await member.Plugin.ValidateAsync(request, cancellation).ConfigureAwait(false);
            began = member.Observe(request, refusal, began);
            if (refusal is not null)
            {
                break;
            }
        }

        _validation.Observe(request.Operation, refusal is not null, began - first);
        return refusal;
    }

    /// <summary>Both, for what has no object of its own to validate: deletions and connections.</summary>
    public async ValueTask<ApiStatus?> ReviewAsync(AdmissionRequest request, CancellationToken cancellation) =>
        await MutateAsync(request, cancellation).ConfigureAwait(false) ?? await ValidateAsync(request, cancellation).ConfigureAwait(false);

    /// <summary>Whether it has the step at all, rather than the interface's empty one.</summary>
    private static bool Has(IAdmissionPlugin plugin, string step)
    {
        var map = plugin.GetType().GetInterfaceMap(typeof(IAdmissionPlugin));
        var place = Array.FindIndex(map.InterfaceMethods, method => method.Name == step);
        return map.TargetMethods[place].DeclaringType != typeof(IAdmissionPlugin);
    }

    private sealed record Member(IAdmissionPlugin Plugin, PluginTimes Times)
    {
        private readonly bool _judgesConnections = Plugin.JudgesConnections;

        public bool IsAsked(AdmissionRequest request) => request.Operation != AdmissionOperation.Connect || _judgesConnections;

        /// <returns>The time now, at which the next one begins.</returns>
        public long Observe(AdmissionRequest request, ApiStatus? refusal, long began)
        {
            var now = Stopwatch.GetTimestamp();
            Times.Observe(request.Operation, refusal is not null, now - began);
            return now;
        }
    }
}
