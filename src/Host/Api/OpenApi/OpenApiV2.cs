using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Host.Api.OpenApi;

/// <summary>The whole API as one Swagger 2.0 document, which clients before 1.27 read, for validation and <c>explain</c>.</summary>
internal static class OpenApiV2
{
    public static JsonObject Build(ResourceCatalog catalog)
    {
        var definitions = new OpenApiDefinitions(OpenApiDialect.V2, ModelDescriptions.Load());
        foreach (var descriptor in catalog.All)
        {
            definitions.Use(ObjectSchema.Of(descriptor));
            if (OpenApiDefinitions.ListOf(descriptor) is { } list)
            {
                definitions.Use(list);
            }
        }

        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ServerVersion.Git },
            ["paths"] = OpenApiPaths.Write(catalog.All, operation => Operation(operation, definitions), parameter =>
            {
                parameter["type"] = "string";
                parameter["uniqueItems"] = true;
            }),
            ["definitions"] = definitions.Write(),
        };
    }

    private static JsonObject Operation(ApiOperation operation, OpenApiDefinitions definitions)
    {
        var parameters = new JsonArray();
        if (operation.IsPatch)
        {
            parameters.Add((JsonNode)Body(definitions.Reference(definitions.UseWellKnown(OpenApiDefinitions.Patch)), required: true));
        }
        else if (operation.Body is { } body)
        {
            parameters.Add((JsonNode)Body(definitions.Reference(definitions.Use(body)), operation.Method != "delete"));
        }

        foreach (var (name, type, description) in operation.Queries)
        {
            parameters.Add((JsonNode)new JsonObject { ["in"] = "query", ["name"] = name, ["type"] = type, ["uniqueItems"] = true, ["description"] = description });
        }

        return new JsonObject
        {
            ["operationId"] = operation.Id,
            ["consumes"] = new JsonArray([.. (operation.IsPatch ? OpenApiPaths.PatchTypesOf(operation) : ["*/*"]).Select(type => (JsonNode)type)]),
            ["produces"] = new JsonArray([.. OpenApiPaths.Produced.Select(type => (JsonNode)type)]),
            ["schemes"] = new JsonArray("https"),
            ["parameters"] = parameters,
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject
                {
                    ["description"] = "OK",
                    ["schema"] = operation.Response is { } response ? definitions.Reference(definitions.Use(response)) : new JsonObject { ["type"] = "string" },
                },
                ["401"] = new JsonObject { ["description"] = "Unauthorized" },
            },
            ["x-kubernetes-action"] = operation.Action,
            ["x-kubernetes-group-version-kind"] = OpenApiDefinitions.GroupVersionKind(operation.Kind.Group, operation.Kind.Version, operation.Kind.Kind),
        };
    }

    private static JsonObject Body(JsonObject schema, bool required)
    {
        var body = new JsonObject { ["in"] = "body", ["name"] = "body", ["schema"] = schema };
        if (required)
        {
            body["required"] = true;
        }

        return body;
    }
}
