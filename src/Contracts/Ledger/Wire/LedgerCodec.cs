using System.Collections.Immutable;

namespace ActorOrchestrator.Contracts.Ledger.Wire;

/// <summary>
/// The ledger's messages, journal rows and snapshots as bytes. A manifest names a form for ever: what was once written
/// under it must load, so a change of form is a new manifest beside the old one.
/// </summary>
public static class LedgerCodec
{
    private static readonly ImmutableArray<IWireForm> Forms =
    [
        JournalForms.Facts,
        JournalForms.Snapshot,
        CommandForms.Commit,
        CommandForms.Committed,
        CommandForms.Unavailable,
        CommandForms.NewestRevision,
        CommandForms.NewestRevisionIs,
        ReplicationForms.Follow,
        ReplicationForms.Facts,
        ReplicationForms.State,
        ReplicationForms.Received,
        ReplicationForms.Ended,
    ];

    private static readonly ImmutableDictionary<string, IWireForm> ByManifest = Forms.ToImmutableDictionary(form => form.Manifest);
    private static readonly ImmutableDictionary<Type, IWireForm> ByType = Forms.ToImmutableDictionary(form => form.Type);

    public static IEnumerable<string> Manifests => Forms.Select(form => form.Manifest);

    public static IEnumerable<Type> Types => Forms.Select(form => form.Type);

    public static string ManifestOf(object message) => FormOf(message).Manifest;

    public static byte[] Write(object message) => FormOf(message).Write(message);

    /// <exception cref="InvalidDataException">The manifest is not known or the bytes are damaged.</exception>
    public static object Read(string manifest, ReadOnlySpan<byte> bytes)
    {
        if (!ByManifest.TryGetValue(manifest, out var form))
        {
            throw new InvalidDataException($"The ledger knows no form \"{manifest}\"; was it written by a newer version? Known are {string.Join(", ", Manifests)}.");
        }

        try
        {
            return form.Read(bytes);
        }
        catch (InvalidDataException damaged)
        {
            throw new InvalidDataException($"{bytes.Length} bytes of \"{manifest}\" cannot be read: {damaged.Message}", damaged);
        }
    }

    private static IWireForm FormOf(object message) =>
        ByType.TryGetValue(message.GetType(), out var form)
            ? form
            : throw new ArgumentException($"{message.GetType()} has no form on the ledger's wire.", nameof(message));
}

internal interface IWireForm
{
    string Manifest { get; }
    Type Type { get; }
    byte[] Write(object message);
    object Read(ReadOnlySpan<byte> bytes);
}

internal sealed class WireForm<T>(string manifest, Func<T, byte[]> write, WireForm<T>.Reading read) : IWireForm where T : class
{
    public delegate T Reading(ReadOnlySpan<byte> bytes);

    public string Manifest => manifest;
    public Type Type => typeof(T);
    public byte[] Write(object message) => write((T)message);
    public object Read(ReadOnlySpan<byte> bytes) => read(bytes);
}
