using System.Collections.Frozen;
using System.IO.Compression;

namespace ActorOrchestrator.Contracts.Schema;

/// <summary>
/// What models and their members are for: the documentation of the model package, packed by the build (ModelDescriptions.targets). It is unpacked when
/// the caller makes one and is gone with it: only OpenAPI documents need it, once.
/// </summary>
public sealed class ModelDescriptions
{
    private readonly FrozenDictionary<(string Model, string Member), string> _texts;

    private ModelDescriptions(FrozenDictionary<(string, string), string> texts) => _texts = texts;

    public static ModelDescriptions Load()
    {
        using var packed = typeof(ModelDescriptions).Assembly.GetManifestResourceStream("descriptions.txt.gz")
            ?? throw new InvalidOperationException("The assembly was built without its descriptions.txt.gz.");
        using var unpacked = new GZipStream(packed, CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked);
        var texts = new Dictionary<(string, string), string>();
        var model = "";
        while (reader.ReadLine() is { } line)
        {
            var parts = line.Split('\t', 3);
            if (parts[0].Length > 0)
            {
                model = parts[0];
            }

            texts[(model, parts[1])] = parts[2].Replace("\\n", "\n", StringComparison.Ordinal);
        }

        return new ModelDescriptions(texts.ToFrozenDictionary());
    }

    /// <summary>Of a type; empty when the package says nothing.</summary>
    public string Of(ObjectSchema schema) => schema.Model is { } model ? _texts.GetValueOrDefault((model.Name, ""), "") : "";

    /// <summary>Of a property by its JSON name; empty when the package says nothing.</summary>
    public string Of(ObjectSchema schema, string property) =>
        schema.Model is { } model && schema.Members.TryGetValue(property, out var member) ? _texts.GetValueOrDefault((model.Name, member), "") : "";
}
