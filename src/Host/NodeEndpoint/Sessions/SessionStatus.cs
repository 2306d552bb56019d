using System.Text.Json.Nodes;

namespace ActorOrchestrator.Host.NodeEndpoint.Sessions;

/// <summary>How a session ended, as the Status that clients of <c>remotecommand</c> read.</summary>
internal static class SessionStatus
{
    public static byte[] Success { get; } = Bytes(new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" });

    public static byte[] OfExitCode(int code) => code == 0 ? Success : Bytes(new JsonObject
    {
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = $"command terminated with non-zero exit code: exit status {code}",
        ["reason"] = "NonZeroExitCode",
        ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = code.ToString(System.Globalization.CultureInfo.InvariantCulture) }) },
    });

    public static byte[] InternalError(string message) => Bytes(new JsonObject
    {
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = $"Internal error occurred: {message}",
        ["reason"] = "InternalError",
        ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) },
        ["code"] = 500,
    });

    /// <summary>What clients of the first three versions of the protocol get: nothing when all is well.</summary>
    public static string MessageOf(ReadOnlySpan<byte> status)
    {
        var read = JsonNode.Parse(status);
        return (string?)read?["status"] == "Success" ? "" : (string?)read?["message"] ?? "";
    }

    private static byte[] Bytes(JsonObject status) => System.Text.Encoding.UTF8.GetBytes(status.ToJsonString(Plain));

    private static readonly System.Text.Json.JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
