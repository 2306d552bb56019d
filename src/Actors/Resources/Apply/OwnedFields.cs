using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>What one manager owns, in the API version in which it wrote. What was read and not changed is written as it was read.</summary>
public sealed class OwnedFields
{
    private readonly JsonNode? _written;
    private FieldSet? _fields;

    private OwnedFields(JsonNode? written, FieldSet? fields, string apiVersion, string? time)
    {
        _written = written;
        _fields = fields;
        ApiVersion = apiVersion;
        Time = time;
    }

    public OwnedFields(FieldSet fields, string apiVersion, string? time)
        : this(null, fields, apiVersion, time)
    {
    }

    public string ApiVersion { get; }

    /// <summary>When its fields last changed; null when that is not known.</summary>
    public string? Time { get; }

    public FieldSet Fields => _fields ??= FieldSetJson.TryRead(_written, out var read) ? read : FieldSet.Empty;

    /// <summary>Null when the value is no set of fields.</summary>
    public static OwnedFields? Read(JsonNode? fieldsV1, string apiVersion, string? time) =>
        FieldSetJson.TryRead(fieldsV1, out var fields) ? new OwnedFields(fieldsV1, fields, apiVersion, time) : null;

    /// <summary>From an entry that this program wrote: it is read when it is needed.</summary>
    public static OwnedFields Trust(JsonNode? fieldsV1, string apiVersion, string? time) => new(fieldsV1, null, apiVersion, time);

    /// <summary>False when it is plain without reading the fields that none of the changed ones is among them: not even their outermost fields are.</summary>
    public bool MayHold(FieldComparison change) =>
        _fields is not null || _written is not JsonObject outermost
        || HasAny(outermost, change.Removed) || HasAny(outermost, change.Modified) || HasAny(outermost, change.Added);

    public OwnedFields With(FieldSet fields) => new(null, fields, ApiVersion, Time);

    public OwnedFields At(string? time) => new(_written, _fields, ApiVersion, time);

    private static bool HasAny(JsonObject outermost, FieldSet fields)
    {
        foreach (var node in fields.Nodes)
        {
            if (outermost.ContainsKey(node.Element.Spelled()))
            {
                return true;
            }
        }

        return false;
    }

    public JsonNode ToFieldsV1() => _written?.DeepClone() ?? FieldSetJson.Write(Fields);
}
