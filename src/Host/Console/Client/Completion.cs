namespace ActorOrchestrator.Host.Console.Client;

/// <summary>What the last word of a line could become. Pure.</summary>
internal static class Completion
{
    /// <param name="line">What stands left of the cursor.</param>
    /// <param name="palettes">What the host can do.</param>
    /// <returns>Whole words that begin with the last word, in order.</returns>
    public static string[] Of(string line, IReadOnlyCollection<CommandPalette> palettes)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var begun = line.Length > 0 && line[^1] != ' ' ? words[^1] : "";
        var before = begun.Length > 0 ? words.Length - 1 : words.Length;
        return Candidates(words, before, palettes).Where(word => word.StartsWith(begun, StringComparison.OrdinalIgnoreCase)).Distinct().Order(StringComparer.Ordinal).ToArray();
    }

    private static IEnumerable<string> Candidates(string[] words, int before, IReadOnlyCollection<CommandPalette> palettes)
    {
        var names = palettes.Select(palette => palette.ModuleName);
        if (before == 0)
        {
            return names.Concat(["help", "exit"]);
        }

        if (words[0] == "help")
        {
            return before == 1 ? names : [];
        }

        var palette = palettes.FirstOrDefault(candidate => candidate.ModuleName.Equals(words[0], StringComparison.OrdinalIgnoreCase));
        if (before == 1)
        {
            return palette?.Commands.Select(command => command.Name) ?? [];
        }

        var command = palette?.Commands.FirstOrDefault(candidate => candidate.Name.Equals(words[1], StringComparison.OrdinalIgnoreCase));
        var open = command?.Arguments.FirstOrDefault(argument => !argument.IsFlag && argument.Switches.Contains(words[before - 1]));
        if (open is not null)
        {
            return open.DefaultValues;
        }

        return command?.Arguments
            .Where(argument => argument.AllowsMultiple || !argument.Switches.Any(name => words.Take(before).Contains(name)))
            .Select(argument => argument.Switches[0]) ?? [];
    }
}
