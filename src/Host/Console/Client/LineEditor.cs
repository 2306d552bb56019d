namespace ActorOrchestrator.Host.Console.Client;

/// <summary>A line of input on a terminal: cursor keys, history, Tab completion. Ctrl-C drops the line, Ctrl-D on an empty one ends.</summary>
internal sealed class LineEditor(string prompt, Func<string, string[]> complete)
{
    private const int MaxHistory = 500;
    private readonly List<string> _history = [];

    /// <returns>Null at the end of input.</returns>
    public string? ReadLine()
    {
        var text = "";
        var cursor = 0;
        var at = _history.Count;
        var treatedAsInput = System.Console.TreatControlCAsInput;
        System.Console.TreatControlCAsInput = true;
        try
        {
            Draw(text, cursor);
            while (true)
            {
                var key = System.Console.ReadKey(intercept: true);
                var control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
                switch (key.Key)
                {
                    case ConsoleKey.Enter:
                        System.Console.WriteLine();
                        Remember(text);
                        return text;
                    case ConsoleKey.D when control && text.Length == 0:
                        System.Console.WriteLine();
                        return null;
                    case ConsoleKey.C when control:
                        System.Console.WriteLine("^C");
                        (text, cursor) = ("", 0);
                        break;
                    case ConsoleKey.Tab:
                        (text, cursor) = Complete(text, cursor);
                        break;
                    case ConsoleKey.UpArrow when at > 0:
                        text = _history[--at];
                        cursor = text.Length;
                        break;
                    case ConsoleKey.DownArrow when at < _history.Count:
                        text = ++at < _history.Count ? _history[at] : "";
                        cursor = text.Length;
                        break;
                    case ConsoleKey.LeftArrow:
                        cursor = Math.Max(0, cursor - 1);
                        break;
                    case ConsoleKey.RightArrow:
                        cursor = Math.Min(text.Length, cursor + 1);
                        break;
                    case ConsoleKey.Home:
                    case ConsoleKey.A when control:
                        cursor = 0;
                        break;
                    case ConsoleKey.End:
                    case ConsoleKey.E when control:
                        cursor = text.Length;
                        break;
                    case ConsoleKey.U when control:
                        (text, cursor) = (text[cursor..], 0);
                        break;
                    case ConsoleKey.Backspace when cursor > 0:
                        text = text.Remove(--cursor, 1);
                        break;
                    case ConsoleKey.Delete when cursor < text.Length:
                        text = text.Remove(cursor, 1);
                        break;
                    default:
                        if (!char.IsControl(key.KeyChar))
                        {
                            text = text.Insert(cursor++, key.KeyChar.ToString());
                        }

                        break;
                }

                Draw(text, cursor);
            }
        }
        finally
        {
            System.Console.TreatControlCAsInput = treatedAsInput;
        }
    }

    private (string Text, int Cursor) Complete(string text, int cursor)
    {
        var candidates = complete(text[..cursor]);
        if (candidates.Length == 0)
        {
            return (text, cursor);
        }

        var start = text[..cursor].LastIndexOf(' ') + 1;
        var common = candidates.Aggregate(CommonBeginning);
        var word = candidates.Length == 1 ? candidates[0] + " " : common;
        if (candidates.Length > 1 && common.Length <= cursor - start)
        {
            System.Console.WriteLine();
            System.Console.WriteLine(string.Join("  ", candidates));
            return (text, cursor);
        }

        return (text[..start] + word + text[cursor..], start + word.Length);
    }

    private static string CommonBeginning(string one, string other)
    {
        var length = 0;
        while (length < Math.Min(one.Length, other.Length) && char.ToLowerInvariant(one[length]) == char.ToLowerInvariant(other[length]))
        {
            length++;
        }

        return one[..length];
    }

    private void Remember(string line)
    {
        if (line.Trim().Length > 0 && (_history.Count == 0 || _history[^1] != line))
        {
            _history.Add(line);
            if (_history.Count > MaxHistory)
            {
                _history.RemoveAt(0);
            }
        }
    }

    private void Draw(string text, int cursor)
    {
        System.Console.Write($"\r\u001b[K{prompt}{text}");
        if (cursor < text.Length)
        {
            System.Console.Write($"\u001b[{text.Length - cursor}D");
        }
    }
}
