using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>A plain value that identifies a list item. Ordered and compared as structured-merge-diff does: numbers by value, then strings, then booleans.</summary>
public readonly struct FieldScalar : IComparable<FieldScalar>, IEquatable<FieldScalar>
{
    private readonly Rank _rank;
    private readonly bool _whole;
    private readonly long _integer;
    private readonly double _real;
    private readonly string? _text;

    private FieldScalar(Rank rank, long integer, double real, string? text, bool whole)
    {
        _rank = rank;
        _integer = integer;
        _real = real;
        _text = text;
        _whole = whole;
    }

    private enum Rank : byte
    {
        Number,
        Text,
        Flag,

        /// <summary>Null, and what is no plain value.</summary>
        Other,
    }

    public static FieldScalar Of(string text) => new(Rank.Text, 0, 0, text, false);

    public static FieldScalar Of(long number) => new(Rank.Number, number, number, null, true);

    public static FieldScalar Of(bool flag) => new(Rank.Flag, flag ? 1 : 0, 0, null, false);

    public static FieldScalar Of(JsonNode? node)
    {
        if (node is not JsonValue value)
        {
            return new FieldScalar(Rank.Other, 0, 0, node?.ToJsonString() ?? "null", false);
        }

        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                return Of(value.GetValue<string>());
            case JsonValueKind.True:
                return Of(true);
            case JsonValueKind.False:
                return Of(false);
            case JsonValueKind.Number:
                return Number(value);
            default:
                return new FieldScalar(Rank.Other, 0, 0, "null", false);
        }
    }

    public int CompareTo(FieldScalar other)
    {
        if (_rank != other._rank)
        {
            return _rank.CompareTo(other._rank);
        }

        return _rank switch
        {
            Rank.Number when _whole && other._whole => _integer.CompareTo(other._integer),
            Rank.Number => _real.CompareTo(other._real),
            Rank.Flag => _integer.CompareTo(other._integer),
            _ => string.CompareOrdinal(_text, other._text),
        };
    }

    public bool Equals(FieldScalar other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is FieldScalar other && Equals(other);

    public override int GetHashCode() => _rank switch
    {
        Rank.Number => _real.GetHashCode(),
        Rank.Flag => _integer.GetHashCode(),
        _ => string.GetHashCode(_text, StringComparison.Ordinal),
    };

    /// <summary>As JSON, with the characters escaped that Go escapes for HTML.</summary>
    public string ToJson() => _rank switch
    {
        Rank.Number => _whole ? _integer.ToString(CultureInfo.InvariantCulture) : _real.ToString("R", CultureInfo.InvariantCulture),
        Rank.Flag => _integer == 1 ? "true" : "false",
        Rank.Text => GoText.Quote(_text!, escapeHtml: true),
        _ => _text!,
    };

    /// <summary>For people: strings quoted, nothing else escaped.</summary>
    public override string ToString() => _rank == Rank.Text ? GoText.Quote(_text!, escapeHtml: false) : ToJson();

    private static FieldScalar Number(JsonValue value)
    {
        if (value.TryGetValue(out long integer))
        {
            return Of(integer);
        }

        if (value.TryGetValue(out int small))
        {
            return Of(small);
        }

        var text = value.ToJsonString();
        var real = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return new FieldScalar(Rank.Number, 0, real, null, false);
    }
}
