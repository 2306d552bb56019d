using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Admission;

/// <summary>Which Secrets and ConfigMaps a pod asks for anywhere (upstream's <c>VisitPodSecretNames</c> and <c>VisitPodConfigmapNames</c>).</summary>
internal static class PodReferences
{
    private static readonly string[] Containers = ["initContainers", "containers", "ephemeralContainers"];
    private static readonly string[] SecretFields = ["secretName", "secretRef", "nodePublishSecretRef"];

    public static bool HasSecrets(JsonObject spec) =>
        spec.Array("imagePullSecrets") is { Count: > 0 }
        || HasVariables(spec, "secretKeyRef", "secretRef")
        || Sources(spec).Any(source => SecretFields.Any(field => source?[field] is not null))
        || Projected(spec).Any(source => source.Object("secret") is not null);

    public static bool HasConfigMaps(JsonObject spec) =>
        HasVariables(spec, "configMapKeyRef", "configMapRef")
        || (spec.Array("volumes") ?? []).Any(volume => volume.Object("configMap") is not null)
        || Projected(spec).Any(source => source.Object("configMap") is not null);

    public static bool HasTokens(JsonObject spec) => Projected(spec).Any(source => source.Object("serviceAccountToken") is not null);

    private static bool HasVariables(JsonObject spec, string one, string all) => Containers.SelectMany(list => spec.Array(list) ?? []).Any(container =>
        (container.Array("env") ?? []).Any(variable => variable.Object("valueFrom").Object(one) is not null)
        || (container.Array("envFrom") ?? []).Any(source => source.Object(all) is not null));

    private static IEnumerable<JsonObject?> Sources(JsonObject spec) =>
        (spec.Array("volumes") ?? []).OfType<JsonObject>().SelectMany(volume => volume.Select(property => property.Value as JsonObject));

    private static IEnumerable<JsonNode?> Projected(JsonObject spec) => (spec.Array("volumes") ?? []).SelectMany(volume => volume.Object("projected").Array("sources") ?? []);
}
