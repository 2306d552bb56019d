using System.Collections.Frozen;
using System.Text;

namespace ActorOrchestrator.Actors.Resources.Expressions;

/// <summary>
/// The names under which properties are reached in expressions: <c>namespace</c> is <c>__namespace__</c>, <c>a-b</c> is <c>a__dash__b</c>. A property
/// that has no such form cannot be reached.
/// </summary>
public static class IdentifierEscaping
{
    private static readonly FrozenSet<string> Reserved = new[]
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
        "namespace", "return", "var", "void", "while",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Words that the grammar keeps for itself; as identifiers they are refused.</summary>
    internal static bool IsReserved(string identifier) => Reserved.Contains(identifier);

    /// <summary>Null when the name cannot be written as an identifier.</summary>
    public static string? Escape(string name)
    {
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
        {
            return null;
        }

        if (Reserved.Contains(name))
        {
            return $"__{name}__";
        }

        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            switch (name[i])
            {
                case '_' when i + 1 < name.Length && name[i + 1] == '_':
                    text.Append("__underscores__");
                    i++;
                    break;
                case '.':
                    text.Append("__dot__");
                    break;
                case '-':
                    text.Append("__dash__");
                    break;
                case '/':
                    text.Append("__slash__");
                    break;
                case var c when char.IsAsciiLetterOrDigit(c) || c == '_':
                    text.Append(c);
                    break;
                default:
                    return null;
            }
        }

        return text.ToString();
    }
}
