using System.Text;

namespace ActorOrchestrator.Actors.Resources.Aggregation;

/// <summary>
/// Sends several values of a header as lines of their own. .NET's client joins them with a comma, which servers in other languages take for one value:
/// a user of two groups would be in one of a strange name. HTTP/1.1 only.
/// </summary>
/// <param name="name">The header.</param>
public sealed class RepeatedHeaderEncoding(string name) : Encoding
{
    /// <summary>Stands between the values; a value may not contain it.</summary>
    public const char Separator = '\uE000';

    private readonly string _next = $"\r\n{name}: ";

    /// <summary>One text of all values, without those that could be taken for something else.</summary>
    public static string Join(IEnumerable<string> values) =>
        string.Join(Separator, values.Where(value => value.AsSpan().IndexOfAny([Separator, '\r', '\n', '\0']) < 0));

    public override int GetByteCount(char[] chars, int index, int count) => UTF8.GetByteCount(Lines(chars, index, count));

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex)
    {
        var lines = Lines(chars, charIndex, charCount);
        return UTF8.GetBytes(lines, 0, lines.Length, bytes, byteIndex);
    }

    public override int GetMaxByteCount(int charCount) => UTF8.GetMaxByteCount(charCount * _next.Length);

    public override int GetCharCount(byte[] bytes, int index, int count) => UTF8.GetCharCount(bytes, index, count);

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) => UTF8.GetChars(bytes, byteIndex, byteCount, chars, charIndex);

    public override int GetMaxCharCount(int byteCount) => UTF8.GetMaxCharCount(byteCount);

    private string Lines(char[] chars, int index, int count) => new string(chars, index, count).Replace(Separator.ToString(), _next, StringComparison.Ordinal);
}
