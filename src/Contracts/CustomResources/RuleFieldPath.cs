using System.Collections.Immutable;
using System.Text;

namespace ActorOrchestrator.Contracts.CustomResources;

/// <summary>The <c>fieldPath</c> of a rule: <c>.spec.x</c>, <c>.labels['a.b']</c>; fields of objects and keys of maps, no items of lists.</summary>
public static class RuleFieldPath
{
    /// <param name="text">The path.</param>
    /// <param name="schema">The schema that the rule stands in.</param>
    /// <param name="steps">The fields, each with whether it is a map's key.</param>
    /// <returns>False when the path is malformed or leads out of the schema.</returns>
    public static bool TryParse(string text, StructuralSchema schema, out ImmutableArray<(string Name, bool IsKey)> steps)
    {
        var found = ImmutableArray.CreateBuilder<(string, bool)>();
        steps = [];
        StructuralSchema? at = schema;
        for (var i = 0; i < text.Length;)
        {
            string name;
            if (text[i] == '.')
            {
                var end = i + 1;
                while (end < text.Length && text[end] is not ('.' or '['))
                {
                    end++;
                }

                name = text[(i + 1)..end];
                i = end;
            }
            else if (text[i] == '[' && i + 1 < text.Length && text[i + 1] == '\'' && Quoted(text, i + 2) is { } quoted)
            {
                (name, i) = quoted;
            }
            else
            {
                return false;
            }

            if (name.Length == 0 || at is null)
            {
                return false;
            }

            var isProperty = at.Properties.TryGetValue(name, out var property);
            found.Add((name, !isProperty));
            at = isProperty ? property : at.AdditionalProperties;
            if (at is null)
            {
                return false;
            }
        }

        steps = found.ToImmutable();
        return steps.Length > 0;
    }

    private static (string Name, int End)? Quoted(string text, int start)
    {
        var name = new StringBuilder();
        for (var i = start; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                name.Append(text[++i]);
            }
            else if (text[i] == '\'')
            {
                return i + 1 < text.Length && text[i + 1] == ']' ? (name.ToString(), i + 2) : null;
            }
            else
            {
                name.Append(text[i]);
            }
        }

        return null;
    }
}
