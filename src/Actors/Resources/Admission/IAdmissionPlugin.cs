using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Admission;

public enum AdmissionOperation
{
    Create,
    Update,
    Delete,
}

/// <summary>A write on its way to the ledger.</summary>
/// <param name="Operation">What is being done.</param>
/// <param name="Descriptor">The kind.</param>
/// <param name="Key">The object; its name is empty while it is still to be generated.</param>
/// <param name="Object">The new object, which a plugin may change; for a deletion the object as it is.</param>
/// <param name="Options">By whom and through which subresource.</param>
/// <param name="Snapshot">The state that the decision stands on.</param>
public sealed record AdmissionRequest(
    AdmissionOperation Operation, ResourceDescriptor Descriptor, ObjectKey Key, JsonObject Object, WriteOptions Options, ClusterSnapshot Snapshot);

/// <summary>
/// A rule of the cluster about writes, after defaulting and before validation. Plugins run in order; the first
/// refusal ends the write. A plugin may change a new object (it runs again when a lost race is tried again).
/// </summary>
public interface IAdmissionPlugin
{
    /// <summary>Null admits.</summary>
    ApiStatus? Admit(AdmissionRequest request);
}
