using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Host.Api.Formats;

namespace ActorOrchestrator.Host.Api.OpenApi;

/// <summary>
/// A Swagger 2.0 document in the protobuf form that kubectl asks for (<c>openapi.v2.Document</c> of gnostic). Field numbers are those of its
/// OpenAPIv2.proto; fields that our documents never have are left out.
/// </summary>
internal static class GnosticV2
{
    private static readonly (string Method, int Field)[] Methods = [("get", 2), ("put", 3), ("post", 4), ("delete", 5), ("patch", 8)];

    public static byte[] Write(JsonObject document)
    {
        var info = document.Child("info")!;
        var paths = new ProtobufMessage();
        foreach (var (path, item) in document.Child("paths")!)
        {
            paths.Message(2, new ProtobufMessage().Text(1, path).Message(2, PathItem(item as JsonObject ?? [])));
        }

        return new ProtobufMessage()
            .Text(1, document.Text("swagger"))
            .Message(2, new ProtobufMessage().Text(1, info.Text("title")).Text(2, info.Text("version")))
            .Message(8, paths)
            .Message(9, NamedSchemas(document.Child("definitions")!))
            .ToArray();
    }

    private static ProtobufMessage PathItem(JsonObject item)
    {
        var message = new ProtobufMessage();
        foreach (var (method, field) in Methods)
        {
            message.Message(field, item.Child(method) is { } operation ? Operation(operation) : null);
        }

        foreach (var parameter in item.Items("parameters"))
        {
            message.Message(9, Parameter(parameter));
        }

        return message;
    }

    private static ProtobufMessage Operation(JsonObject operation)
    {
        var message = new ProtobufMessage()
            .Text(5, operation.Text("operationId"))
            .Texts(6, operation.Strings("produces"))
            .Texts(7, operation.Strings("consumes"));
        foreach (var parameter in operation.Items("parameters"))
        {
            message.Message(8, Parameter(parameter));
        }

        var responses = new ProtobufMessage();
        foreach (var (code, response) in operation.Child("responses") ?? [])
        {
            // Another server's document may be anything.
            var body = response as JsonObject ?? [];
            var described = new ProtobufMessage().Text(1, body.Text("description"));
            if (body.Child("schema") is { } schema)
            {
                described.Message(2, new ProtobufMessage().Message(1, Schema(schema)));
            }

            responses.Message(1, new ProtobufMessage().Text(1, code).Message(2, new ProtobufMessage().Message(1, described)));
        }

        message.Message(9, responses).Texts(10, operation.Strings("schemes"));
        return Extensions(message, 13, operation);
    }

    private static ProtobufMessage Parameter(JsonObject parameter)
    {
        var described = new ProtobufMessage();
        switch (parameter.Text("in"))
        {
            case "body":
                described.Message(1, new ProtobufMessage()
                    .Text(2, parameter.Text("name"))
                    .Text(3, "body")
                    .Flag(4, parameter.Flag("required"))
                    .Message(5, Schema(parameter.Child("schema") ?? [])));
                break;
            case "path":
                described.Message(2, new ProtobufMessage().Message(4, new ProtobufMessage()
                    .Flag(1, parameter.Flag("required"))
                    .Text(2, "path")
                    .Text(3, parameter.Text("description"))
                    .Text(4, parameter.Text("name"))
                    .Text(5, parameter.Text("type"))
                    .Flag(19, parameter.Flag("uniqueItems"))));
                break;
            default:
                described.Message(2, new ProtobufMessage().Message(3, new ProtobufMessage()
                    .Flag(1, parameter.Flag("required"))
                    .Text(2, "query")
                    .Text(3, parameter.Text("description"))
                    .Text(4, parameter.Text("name"))
                    .Text(6, parameter.Text("type"))
                    .Flag(20, parameter.Flag("uniqueItems"))));
                break;
        }

        return new ProtobufMessage().Message(1, described);
    }

    private static ProtobufMessage NamedSchemas(JsonObject schemas)
    {
        var message = new ProtobufMessage();
        foreach (var (name, schema) in schemas)
        {
            message.Message(1, new ProtobufMessage().Text(1, name).Message(2, Schema(schema as JsonObject ?? [])));
        }

        return message;
    }

    private static ProtobufMessage Schema(JsonObject schema)
    {
        var message = new ProtobufMessage()
            .Text(1, schema.Text("$ref"))
            .Text(2, schema.Text("format"))
            .Text(4, schema.Text("description"))
            .Texts(19, schema.Strings("required"));
        foreach (var value in schema.Strings("enum"))
        {
            message.Message(20, Any(value));
        }

        if (schema.Child("additionalProperties") is { } values)
        {
            message.Message(21, new ProtobufMessage().Message(1, Schema(values)));
        }

        if (schema.Text("type") is { Length: > 0 } type)
        {
            message.Message(22, new ProtobufMessage().Text(1, type));
        }

        if (schema.Child("items") is { } items)
        {
            message.Message(23, new ProtobufMessage().Message(1, Schema(items)));
        }

        if (schema.Child("properties") is { } properties)
        {
            message.Message(25, NamedSchemas(properties));
        }

        return Extensions(message, 31, schema);
    }

    private static ProtobufMessage Extensions(ProtobufMessage message, int field, JsonObject holder)
    {
        foreach (var (name, value) in holder.Where(property => property.Key.StartsWith("x-", StringComparison.Ordinal)))
        {
            message.Message(field, new ProtobufMessage().Text(1, name).Message(2, Any(value)));
        }

        return message;
    }

    private static ProtobufMessage Any(JsonNode? value) => new ProtobufMessage().Text(2, YamlText.Write(value));
}
