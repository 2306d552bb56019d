using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>A field that identifies a list item, and its value.</summary>
public readonly record struct KeyField(string Name, FieldScalar Value);

/// <summary>
/// One step of a path in <c>fieldsV1</c>: a field's name (<c>f:</c>), the key of a list item (<c>k:</c>), the value of a set item (<c>v:</c>) or an
/// index (<c>i:</c>). The order is structured-merge-diff's, because it is the order in which the fields are written.
/// </summary>
public readonly struct PathElement : IComparable<PathElement>, IEquatable<PathElement>
{
    private readonly string? _name;
    private readonly ImmutableArray<KeyField> _key;
    private readonly FieldScalar _value;
    private readonly Form _form;

    private PathElement(Form form, string? name, ImmutableArray<KeyField> key, FieldScalar value)
    {
        _form = form;
        _name = name;
        _key = key;
        _value = value;
    }

    private enum Form : byte
    {
        Field,
        Key,
        Value,
        Index,
    }

    /// <summary>The name of a field; null for the other forms.</summary>
    public string? FieldName => _form == Form.Field ? _name : null;

    public bool IsKey => _form == Form.Key;

    public static PathElement Field(string name) => new(Form.Field, name, default, default);

    /// <param name="fields">Sorted by name.</param>
    public static PathElement Key(ImmutableArray<KeyField> fields) => new(Form.Key, null, fields, default);

    public static PathElement Key(params ReadOnlySpan<(string Name, FieldScalar Value)> fields)
    {
        var sorted = ImmutableArray.CreateBuilder<KeyField>(fields.Length);
        foreach (var (name, value) in fields)
        {
            sorted.Add(new KeyField(name, value));
        }

        sorted.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return Key(sorted.MoveToImmutable());
    }

    public static PathElement Value(FieldScalar value) => new(Form.Value, null, default, value);

    public static PathElement Index(int index) => new(Form.Index, null, default, FieldScalar.Of(index));

    /// <summary>Reads the form in which <see cref="Spelled"/> writes. False for a malformed element and for a form that is not known.</summary>
    public static bool TryParse(string spelled, out PathElement element)
    {
        element = default;
        if (spelled.Length < 2 || spelled[1] != ':')
        {
            return false;
        }

        try
        {
            switch (spelled[0])
            {
                case 'f':
                    element = Field(spelled[2..]);
                    return true;
                case 'v':
                    element = Value(FieldScalar.Of(JsonNode.Parse(spelled.AsSpan(2).ToString())));
                    return true;
                case 'i' when int.TryParse(spelled.AsSpan(2), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index):
                    element = Index(index);
                    return true;
                case 'k' when JsonNode.Parse(spelled.AsSpan(2).ToString()) is JsonObject key:
                    element = Key([.. key.Select(field => (field.Key, FieldScalar.Of(field.Value)))]);
                    return true;
                default:
                    return false;
            }
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A later version may know more forms than these.</summary>
    internal static bool IsUnknownForm(string spelled) => spelled.Length >= 2 && spelled[1] == ':' && spelled[0] is not ('f' or 'k' or 'v' or 'i');

    /// <summary>As in <c>fieldsV1</c>: <c>f:spec</c>, <c>k:{"containerPort":80,"protocol":"TCP"}</c>, <c>v:"a"</c>, <c>i:1</c>.</summary>
    public string Spelled() => _form switch
    {
        Form.Field => "f:" + _name,
        Form.Key => SpelledKey(),
        Form.Value => "v:" + _value.ToJson(),
        _ => "i:" + _value.ToJson(),
    };

    /// <summary>As conflicts tell it: <c>.spec</c>, <c>[name="web"]</c>, <c>[="a"]</c>, <c>[1]</c>.</summary>
    public override string ToString() => _form switch
    {
        Form.Field => "." + _name,
        Form.Key => $"[{string.Join(",", _key.Select(field => $"{field.Name}={field.Value}"))}]",
        Form.Value => $"[={_value}]",
        _ => $"[{_value}]",
    };

    public int CompareTo(PathElement other)
    {
        if (_form != other._form)
        {
            return _form.CompareTo(other._form);
        }

        return _form switch
        {
            Form.Field => string.CompareOrdinal(_name, other._name),
            Form.Key => CompareKeys(_key, other._key),
            _ => _value.CompareTo(other._value),
        };
    }

    public bool Equals(PathElement other) => _form == other._form && (_form == Form.Field ? _name == other._name : CompareTo(other) == 0);

    public override bool Equals(object? obj) => obj is PathElement other && Equals(other);

    public override int GetHashCode()
    {
        switch (_form)
        {
            case Form.Field:
                return string.GetHashCode(_name, StringComparison.Ordinal);
            case Form.Key:
            {
                var hash = default(HashCode);
                foreach (var field in _key)
                {
                    hash.Add(field.Name, StringComparer.Ordinal);
                    hash.Add(field.Value);
                }

                return hash.ToHashCode();
            }

            default:
                return _value.GetHashCode();
        }
    }

    private string SpelledKey()
    {
        var text = new StringBuilder("k:{", 48);
        for (var i = 0; i < _key.Length; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(GoText.Quote(_key[i].Name, escapeHtml: true)).Append(':').Append(_key[i].Value.ToJson());
        }

        return text.Append('}').ToString();
    }

    private static int CompareKeys(ImmutableArray<KeyField> left, ImmutableArray<KeyField> right)
    {
        for (var i = 0; i < left.Length && i < right.Length; i++)
        {
            var order = string.CompareOrdinal(left[i].Name, right[i].Name);
            if (order == 0)
            {
                order = left[i].Value.CompareTo(right[i].Value);
            }

            if (order != 0)
            {
                return order;
            }
        }

        return left.Length.CompareTo(right.Length);
    }
}
