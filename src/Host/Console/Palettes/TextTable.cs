using System.Text;

namespace ActorOrchestrator.Host.Console.Palettes;

/// <summary>Columns as wide as their widest cell, three blanks between, as kubectl prints them.</summary>
internal static class TextTable
{
    public static string Render(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.Prepend(columns).ToArray();
        var widths = columns.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in all)
        {
            for (var column = 0; column < columns.Count; column++)
            {
                text.Append(column == columns.Count - 1 ? row[column] : row[column].PadRight(widths[column] + 3));
            }

            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }
}
