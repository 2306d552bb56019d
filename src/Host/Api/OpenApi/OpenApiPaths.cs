using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Host.Api.OpenApi;

/// <summary>What both dialects write alike: which paths there are, the parameters in them, and the media types.</summary>
internal static class OpenApiPaths
{
    public static readonly string[] Produced = ["application/json", "application/yaml"];
    private static readonly string[] PatchTypes = ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"];

    /// <summary>Custom kinds have no merge keys, and so no strategic merge.</summary>
    public static IEnumerable<string> PatchTypesOf(ApiOperation operation) =>
        operation.IsCustom ? PatchTypes.Where(type => !type.Contains("strategic", StringComparison.Ordinal)) : PatchTypes;

    /// <param name="descriptors">Whose operations.</param>
    /// <param name="write">An operation in the dialect.</param>
    /// <param name="type">How the dialect says that a parameter is text.</param>
    public static JsonObject Write(IEnumerable<ResourceDescriptor> descriptors, Func<ApiOperation, JsonObject> write, Action<JsonObject> type)
    {
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var operation in descriptors.SelectMany(ApiOperation.Of))
        {
            if (!paths.TryGetValue(operation.Path, out var item))
            {
                item = new JsonObject { ["parameters"] = Parameters(operation.Path, type) };
                paths.Add(operation.Path, item);
            }

            item[operation.Method] = write(operation);
        }

        return new JsonObject(paths.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
    }

    private static JsonArray Parameters(string path, Action<JsonObject> type)
    {
        var parameters = new JsonArray();
        foreach (var name in new[] { "name", "namespace" }.Where(name => path.Contains($"{{{name}}}", StringComparison.Ordinal)))
        {
            var parameter = new JsonObject
            {
                ["in"] = "path",
                ["name"] = name,
                ["required"] = true,
                ["description"] = name == "name" ? "The name of the object." : "The namespace of the object.",
            };
            type(parameter);
            parameters.Add((JsonNode)parameter);
        }

        return parameters;
    }
}
