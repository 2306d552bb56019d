using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Strategies;

/// <summary>Ephemeral containers are added to a pod that is there, and stay as they are for its life. They promise nothing, so nothing can be asked of them.</summary>
internal static class PodEphemeralContainers
{
    private const string Path = "spec.ephemeralContainers";
    private const string MirrorAnnotation = "kubernetes.io/config.mirror";

    public static void Validate(JsonObject obj, JsonObject old, FieldErrors errors)
    {
        if (old.Object("metadata").Object("annotations")?[MirrorAnnotation] is not null)
        {
            errors.Forbidden("", "static pods do not support ephemeral containers");
            return;
        }

        var mine = Containers(obj.Object("spec"), "ephemeralContainers").ToList();
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
}
