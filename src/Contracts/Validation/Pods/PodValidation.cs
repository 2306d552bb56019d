using System.Globalization;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for pods beside those for their specifications: annotations that mean something, and what is only for pods that are there.</summary>
internal static class PodValidation
{
    public const string Mirror = "kubernetes.io/config.mirror";
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";
    private const string Seccomp = "seccomp.security.alpha.kubernetes.io/pod";
    private const string ContainerSeccomp = "container.seccomp.security.alpha.kubernetes.io/";
    private const string AppArmor = "container.apparmor.security.beta.kubernetes.io/";

    public static void Pod(JsonObject pod, JsonObject? old, FieldErrors errors)
    {
        var metadata = pod.Child("metadata") ?? [];
        var path = FieldPath.Of("spec");

        // What was sound when it was stored is not judged again with every status.
        if (old is null || !JsonNode.DeepEquals(pod["spec"], old["spec"]) || !JsonNode.DeepEquals(metadata["annotations"], old.Child("metadata")?["annotations"]))
        {
            Annotations(metadata, pod.Child("spec") ?? [], errors);
            PodSpecValidation.Spec(pod.Child("spec"), path, errors, metadata);
            Tokens(pod.Child("spec") ?? [], path.Field("volumes"), errors);
            foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
            {
                foreach (var (index, container) in (pod.Child("spec") ?? []).Items(list).Index())
                {
                    ContainerValidation.ImageOfPod(container, path.Field(list).Index(index), errors);
                }
            }
        }

        if (old is null)
        {
            Creation(pod.Child("spec") ?? [], path, errors);
            return;
        }

        Status(pod, old, errors);
    }

    /// <summary>What the status endpoint can write.</summary>
    public static void Status(JsonObject pod, JsonObject? old, FieldErrors errors)
    {
        AnnotationChanges(pod.Child("metadata") ?? [], old?.Child("metadata") ?? [], errors);
        if (old is not null && !JsonNode.DeepEquals(pod["status"], old["status"]))
        {
            PodStatusValidation.Status(pod, old, errors);
        }
    }

    private static void Creation(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Count("ephemeralContainers") > 0)
        {
            errors.Forbidden(path.Field("ephemeralContainers"), "cannot be set on create");
        }

        if (spec.Text("nodeName").Length > 0 && spec.Count("schedulingGates") > 0)
        {
            errors.Forbidden(path.Field("nodeName"), "cannot be set until all schedulingGates have been cleared");
        }
    }

    private static void Tokens(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Text("serviceAccountName").Length > 0)
        {
            return;
        }

        foreach (var (index, volume) in spec.Items("volumes").Index())
        {
            foreach (var (place, _) in (volume.Child("projected") ?? []).Items("sources").Index().Where(entry => entry.Item.Has("serviceAccountToken")))
            {
                errors.Forbidden(path.Index(index).Field("projected").Field("sources").Index(place).Field("serviceAccountToken"), "must not be specified when serviceAccountName is not set");
            }
        }
    }

    private static void Annotations(JsonObject metadata, JsonObject spec, FieldErrors errors)
    {
        var path = FieldPath.Of("metadata", "annotations");
        foreach (var (key, value) in metadata.Pairs("annotations"))
        {
            switch (key)
            {
                case Mirror:
                    if (spec.Text("nodeName").Length == 0)
                    {
                        errors.Invalid(path.Key(key), value, "must set spec.nodeName if mirror pod annotation is set");
                    }

                    break;
                case DeletionCost:
                    if (!IsCost(value))
                    {
                        errors.Invalid(path.Key(key), value, "must be a 32bit integer");
                    }

                    break;
                case Seccomp:
                    Profile(value, path.Field(key), errors);
                    break;
                default:
                    OfContainer(key, value, spec, path, errors);
                    break;
            }
        }
    }

    private static void OfContainer(string key, string value, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (key.StartsWith(ContainerSeccomp, StringComparison.Ordinal))
        {
            Profile(value, path.Field(key), errors);
        }
        else if (key.StartsWith(AppArmor, StringComparison.Ordinal))
        {
            var name = key[AppArmor.Length..];
            if (!((string[])["initContainers", "containers", "ephemeralContainers"]).SelectMany(list => spec.Items(list)).Any(container => container.Text("name") == name))
            {
                errors.Invalid(path.Key(key), name, "container not found");
            }

            if (value is not ("" or "runtime/default" or "unconfined") && !value.StartsWith("localhost/", StringComparison.Ordinal))
            {
                errors.Invalid(path.Key(key), value, $"invalid AppArmor profile name: \"{value}\"");
            }
        }
    }

    private static void Profile(string value, FieldPath path, FieldErrors errors)
    {
        if (value.StartsWith("localhost/", StringComparison.Ordinal))
        {
            VolumeValidation.LocalPath(value["localhost/".Length..], path, errors);
        }
        else if (value is not ("runtime/default" or "docker/default" or "unconfined"))
        {
            errors.Invalid(path, value, "must be a valid seccomp profile");
        }
    }

    /// <summary>No plus sign and no leading zeros, so that equal costs are equal texts.</summary>
    private static bool IsCost(string value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) && cost.ToString(CultureInfo.InvariantCulture) == value;

    private static void AnnotationChanges(JsonObject metadata, JsonObject before, FieldErrors errors)
    {
        if (JsonNode.DeepEquals(metadata["annotations"], before["annotations"]))
        {
            return;
        }

        var path = FieldPath.Of("metadata", "annotations");
        var (now, had) = (metadata.Child("annotations") ?? [], before.Child("annotations") ?? []);
        foreach (var (key, _) in had.Where(pair => now.Text(pair.Key) != pair.Value?.ToString() || !now.Has(pair.Key)))
        {
            Told(key, "may not remove or update");
        }

        foreach (var (key, _) in now.Where(pair => !had.Has(pair.Key)))
        {
            Told(key, "may not add");
        }

        void Told(string key, string deed)
        {
            if (key.StartsWith(AppArmor, StringComparison.Ordinal))
            {
                errors.Forbidden(path.Key(key), $"{deed} AppArmor annotations");
            }
            else if (key == Mirror)
            {
                errors.Forbidden(path.Key(key), $"{deed} mirror pod annotation");
            }
        }
    }
}
