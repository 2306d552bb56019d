using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>The rules for a pod's containers.</summary>
internal static class ContainerValidation
{
    private static readonly string[] PullPolicies = ["Always", "IfNotPresent", "Never"];
    private static readonly string[] MessagePolicies = ["File", "FallbackToLogsOnError"];
    internal static readonly string[] Protocols = ["SCTP", "TCP", "UDP"];

    public static void All(JsonObject spec, HashSet<string> volumes, FieldPath path, FieldErrors errors)
    {
        if (spec.Count("containers") == 0)
        {
            errors.Required(path.Field("containers"));
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var list in new[] { "containers", "initContainers", "ephemeralContainers" })
        {
            HashSet<string> hostPorts = new(StringComparer.Ordinal);
            foreach (var (index, container) in spec.Items(list).Index())
            {
                var at = path.Field(list).Index(index);
                Name(container, names, at, errors);
                One(container, spec, volumes, at, errors);
                Ports(container, spec.Flag("hostNetwork"), hostPorts, at.Field("ports"), errors);
                RestartPolicy(container, list, at, errors);
                ProbeValidation.All(container, list, at, errors);
            }
        }
    }

    private static void Name(JsonObject container, HashSet<string> names, FieldPath path, FieldErrors errors)
    {
        var name = container.Text("name");
        if (name.Length == 0)
        {
            errors.Required(path.Field("name"));
            return;
        }

        errors.Check(path.Field("name"), name, Names.Dns1123Label(name));
        if (!names.Add(name))
        {
            errors.Duplicate(path.Field("name"), name);
        }
    }

    private static void One(JsonObject container, JsonObject spec, HashSet<string> volumes, FieldPath path, FieldErrors errors)
    {
        var image = container.Text("image");
        if (image.Length == 0)
        {
            errors.Required(path.Field("image"));
        }
        else if (image.Trim().Length != image.Length)
        {
            errors.Invalid(path.Field("image"), image, "must not have leading or trailing whitespace");
        }

        errors.OneOf(path.Field("imagePullPolicy"), container.Text("imagePullPolicy"), PullPolicies);
        errors.OneOf(path.Field("terminationMessagePolicy"), container.Text("terminationMessagePolicy"), MessagePolicies);
        EnvironmentValidation.Env(container, path, errors);
        Mounts(container, volumes, path.Field("volumeMounts"), errors);
        ResourceValidation.Requirements(container.Child("resources"), path.Field("resources"), errors);
        var security = container.Child("securityContext");
        if (security is not null && security.Flag("privileged") && security["allowPrivilegeEscalation"] is JsonValue && !security.Flag("allowPrivilegeEscalation"))
        {
            errors.Invalid(path.Field("securityContext"), security, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        }
    }

    private static void RestartPolicy(JsonObject container, string list, FieldPath path, FieldErrors errors)
    {
        if (container.Text("restartPolicy") is not { Length: > 0 } policy)
        {
            return;
        }

        if (list != "initContainers")
        {
            errors.Forbidden(path.Field("restartPolicy"), "may not be set for non-init containers");
        }
        else if (policy != "Always")
        {
            errors.NotSupported(path.Field("restartPolicy"), policy, "Always");
        }
    }

    private static void Ports(JsonObject container, bool hostNetwork, HashSet<string> hostPorts, FieldPath path, FieldErrors errors)
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

            var number = port.Number("containerPort") ?? 0;
            if (number == 0)
            {
                errors.Required(at.Field("containerPort"));
            }
            else
            {
                errors.Port(at.Field("containerPort"), number);
            }

            errors.OneOf(at.Field("protocol"), port.Text("protocol"), Protocols);
            if (port.Number("hostPort") is { } hostPort and not 0)
            {
                errors.Port(at.Field("hostPort"), hostPort);
                if (hostNetwork && hostPort != number)
                {
                    errors.Invalid(at.Field("containerPort"), number, "must match `hostPort` when `hostNetwork` is true");
                }

                var claim = $"{port.Text("protocol")}/{port.Text("hostIP")}/{hostPort}";
                if (!hostPorts.Add(claim))
                {
                    errors.Duplicate(at.Field("hostPort"), claim);
                }
            }
        }
    }

    private static void Mounts(JsonObject container, HashSet<string> volumes, FieldPath path, FieldErrors errors)
    {
        HashSet<string> paths = new(StringComparer.Ordinal);
        foreach (var (index, mount) in container.Items("volumeMounts").Index())
        {
            var at = path.Index(index);
            var name = mount.Text("name");
            if (name.Length == 0)
            {
                errors.Required(at.Field("name"));
            }

            if (!volumes.Contains(name))
            {
                errors.NotFound(at.Field("name"), name);
            }

            var mountPath = mount.Text("mountPath");
            if (mountPath.Length == 0)
            {
                errors.Required(at.Field("mountPath"));
            }
            else if (!paths.Add(mountPath))
            {
                errors.Invalid(at.Field("mountPath"), mountPath, "must be unique");
            }

            VolumeValidation.LocalPath(mount.Text("subPath"), at.Field("subPath"), errors);
            if (mount.Text("subPathExpr") is { Length: > 0 } expression)
            {
                VolumeValidation.LocalPath(expression, at.Field("subPathExpr"), errors);
                if (mount.Text("subPath").Length > 0)
                {
                    errors.Invalid(at.Field("subPathExpr"), expression, "subPathExpr and subPath are mutually exclusive");
                }
            }
        }
    }
}
