using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>What of a pod its containers refer to.</summary>
/// <param name="Volumes">The sound volumes by their names.</param>
/// <param name="Claims">The names of the resource claims.</param>
/// <param name="Spec">The pod's specification.</param>
internal sealed record ContainerSurroundings(Dictionary<string, JsonObject> Volumes, HashSet<string> Claims, JsonObject Spec);

/// <summary>The rules for a pod's containers of all three kinds.</summary>
internal static class ContainerValidation
{
    private const string NotForEphemeral = "cannot be set for an Ephemeral Container";
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];
    private static readonly string[] MessagePolicies = ["File", "FallbackToLogsOnError"];
    private static readonly string[] ResizedResources = ["cpu", "memory"];
    private static readonly string[] ResizePolicies = ["NotRequired", "RestartContainer"];
    private static readonly string[] NoneOfEphemeral =
        ["ports", "resources", "resizePolicy", "restartPolicy", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"];

    internal static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    public static void All(JsonObject spec, ContainerSurroundings around, FieldPath path, FieldErrors errors)
    {
        if (spec.Count("containers") == 0)
        {
            errors.Required(path.Field("containers"));
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        Regular(spec, around, names, path.Field("containers"), errors);
        Init(spec, around, names, path.Field("initContainers"), errors);
        if (spec.Count("ephemeralContainers") > 0)
        {
            Ephemeral(spec, around, names, path.Field("ephemeralContainers"), errors);
        }
    }

    private static void Regular(JsonObject spec, ContainerSurroundings around, HashSet<string> names, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, container) in spec.Items("containers").Index())
        {
            var at = path.Index(index);
            Common(container, around, at, errors);
            Unique(container, names, at, errors);
            ProbeValidation.All(container, spec, at, errors);
            if (container.Has("restartPolicy"))
            {
                errors.Forbidden(at.Field("restartPolicy"), "may not be set for non-init containers");
            }
        }

        HashSet<string> taken = new(StringComparer.Ordinal);
        foreach (var (index, container) in spec.Items("containers").Index())
        {
            HostPorts(container, taken, path.Index(index).Field("ports"), errors);
        }
    }

    private static void Init(JsonObject spec, ContainerSurroundings around, HashSet<string> names, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, container) in spec.Items("initContainers").Index())
        {
            var at = path.Index(index);
            var policy = container.Text("restartPolicy");
            Common(container, around, at, errors);
            if (container.Has("restartPolicy") && policy != "Always")
            {
                errors.NotSupported(at.Field("restartPolicy"), policy, "Always");
            }

            Unique(container, names, at, errors);

            // They run one by one, so each is looked at alone; upstream calls each of them the first.
            HostPorts(container, new HashSet<string>(StringComparer.Ordinal), path.Index(0).Field("ports"), errors);
            if (policy == "Always")
            {
                ProbeValidation.All(container, spec, at, errors);
                continue;
            }

            foreach (var field in (ReadOnlySpan<string>)["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"])
            {
                if (container.Has(field))
                {
                    errors.Forbidden(at.Field(field), "may not be set for init containers without restartPolicy=Always");
                }
            }
        }
    }

    private static void Ephemeral(JsonObject spec, ContainerSurroundings around, HashSet<string> names, FieldPath path, FieldErrors errors)
    {
        HashSet<string> others = [.. names];
        foreach (var (index, container) in spec.Items("ephemeralContainers").Index())
        {
            var at = path.Index(index);
            Common(container, around, at, errors);
            ImageOfPod(container, at, errors);
            Unique(container, names, at, errors);
            if (container.Text("targetContainerName") is { Length: > 0 } target && !others.Contains(target))
            {
                errors.NotFound(at.Field("targetContainerName"), target);
            }

            foreach (var field in NoneOfEphemeral)
            {
                if (container[field] is JsonObject { Count: > 0 } or JsonArray { Count: > 0 } or JsonValue)
                {
                    errors.Forbidden(at.Field(field), NotForEphemeral);
                }
            }

            foreach (var (place, mount) in container.Items("volumeMounts").Index())
            {
                foreach (var field in (ReadOnlySpan<string>)["subPath", "subPathExpr"])
                {
                    if (mount.Text(field).Length > 0)
                    {
                        errors.Forbidden(at.Field("volumeMounts").Index(place).Field(field), NotForEphemeral);
                    }
                }
            }
        }
    }

    /// <summary>Templates may have images with spaces around them: some are filled in before pods are made.</summary>
    public static void ImageOfPod(JsonObject container, FieldPath path, FieldErrors errors)
    {
        if (container.Text("image") is var image && image.Trim().Length != image.Length)
        {
            errors.Invalid(path.Field("image"), image, "must not have leading or trailing whitespace");
        }
    }

    private static void Common(JsonObject container, ContainerSurroundings around, FieldPath path, FieldErrors errors)
    {
        var name = container.Text("name");
        if (name.Length == 0)
        {
            errors.Required(path.Field("name"));
        }
        else
        {
            errors.Check(path.Field("name"), name, Names.Dns1123Label(name));
        }

        if (container.Text("image").Length == 0)
        {
            errors.Required(path.Field("image"));
        }

        errors.OneOf(path.Field("terminationMessagePolicy"), container.Text("terminationMessagePolicy"), MessagePolicies);
        Ports(container, path.Field("ports"), errors);
        EnvironmentValidation.Env(container, path, errors);
        MountValidation.Mounts(container, around.Volumes, path.Field("volumeMounts"), errors);
        MountValidation.Devices(container, around.Volumes, path.Field("volumeDevices"), errors);
        errors.OneOf(path.Field("imagePullPolicy"), container.Text("imagePullPolicy"), PullPolicies);
        ResourceValidation.Requirements(container.Child("resources"), around.Claims, path.Field("resources"), errors);
        Resizing(container, around.Spec, path.Field("resizePolicy"), errors);
        SecurityContextValidation.OfContainer(container, around.Spec, path.Field("securityContext"), errors);
    }

    private static void Unique(JsonObject container, HashSet<string> names, FieldPath path, FieldErrors errors)
    {
        if (container.Text("name") is { Length: > 0 } name && !names.Add(name))
        {
            errors.Duplicate(path.Field("name"), name);
        }
    }

    private static void Ports(JsonObject container, FieldPath path, FieldErrors errors)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var (index, port) in container.Items("ports").Index())
        {
            var at = path.Index(index);
            if (port.Text("name") is { Length: > 0 } name)
            {
                var problems = Names.PortName(name);
                errors.Check(at.Field("name"), name, problems);
                if (problems.Count == 0 && !names.Add(name))
                {
                    errors.Duplicate(at.Field("name"), name);
                }
            }

            if (port.Number("containerPort") is { } number and not 0)
            {
                errors.Port(at.Field("containerPort"), number);
            }
            else
            {
                errors.Required(at.Field("containerPort"));
            }

            if (port.Number("hostPort") is { } host and not 0)
            {
                errors.Port(at.Field("hostPort"), host);
            }

            errors.OneOf(at.Field("protocol"), port.Text("protocol"), Protocols);
        }
    }

    private static void HostPorts(JsonObject container, HashSet<string> taken, FieldPath path, FieldErrors errors)
    {
        foreach (var (index, port) in container.Items("ports").Index())
        {
            if (port.Number("hostPort") is { } host and not 0 && $"{port.Text("protocol")}/{port.Text("hostIP")}/{host}" is var claim && !taken.Add(claim))
            {
                errors.Duplicate(path.Index(index).Field("hostPort"), claim);
            }
        }
    }

    private static void Resizing(JsonObject container, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, policy) in container.Items("resizePolicy").Index())
        {
            var (resource, restart) = (policy.Text("resourceName"), policy.Text("restartPolicy"));
            if (!seen.Add(resource))
            {
                errors.Duplicate(path.Index(index), resource);
            }

            // The two fields are told by the place of the list.
            errors.OneOf(path, resource, ResizedResources);
            errors.OneOf(path, restart, ResizePolicies);
            if (spec.Text("restartPolicy") == "Never" && restart != "NotRequired")
            {
                errors.Invalid(path, restart, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
            }
        }
    }
}
