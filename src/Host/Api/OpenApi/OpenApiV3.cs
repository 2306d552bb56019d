using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Host.Api.OpenApi;

/// <summary>One group and version as an OpenAPI 3.0 document, which clients from 1.27 on read.</summary>
internal static class OpenApiV3
{
    public static JsonObject Build(ResourceCatalog catalog, string group, string version, ModelDescriptions descriptions)
    {
        var definitions = new OpenApiDefinitions(OpenApiDialect.V3, descriptions);
        foreach (var descriptor in catalog.In(group, version))
        {
            definitions.Use(ObjectSchema.Of(descriptor));
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = ServerVersion.Git },
            ["paths"] = OpenApiPaths.Write(
                catalog.In(group, version), operation => Operation(operation, definitions), parameter => parameter["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true }),
            ["components"] = new JsonObject { ["schemas"] = definitions.Write() },
        };
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
            described["requestBody"] = Content(OpenApiPaths.PatchTypesOf(operation), () => definitions.Reference(definitions.UseWellKnown(OpenApiDefinitions.Patch)));
        }
        else if (operation.Body is { } body)
        {
            described["requestBody"] = Content(["*/*"], () => definitions.Reference(definitions.Use(body)));
        }

        var response = operation.Response is { } returned
            ? Content(OpenApiPaths.Produced, () => definitions.Reference(definitions.Use(returned)))
            : Content(["*/*"], () => new JsonObject { ["type"] = "string" });
        response["description"] = "OK";
        described["responses"] = new JsonObject { ["200"] = response, ["401"] = new JsonObject { ["description"] = "Unauthorized" } };
        described["x-kubernetes-action"] = operation.Action;
        described["x-kubernetes-group-version-kind"] = OpenApiDefinitions.GroupVersionKind(operation.Kind.Group, operation.Kind.Version, operation.Kind.Kind);
        return described;
    }

    private static JsonObject Content(IEnumerable<string> types, Func<JsonObject> schema)
    {
        var content = new JsonObject();
        foreach (var type in types)
        {
            content[type] = new JsonObject { ["schema"] = schema() };
        }

        return new JsonObject { ["content"] = content };
    }
}
