using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.NodeAgent.Nodes;

/// <summary>The machine under the node.</summary>
public interface INodeMachine
{
    Task<MachineFacts> ReadAsync(CancellationToken cancellation = default);
}

/// <param name="Address">Of the default route's interface, or of the first that is not loopback.</param>
/// <param name="UplinkMtu">That interface's.</param>
/// <param name="DiskBytes">Of the file system with the data directory.</param>
public sealed record MachineFacts(
    string Hostname,
    string KernelVersion,
    string OsImage,
    string MachineId,
    string SystemUuid,
    string BootId,
    string Address,
    int UplinkMtu,
    long MemoryAvailableBytes,
    long DiskBytes,
    long DiskAvailableBytes);

/// <summary>What the node has for pods.</summary>
public sealed record NodeResources(string Address, long MemoryBytes, Quantity AllocatableCpu, Quantity AllocatableMemory, Quantity AllocatableStorage);
