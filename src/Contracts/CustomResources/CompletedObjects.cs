using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// Stored objects as their version's schema has them by now (<see cref="CustomReading"/>). An object is looked at once; from then on it is known to be
/// as it is stored or its form is at hand, for as long as it is kept.
/// </summary>
public sealed class CompletedObjects(CustomVersion version)
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly ConditionalWeakTable<StoredObject, StoredObject> _known = [];

    public StoredObject Of(StoredObject obj) => _known.GetValue(obj, Complete);

    private StoredObject Complete(StoredObject obj)
    {
        var tree = obj.ToJson();
        return CustomReading.Stored(version, tree)
            ? new StoredObject(obj.Key, obj.Uid, obj.Revision, JsonSerializer.SerializeToUtf8Bytes(tree, Relaxed), obj.Claims)
            : obj;
    }
}
