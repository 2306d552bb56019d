using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Host.Api.OpenApi;

/// <summary>One group and version as an OpenAPI 3.0 document, which clients from 1.27 on read.</summary>
internal static class OpenApiV3
{
    private static readonly string[] Produced = ["application/json", "application/yaml"];
    private static readonly string[] PatchTypes = ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml"];

    public static JsonObject Build(ResourceCatalog catalog, string group, string version, ModelDescriptions descriptions)
    {
        var definitions = new OpenApiDefinitions(OpenApiDialect.V3, descriptions);
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var descriptor in catalog.In(group, version))
        {
            definitions.Use(ObjectSchema.Of(descriptor));
            foreach (var operation in ApiOperation.Of(descriptor))
            {
                if (!paths.TryGetValue(operation.Path, out var item))
                {
                    item = new JsonObject { ["parameters"] = PathParameters(operation.Path) };
                    paths.Add(operation.Path, item);
                }

                item[operation.Method] = Operation(operation, definitions);
            }
        }

        var allPaths = new JsonObject();
        foreach (var (path, item) in paths)
        {
            allPaths[path] = item;
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ServerVersion.Git },
            ["paths"] = allPaths,
            ["components"] = new JsonObject { ["schemas"] = definitions.Write() },
        };
    }

    private static JsonArray PathParameters(string path)
    {
        var parameters = new JsonArray();
        foreach (var name in new[] { "name", "namespace" }.Where(name => path.Contains($"{{{name}}}", StringComparison.Ordinal)))
        {
            parameters.Add((JsonNode)new JsonObject
            {
                ["in"] = "path",
                ["name"] = name,
                ["required"] = true,
                ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true },
                ["description"] = name == "name" ? "The name of the object." : "The namespace of the object.",
            });
        }

        return parameters;
    }

    private static JsonObject Operation(ApiOperation operation, OpenApiDefinitions definitions)
    {
        var parameters = new JsonArray();
        foreach (var (name, type, description) in operation.Queries)
        {
            parameters.Add((JsonNode)new JsonObject
            {
                ["in"] = "query",
                ["name"] = name,
                ["schema"] = new JsonObject { ["type"] = type, ["uniqueItems"] = true },
                ["description"] = description,
            });
        }

        var described = new JsonObject { ["operationId"] = operation.Id, ["parameters"] = parameters };
        if (operation.IsPatch)
        {
            described["requestBody"] = Content(PatchTypes, () => definitions.Reference(definitions.UseWellKnown(OpenApiDefinitions.Patch)));
        }
        else if (operation.Body is { } body)
        {
            described["requestBody"] = Content(["*/*"], () => definitions.Reference(definitions.Use(body)));
        }

        var response = operation.Response is { } returned
            ? Content(Produced, () => definitions.Reference(definitions.Use(returned)))
            : Content(["*/*"], () => new JsonObject { ["type"] = "string" });
        response["description"] = "OK";
        described["responses"] = new JsonObject { ["200"] = response, ["401"] = new JsonObject { ["description"] = "Unauthorized" } };
        described["x-kubernetes-action"] = operation.Action;
        described["x-kubernetes-group-version-kind"] = OpenApiDefinitions.GroupVersionKind(operation.Kind.Group, operation.Kind.Version, operation.Kind.Kind);
        return described;
    }

    private static JsonObject Content(string[] types, Func<JsonObject> schema)
    {
        var content = new JsonObject();
        foreach (var type in types)
        {
            content[type] = new JsonObject { ["schema"] = schema() };
        }

        return new JsonObject { ["content"] = content };
    }
}
