using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Contracts.Resources;

/// <summary>One term of a field selector: the field equals the value, or does not.</summary>
public sealed record FieldRequirement(SelectableField Field, bool Equal, string Value);

/// <summary>
/// A query over the few fields that a kind lets one select by. It is bound to a kind when it is read, so that an unknown label is
/// refused then, and it is evaluated on an object's bytes without building a tree.
/// </summary>
public sealed class FieldSelector
{
    private static readonly SelectableField NameField = SelectableField.Of("metadata.name");
    private static readonly SelectableField NamespaceField = SelectableField.Of("metadata.namespace");

    private FieldSelector(ImmutableArray<FieldRequirement> requirements) => Requirements = requirements;

    public static FieldSelector Everything { get; } = new([]);

    public ImmutableArray<FieldRequirement> Requirements { get; }
    public bool IsEverything => Requirements.IsEmpty;

    /// <summary>The one name that can match, when the selector says <c>metadata.name=x</c>; null otherwise. Lets a list become a get.</summary>
    public string? ExactName => ExactValue(NameField.Label);

    /// <summary>The value that a field must have, when the selector names it with equality.</summary>
    public string? ExactValue(string label) =>
        Requirements.FirstOrDefault(requirement => requirement.Equal && requirement.Field.Label == label)?.Value;

    /// <summary>Reads <c>a=b,c==d,e!=f</c> with backslash escapes of <c>\</c>, <c>,</c> and <c>=</c>.</summary>
    /// <returns>False with a message in upstream's words; the answer to the client is 400 BadRequest.</returns>
    public static bool TryParse(ResourceDescriptor descriptor, string? text, out FieldSelector selector, out string error)
    {
        selector = Everything;
        error = "";
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var requirements = ImmutableArray.CreateBuilder<FieldRequirement>();
        foreach (var term in Terms(text))
        {
            if (term.Length == 0)
            {
                continue;
            }

            if (!TrySplit(term, out var label, out var equal, out var value))
            {
                error = $"invalid selector: '{text}'; can't understand '{term}'";
                return false;
            }

            if (FieldOf(descriptor, label) is not { } field)
            {
                error = descriptor.OwnFieldLabels
                    ? $"field label not supported: {label}"
                    : $"\"{label}\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";
                return false;
            }

            requirements.Add(new FieldRequirement(field, equal, value));
        }

        selector = new FieldSelector(requirements.ToImmutable());
        return true;
    }

    public bool Matches(StoredObject obj)
    {
        foreach (var requirement in Requirements)
        {
            var actual = requirement.Field == NameField ? obj.Key.Name
                : requirement.Field == NamespaceField ? obj.Key.Namespace
                : Read(requirement.Field, obj.Utf8.Span);
            if ((actual == requirement.Value) != requirement.Equal)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The field's value in an object's JSON, in the text form that selectors compare.</summary>
    public static string Read(SelectableField field, ReadOnlySpan<byte> utf8)
    {
        var value = Read(field.Path, utf8);
        if (string.IsNullOrEmpty(value) && field.Otherwise is { } otherwise)
        {
            value = Read(otherwise, utf8);
        }

        return value ?? field.WhenAbsent;
    }

    private static string? Read(string[] path, ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        foreach (var step in path)
        {
            if (reader.TokenType != JsonTokenType.StartObject || !Enter(ref reader, step))
            {
                return null;
            }
        }

        return reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
            _ => null,
        };
    }

    public override string ToString() =>
        string.Join(',', Requirements.Select(requirement => $"{requirement.Field.Label}{(requirement.Equal ? "=" : "!=")}{Escape(requirement.Value)}"));

    private static SelectableField? FieldOf(ResourceDescriptor descriptor, string label)
    {
        if (label == NameField.Label)
        {
            return NameField;
        }

        if (label == NamespaceField.Label)
        {
            return NamespaceField;
        }

        return descriptor.SelectableFields.FirstOrDefault(field => field.Label == label);
    }

    private static bool Enter(ref Utf8JsonReader reader, string property)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(property);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static IEnumerable<string> Terms(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == ',')
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private static bool TrySplit(string term, out string label, out bool equal, out string value)
    {
        (label, equal, value) = ("", true, "");
        for (var i = 0; i < term.Length; i++)
        {
            var rest = term.AsSpan(i);
            var length = rest.StartsWith("!=") ? 2 : rest.StartsWith("==") ? 2 : rest[0] == '=' ? 1 : 0;
            if (length > 0)
            {
                label = term[..i];
                equal = rest[0] == '=';
                return TryUnescape(term[(i + length)..], out value);
            }
        }

        return false;
    }

    private static bool TryUnescape(string text, out string value)
    {
        var plain = new StringBuilder(text.Length);
        value = "";
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                if (++i == text.Length || text[i] is not ('\\' or ',' or '='))
                {
                    return false;
                }
            }
            else if (text[i] is ',' or '=')
            {
                return false;
            }

            plain.Append(text[i]);
        }

        value = plain.ToString();
        return true;
    }

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal);
}
