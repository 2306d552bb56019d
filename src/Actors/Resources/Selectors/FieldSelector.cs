using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Actors.Resources.Selectors;

/// <summary>One term of a field selector: the field equals the value, or does not.</summary>
public sealed record FieldRequirement(SelectableField Field, bool Equal, string Value)
{
    private static readonly SelectableField Name = SelectableField.Of("metadata.name");
    private static readonly SelectableField Namespace = SelectableField.Of("metadata.namespace");

    public bool Matches(StoredObject obj)
    {
        var value = ReferenceEquals(Field, Name) ? obj.Key.Name : ReferenceEquals(Field, Namespace) ? obj.Key.Namespace : Read(obj.Utf8.Span);
        return string.Equals(value, Value, StringComparison.Ordinal) == Equal;
    }

    /// <summary>The field that a kind offers under a label; null when it does not.</summary>
    internal static SelectableField? Offered(ResourceDescriptor descriptor, string label) => label switch
    {
        "metadata.name" => Name,
        "metadata.namespace" when descriptor.Namespaced => Namespace,
        _ => descriptor.SelectableFields.FirstOrDefault(field => field.Label == label),
    };

    /// <summary>Walks the bytes to the field; nothing is parsed that is not on the way.</summary>
    private string Read(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        reader.Read();
        foreach (var name in Field.Path)
        {
            if (reader.TokenType != JsonTokenType.StartObject || !MoveTo(ref reader, name))
            {
                return Field.WhenAbsent;
            }
        }

        return reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString()!,
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
            _ => Field.WhenAbsent,
        };
    }

    private static bool MoveTo(ref Utf8JsonReader reader, string name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }
}

/// <summary>A field selector as it is written in a query: <c>spec.nodeName=n1,status.phase!=Failed</c>. All terms must hold.</summary>
public sealed record FieldSelector(ImmutableArray<FieldRequirement> Requirements)
{
    public static readonly FieldSelector Everything = new(ImmutableArray<FieldRequirement>.Empty);

    public bool IsEverything => Requirements.IsEmpty;

    public bool Matches(StoredObject obj)
    {
        foreach (var requirement in Requirements)
        {
            if (!requirement.Matches(obj))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The value that a field must equal; null when the selector does not say.</summary>
    public string? ExactValueOf(string field) => Requirements.FirstOrDefault(term => term.Equal && term.Field.Label == field)?.Value;

    /// <summary>Reads a selector and checks that the kind offers each field.</summary>
    public static bool TryParse(string? text, ResourceDescriptor descriptor, [NotNullWhen(true)] out FieldSelector? selector, [NotNullWhen(false)] out string? error)
    {
        selector = Everything;
        error = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        var terms = ImmutableArray.CreateBuilder<FieldRequirement>();
        foreach (var term in SplitTerms(text))
        {
            if (term.Length == 0)
            {
                continue;
            }

            if (!TryParseTerm(term, out var label, out var equal, out var value))
            {
                selector = null;
                error = $"invalid selector: '{text}'; can't understand '{term}'";
                return false;
            }

            if (FieldRequirement.Offered(descriptor, label) is not { } field)
            {
                selector = null;
                error = $"field label not supported: {label}";
                return false;
            }

            terms.Add(new FieldRequirement(field, equal, value));
        }

        selector = new FieldSelector(terms.ToImmutable());
        return true;
    }

    /// <summary>Commas part terms unless a backslash precedes them.</summary>
    private static IEnumerable<string> SplitTerms(string text)
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

    private static bool TryParseTerm(string term, out string label, out bool equal, out string value)
    {
        for (var i = 0; i < term.Length; i++)
        {
            (equal, var length) = term.AsSpan(i) switch
            {
                ['!', '=', ..] => (false, 2),
                ['=', '=', ..] => (true, 2),
                ['=', ..] => (true, 1),
                _ => (true, 0),
            };
            if (length > 0)
            {
                label = term[..i];
                return TryUnescape(term[(i + length)..], out value);
            }
        }

        (label, equal, value) = ("", true, "");
        return false;
    }

    /// <summary>Only <c>\\</c>, <c>\,</c> and <c>\=</c> are escapes; a bare <c>=</c> or <c>,</c> is an error.</summary>
    private static bool TryUnescape(string text, out string value)
    {
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '=' or ',')
            {
                value = "";
                return false;
            }

            if (c == '\\')
            {
                if (++i >= text.Length || text[i] is not ('\\' or ',' or '='))
                {
                    value = "";
                    return false;
                }

                c = text[i];
            }

            plain.Append(c);
        }

        value = plain.ToString();
        return true;
    }
}
