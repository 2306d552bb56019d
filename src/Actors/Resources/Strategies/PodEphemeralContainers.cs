using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>Ephemeral containers are added to a pod that is there, and stay as they are for its life. They promise nothing, so nothing can be asked of them.</summary>
internal static class PodEphemeralContainers
{
    private const string Path = "spec.ephemeralContainers";
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";
    private static readonly string[] Refused = ["ports", "resources", "resizePolicy", "restartPolicy", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];

    public static void Validate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (old.Object("metadata").Object("annotations")?[MirrorAnnotation] is not null)
        {
            errors.Forbidden("", "static pods do not support ephemeral containers");
            return;
        }

        var spec = obj.Object("spec");
        var mine = Containers(spec, "ephemeralContainers").ToList();
        foreach (var (index, container) in mine.Index())
        {
            Check(container, spec, $"{Path}[{index}]", errors);
        }

        foreach (var earlier in Containers(old.Object("spec"), "ephemeralContainers"))
        {
            var name = earlier.Text("name");
            var now = mine.Find(container => container.Text("name") == name);
            if (now is null)
            {
                errors.Forbidden(Path, $"existing ephemeral containers \"{name}\" may not be removed\n");
            }
            else if (!JsonNode.DeepEquals(now, earlier))
            {
                errors.Forbidden(Path, $"existing ephemeral containers \"{name}\" may not be changed\n");
            }
        }
    }

    private static IEnumerable<JsonObject> Containers(JsonObject? spec, string list) => (spec.Array(list) ?? []).OfType<JsonObject>();

    private static void Check(JsonObject container, JsonObject? spec, string path, FieldErrors errors)
    {
        foreach (var field in Refused)
        {
            if (container[field] is JsonObject { Count: > 0 } or JsonArray { Count: > 0 } or JsonValue)
            {
                errors.Forbidden($"{path}.{field}", "cannot be set for an Ephemeral Container");
            }
        }

        foreach (var (index, mount) in (container.Array("volumeMounts") ?? []).Index())
        {
            foreach (var field in (ReadOnlySpan<string>)["subPath", "subPathExpr"])
            {
                if (JsonNodes.Text(mount, field).Length > 0)
                {
                    errors.Forbidden($"{path}.volumeMounts[{index}].{field}", "cannot be set for an Ephemeral Container");
                }
            }
        }

        var target = container.Text("targetContainerName");
        if (target.Length > 0 && !Containers(spec, "containers").Any(candidate => candidate.Text("name") == target))
        {
            errors.NotFound($"{path}.targetContainerName", target);
        }
    }
}
