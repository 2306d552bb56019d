using System.Text;

namespace ActorOrchestrator.Actors.Resources.Expressions.Checking;

/// <summary>What is wrong with an expression, shown as cel-go shows it: the place, the line and a caret.</summary>
internal sealed class ExpressionIssues(string text)
{
    private const int MaxShown = 100;
    private const int MaxLine = 16_384;
    private readonly List<(int Position, string Message)> _found = [];

    public bool Any => _found.Count > 0;

    public void Add(int position, string message)
    {
        if (!_found.Contains((position, message)))
        {
            _found.Add((position, message));
        }
    }

    public override string ToString() => string.Join('\n', _found.OrderBy(issue => issue.Position).Take(MaxShown).Select(Show));

    private string Show((int Position, string Message) issue)
    {
        var at = Math.Clamp(issue.Position, 0, text.Length);
        var start = at == 0 ? 0 : text.LastIndexOf('\n', at - 1) + 1;
        var end = text.IndexOf('\n', at);
        var line = text.AsSpan(0, start).Count('\n') + 1;
        var shown = text[start..(end < 0 ? text.Length : end)].Replace('\t', ' ');
        var message = $"ERROR: <input>:{line}:{at - start + 1}: {issue.Message}";
        if (shown.Length > MaxLine)
        {
            return message;
        }

        var caret = new StringBuilder();
        for (var i = 0; i < at - start; i++)
        {
            caret.Append(shown[i] < 128 ? '.' : '\uff0e');
        }

        caret.Append(at - start < shown.Length && shown[at - start] >= 128 ? '\uff3e' : '^');
        return $"{message}\n | {shown}\n | {caret}";
    }
}
