using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>
/// Stored objects with the defaults that their version's schema has by now: who reads an object that was stored before a default was
/// added sees it, as upstream. An object is looked at once; from then on it is known to be complete or its completed form is at hand, for as long as it is kept.
/// </summary>
public sealed class CompletedObjects(StructuralSchema schema)
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly ConditionalWeakTable<StoredObject, StoredObject> _known = [];

    public StoredObject Of(StoredObject obj) => _known.GetValue(obj, Complete);

    private StoredObject Complete(StoredObject obj)
    {
        var tree = obj.ToJson();
        CustomDefaults.Apply(tree, schema);
        return JsonNode.DeepEquals(tree, obj.ToJson())
            ? obj
            : new StoredObject(obj.Key, obj.Uid, obj.Revision, JsonSerializer.SerializeToUtf8Bytes(tree, Relaxed), obj.Claims);
    }
}
