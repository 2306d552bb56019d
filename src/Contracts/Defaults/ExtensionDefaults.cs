using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Defaults;

/// <summary>The kinds by which the API is extended.</summary>
internal static class ExtensionDefaults
{
    public static void Definition(JsonObject definition)
    {
        var spec = definition.ChildOrNew("spec");
        if (spec.Child("names") is { } names && names.Text("kind") is { Length: > 0 } kind)
        {
            names.DefaultText("singular", kind.ToLowerInvariant());
            names.DefaultText("listKind", kind + "List");
        }

        spec.DefaultAbsent("conversion", new JsonObject { ["strategy"] = "None" });
        Port(spec.Child("conversion")?.Child("webhook")?.Child("clientConfig")?.Child("service"));
    }

    public static void ApiService(JsonObject service) => Port(service.Child("spec")?.Child("service"));

    private static void Port(JsonObject? service) => service?.DefaultAbsent("port", 443);
}
