using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace ActorOrchestrator.Contracts.Schema.Protobuf;

/// <summary>A field of a message. <paramref name="Embedded"/> names the message whose fields stand in its parent's JSON, where that is so.</summary>
internal sealed record MessageField(string Name, string? Embedded);

/// <summary>
/// The field numbers of upstream's messages, from the embedded <c>protobuf-fields.txt</c>: one line a message (<c>core.v1.Volume name=1
/// volumeSource=2:VolumeSource</c>). The types are the schema's.
/// </summary>
internal static class MessageFields
{
    private static readonly Lazy<FrozenDictionary<string, string>> Lines = new(static () => ReadLines("protobuf-fields.txt"));
    private static readonly Lazy<FrozenDictionary<string, string>> ZeroLines = new(static () => ReadLines("protobuf-zeros.txt"));
    private static readonly ConcurrentDictionary<string, FrozenDictionary<int, MessageField>> Known = new(StringComparer.Ordinal);

    /// <summary>Empty for a message that is not known, whose bytes are then skipped.</summary>
    public static FrozenDictionary<int, MessageField> Of(string message) => Known.GetOrAdd(message, static name =>
    {
        var fields = new Dictionary<int, MessageField>();
        foreach (var word in Lines.Value.GetValueOrDefault(name, "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var colon = word.IndexOf(':', StringComparison.Ordinal);
            var number = int.Parse(word.AsSpan(equals + 1, (colon < 0 ? word.Length : colon) - equals - 1), System.Globalization.CultureInfo.InvariantCulture);
            fields.Add(number, new MessageField(word[..equals], colon < 0 ? null : word[(colon + 1)..]));
        }

        return fields.ToFrozenDictionary();
    });

    /// <summary>A message of the same package.</summary>
    public static string Sibling(string message, string name) => message[..(message.LastIndexOf('.') + 1)] + name;

    /// <summary>Whether Go has a field as a plain number or boolean and leaves its zero out of JSON.</summary>
    public static bool OmitsZero(string message, string field) =>
        ZeroLines.Value.TryGetValue(message, out var fields) && fields.Split(' ').Contains(field);

    private static FrozenDictionary<string, string> ReadLines(string table)
    {
        using var stream = typeof(MessageFields).Assembly.GetManifestResourceStream(table)
            ?? throw new InvalidOperationException($"The assembly was built without its {table}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 2))
            .ToFrozenDictionary(words => words[0], words => words.Length > 1 ? words[1] : "");
    }
}
