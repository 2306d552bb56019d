using System.Collections.Immutable;
using System.Text;

namespace ActorOrchestrator.Host.Console.Cmd;

/// <summary>Turns typed words into a <see cref="Command"/>, or says what is wrong with them. Pure.</summary>
public static class CommandLineParser
{
    /// <summary>Splits a line as a shell does: blanks separate, single and double quotes and backslash keep together.</summary>
    public static ImmutableArray<string> Split(string line)
    {
        var words = ImmutableArray.CreateBuilder<string>();
        var word = new StringBuilder();
        var inWord = false;
        char? quote = null;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (quote is { } open)
            {
                if (c == open)
                {
                    quote = null;
                }
                else
                {
                    word.Append(c == '\\' && open == '"' && i + 1 < line.Length ? line[++i] : c);
                }
            }
            else if (c is '"' or '\'')
            {
                quote = c;
                inWord = true;
            }
            else if (char.IsWhiteSpace(c))
            {
                if (inWord)
                {
                    words.Add(word.ToString());
                    word.Clear();
                    inWord = false;
                }
            }
            else
            {
                word.Append(c == '\\' && i + 1 < line.Length ? line[++i] : c);
                inWord = true;
            }
        }

        if (inWord)
        {
            words.Add(word.ToString());
        }

        return words.ToImmutable();
    }

    /// <returns>The command, or null and what is wrong.</returns>
    public static (Command? Command, string Error) Parse(IReadOnlyList<string> words, IEnumerable<CommandPalette> palettes)
    {
        var known = palettes.ToArray();
        var palette = known.FirstOrDefault(candidate => candidate.ModuleName.Equals(words[0], StringComparison.OrdinalIgnoreCase));
        if (palette is null)
        {
            return (null, $"There is no palette \"{words[0]}\". There are: {string.Join(", ", known.Select(candidate => candidate.ModuleName))}.");
        }

        var names = string.Join(", ", palette.Commands.Select(candidate => candidate.Name));
        if (words.Count < 2)
        {
            return (null, $"Which command of {palette.ModuleName}? There are: {names}.");
        }

        var definition = palette.Commands.FirstOrDefault(candidate => candidate.Name.Equals(words[1], StringComparison.OrdinalIgnoreCase));
        return definition is null
            ? (null, $"Palette {palette.ModuleName} has no command \"{words[1]}\". There are: {names}.")
            : ParseArguments(palette, definition, words);
    }

    private static (Command?, string) ParseArguments(CommandPalette palette, CommandDefinition definition, IReadOnlyList<string> words)
    {
        var arguments = ImmutableArray.CreateBuilder<(string, string)>();
        var given = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 2; i < words.Count; i++)
        {
            var argument = definition.Arguments.FirstOrDefault(candidate => candidate.Switches.Contains(words[i], StringComparer.Ordinal));
            if (argument is null)
            {
                var switches = string.Join(", ", definition.Arguments.SelectMany(candidate => candidate.Switches));
                return (null, $"{palette.ModuleName} {definition.Name} does not know \"{words[i]}\". It takes: {(switches.Length == 0 ? "no arguments" : switches)}.");
            }

            if (!given.Add(argument.Name) && !argument.AllowsMultiple)
            {
                return (null, $"{palette.ModuleName} {definition.Name} takes {words[i]} only once.");
            }

            if (argument.IsFlag)
            {
                arguments.Add((argument.Name, "true"));
            }
            else if (i + 1 < words.Count)
            {
                arguments.Add((argument.Name, words[++i]));
            }
            else
            {
                return (null, $"{words[i]} needs a value: {argument.Description}.");
            }
        }

        var missing = definition.Arguments.FirstOrDefault(argument => argument.IsMandatory && !given.Contains(argument.Name));
        return missing is null
            ? (new Command(palette.ModuleName, definition.Name, arguments.ToImmutable()), "")
            : (null, $"{palette.ModuleName} {definition.Name} needs {missing.Switches[0]} {missing.Name.ToUpperInvariant()}: {missing.Description}.");
    }
}
