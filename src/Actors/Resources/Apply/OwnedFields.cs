using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>
/// What one manager owns, in the API version in which it wrote. It is kept as it was read: a change edits the written form where it is, and the set is only
/// read out of it when somebody asks for it.
/// </summary>
public sealed class OwnedFields
{
    private readonly JsonObject _written;
    private FieldSet? _fields;

    private OwnedFields(JsonObject written, FieldSet? fields, string apiVersion, string? time)
    {
        _written = written;
        _fields = fields;
        ApiVersion = apiVersion;
        Time = time;
    }

    public OwnedFields(FieldSet fields, string apiVersion, string? time)
        : this(FieldSetJson.Write(fields), fields, apiVersion, time)
    {
    }

    public string ApiVersion { get; }

    /// <summary>When its fields last changed; null when that is not known.</summary>
    public string? Time { get; }

    public bool IsEmpty => _written.Count == 0;

    public FieldSet Fields => _fields ??= FieldSetJson.TryRead(_written, out var read) ? read : FieldSet.Empty;

    /// <summary>Null when the value is no set of fields. It is written anew, because nothing says that it is in order.</summary>
    public static OwnedFields? Read(JsonNode? fieldsV1, string apiVersion, string? time) =>
        FieldSetJson.TryRead(fieldsV1, out var fields) ? new OwnedFields(fields, apiVersion, time) : null;

    /// <summary>From an entry that this program wrote.</summary>
    public static OwnedFields Trust(JsonNode? fieldsV1, string apiVersion, string? time) => new(fieldsV1 as JsonObject ?? [], null, apiVersion, time);

    /// <summary>The same entry when it has none of the fields.</summary>
    public OwnedFields Without(FieldSet fields)
    {
        if (!MayHold(fields))
        {
            return this;
        }

        var edited = (JsonObject)_written.DeepClone();
        return FieldSetEdit.Remove(edited, fields) ? new OwnedFields(edited, null, ApiVersion, Time) : this;
    }

    /// <summary>The same entry when it has all of the fields.</summary>
    public OwnedFields With(FieldSet fields)
    {
        var edited = (JsonObject)_written.DeepClone();
        return FieldSetEdit.Add(edited, fields) ? new OwnedFields(edited, null, ApiVersion, Time) : this;
    }

    public OwnedFields At(string? time) => new(_written, _fields, ApiVersion, time);

    public JsonObject ToFieldsV1() => _written.Parent is null ? _written : (JsonObject)_written.DeepClone();

    /// <summary>False when not even the outermost of the fields are there.</summary>
    private bool MayHold(FieldSet fields)
    {
        foreach (var node in fields.Nodes)
        {
            if (_written.ContainsKey(node.Element.Spelled()))
            {
                return true;
            }
        }

        return false;
    }
}
