using System.Collections.Immutable;

namespace ActorOrchestrator.Actors.Scheduling.Framework;

public enum StatusCode : byte
{
    Success,

    /// <summary>Not now; it may be possible once pods leave the node.</summary>
    Unschedulable,

    /// <summary>Not as long as the pod and the node stay what they are, whoever leaves.</summary>
    UnschedulableAndUnresolvable,

    /// <summary>Permit only: not yet.</summary>
    Wait,
}

/// <summary>What a plugin answers. "Does not fit" is a status, not an exception. Shared where it can be: thousands of nodes refuse for the same reason.</summary>
/// <param name="Code">The verdict.</param>
/// <param name="Plugin">Whose.</param>
/// <param name="Reasons">Kubernetes' words, as they are counted in the message of an unschedulable pod.</param>
public sealed record PluginStatus(StatusCode Code, string Plugin, ImmutableArray<string> Reasons)
{
    public static readonly PluginStatus Success = new(StatusCode.Success, "", []);

    public bool IsSuccess => Code == StatusCode.Success;

    public static PluginStatus Unschedulable(string plugin, params ImmutableArray<string> reasons) => new(StatusCode.Unschedulable, plugin, reasons);

    public static PluginStatus Unresolvable(string plugin, params ImmutableArray<string> reasons) =>
        new(StatusCode.UnschedulableAndUnresolvable, plugin, reasons);
}
