using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Patching;

/// <summary>JSON merge patch, RFC 7386.</summary>
public static class MergePatch
{
    /// <summary>Applies the patch to the target, which is changed and returned. The patch is left as it is.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject nested when target[name] is JsonObject existing:
                    Apply(existing, nested);
                    break;
                case JsonObject nested:
                    target[name] = Apply([], nested);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }

        return target;
    }
}
