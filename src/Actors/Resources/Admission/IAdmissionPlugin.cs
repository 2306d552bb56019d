using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources.Apply;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission;

public enum AdmissionOperation
{
    Create,
    Update,
    Delete,

    /// <summary>Not a write: somebody connects to a pod, a service or a node, as <c>exec</c> does.</summary>
    Connect,
}

/// <summary>A write on its way to the ledger.</summary>
/// <param name="Operation">What is being done.</param>
/// <param name="Descriptor">The kind.</param>
/// <param name="Key">The object; its name is empty while it is still to be generated.</param>
/// <param name="Object">The new object, which a plugin may change; for a deletion the object as it is; for a connection its options.</param>
/// <param name="Old">What it replaces or what goes; null for a creation and a connection.</param>
/// <param name="Options">By whom and through which subresource.</param>
/// <param name="Snapshot">The state that the decision stands on.</param>
public sealed record AdmissionRequest(
    AdmissionOperation Operation, ResourceDescriptor Descriptor, ObjectKey Key, JsonObject Object, JsonObject? Old, WriteOptions Options, ClusterSnapshot Snapshot)
{
    private Reinvocation? _reinvocation;
    private JsonNode?[]? _owners;

    /// <summary>Of the options of a connection, such as <c>PodExecOptions</c>; otherwise empty, because it is the descriptor's.</summary>
    public string OptionsKind { get; init; } = "";

    /// <summary>What mutating webhooks and policies remember of this request between the two rounds of the chain.</summary>
    public Reinvocation Reinvocation => _reinvocation ??= new Reinvocation();

    /// <summary>Called before a webhook or policy changes the object for the first time: its <c>managedFields</c> are kept.</summary>
    internal void RememberOwners() => _owners ??= [Object.Object("metadata")?["managedFields"]?.DeepClone()];

    /// <summary>Whoever spoils <c>managedFields</c> does not take the owners away from their fields: they are as they were, with a warning.</summary>
    internal void RestoreOwners()
    {
        if (_owners is not [var before] || Object.Object("metadata") is not { } metadata || ManagedFields.Problem(metadata["managedFields"]) is not { } problem)
        {
            return;
        }

        metadata.Remove("managedFields");
        if (before is not null)
        {
            metadata["managedFields"] = before.DeepClone();
        }

        Options.Observer?.Warn(
            $".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: {problem}");
    }

    /// <summary>Somebody changed the object after others had seen it: every plugin sees it once more.</summary>
    internal bool WantsSecondRound => _reinvocation?.IsWanted == true;
}

/// <summary>
/// A rule of the cluster about writes. Plugins run in order; the first refusal ends the write. Both steps run again when a lost race is
/// tried again.
/// </summary>
public interface IAdmissionPlugin
{
    /// <summary>Upstream's name of the plugin, for metrics.</summary>
    string Name
    {
        get
        {
            var name = GetType().Name;
            var suffix = name.EndsWith("Plugin", StringComparison.Ordinal) ? "Plugin" : name.EndsWith("Admission", StringComparison.Ordinal) ? "Admission" : "";
            return name[..^suffix.Length];
        }
    }

    /// <summary>Whether it is asked about connections too; most rules are about what is stored.</summary>
    bool JudgesConnections => false;

    /// <summary>After defaulting and before the kind's own rules: may change the object. Null admits.</summary>
    ValueTask<ApiStatus?> MutateAsync(AdmissionRequest request, CancellationToken cancellation) => default;

    /// <summary>On the valid object, just before it is stored. Null admits.</summary>
    ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation) => default;
}
