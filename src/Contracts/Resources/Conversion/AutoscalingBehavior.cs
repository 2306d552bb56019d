using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Resources.Conversion;

/// <summary><c>spec.behavior</c> as the annotation of autoscaling/v1 has it: upstream writes its internal type there, with Go's own names, and reads them in any case.</summary>
internal static class AutoscalingBehavior
{
    private static readonly (string Go, string Json)[] Sides = [("ScaleUp", "scaleUp"), ("ScaleDown", "scaleDown")];

    private static readonly (string Go, string Json)[] Rules =
        [("StabilizationWindowSeconds", "stabilizationWindowSeconds"), ("SelectPolicy", "selectPolicy"), ("Policies", "policies"), ("Tolerance", "tolerance")];

    private static readonly (string Go, string Json)[] Policy = [("Type", "type"), ("Value", "value"), ("PeriodSeconds", "periodSeconds")];

    public static JsonObject ToV1(JsonObject behavior) => Map(behavior, Sides, (_, side) => side is JsonObject rules ? Map(rules, Rules, Named) : null);

    public static JsonObject ToV2(JsonObject behavior)
    {
        var made = new JsonObject();
        foreach (var (go, json) in Sides)
        {
            if (InAnyCase(behavior, go) is JsonObject rules)
            {
                made[json] = Read(rules, Rules, (name, value) => name == "policies" && value is JsonArray policies
                    ? new JsonArray([.. policies.OfType<JsonObject>().Select(policy => (JsonNode)Read(policy, Policy, (_, field) => field.DeepClone()))])
                    : value.DeepClone());
            }
        }

        return made;
    }

    private static JsonNode? Named(string name, JsonNode? value) => name == "Policies" && value is JsonArray policies
        ? new JsonArray([.. policies.OfType<JsonObject>().Select(policy => (JsonNode)Map(policy, Policy, (_, field) => field?.DeepClone()))])
        : value?.DeepClone();

    private static JsonObject Map(JsonObject from, (string Go, string Json)[] names, Func<string, JsonNode?, JsonNode?> value) =>
        new(names.Select(name => KeyValuePair.Create(name.Go, value(name.Go, from[name.Json]))));

    private static JsonObject Read(JsonObject from, (string Go, string Json)[] names, Func<string, JsonNode, JsonNode> value) => new(names
        .Select(name => (name.Json, Value: InAnyCase(from, name.Go))).Where(field => field.Value is not null)
        .Select(field => KeyValuePair.Create(field.Json, (JsonNode?)value(field.Json, field.Value!))));

    private static JsonNode? InAnyCase(JsonObject from, string name) =>
        from.FirstOrDefault(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
