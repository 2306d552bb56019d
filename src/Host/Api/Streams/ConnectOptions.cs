using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Host.Api.Errors;

namespace ActorOrchestrator.Host.Api.Streams;

/// <summary>The query of a connection as the object that admission sees: <c>PodExecOptions</c>, <c>PodPortForwardOptions</c>, <c>PodProxyOptions</c> and so on.</summary>
internal static class ConnectOptions
{
    private static readonly string[] Streams = ["stdin", "stdout", "stderr", "tty"];

    /// <exception cref="ApiException">A value is not of its type.</exception>
    public static JsonObject Read(in ApiRequest request, string kind)
    {
        var query = request.Http.Request.Query;
        var options = new JsonObject { ["kind"] = kind, ["apiVersion"] = "v1" };
        switch (kind)
        {
            case "PodExecOptions" or "PodAttachOptions":
                foreach (var stream in Streams)
                {
                    if (Flag(query, stream))
                    {
                        options[stream] = true;
                    }
                }

                if (query["container"].ToString() is { Length: > 0 } container)
                {
                    options["container"] = container;
                }

                if (kind == "PodExecOptions")
                {
                    // Without a command there is still the field, as Go writes it.
                    options["command"] = query["command"] is { Count: > 0 } command ? new JsonArray([.. command.Select(word => (JsonNode?)JsonValue.Create(word))]) : null;
                }

                break;
            case "PodPortForwardOptions" when query["ports"] is { Count: > 0 } ports:
                options["ports"] = new JsonArray([.. ports.SelectMany(list => (list ?? "").Split(',')).Select(port => (JsonNode?)JsonValue.Create(Port(port)))]);
                break;
            case "PodProxyOptions" or "ServiceProxyOptions" or "NodeProxyOptions" when request.Path.Rest.Length > 0:
                options["path"] = "/" + request.Path.Rest.TrimStart('/');
                break;
        }

        return options;
    }

    /// <summary>As apimachinery reads a bool of a query: whatever is not a no is a yes.</summary>
    public static bool Flag(IQueryCollection query, string name) =>
        query.TryGetValue(name, out var asked) && asked.ToString() is var text && !(text == "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase));

    private static int Port(string? text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var port)
        ? port
        : throw ApiException.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
}
