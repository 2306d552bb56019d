using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ActorOrchestrator.Actors.NodeAgent.Pods;
using ActorOrchestrator.Contracts.Resources;
using k8s.Models;

namespace ActorOrchestrator.Actors.NodeAgent.Containers;

/// <param name="Variables">In the order of the specification, the last of a name winning.</param>
/// <param name="Error">In the kubelet's words; empty when all is well. The container waits with CreateContainerConfigError until it is.</param>
public sealed record ContainerEnvironment(ImmutableArray<KeyValuePair<string, string>> Variables, string Error);

/// <summary>A container's environment: services, envFrom, env with references and <c>$(NAME)</c> expansion (kubelet's makeEnvironmentVariables).</summary>
public static class EnvironmentBuilder
{
    /// <param name="pod">The container's pod.</param>
    /// <param name="container">The container.</param>
    /// <param name="facts">Of the pod and its node.</param>
    /// <param name="find">ConfigMaps and Secrets, as they are known here.</param>
    /// <param name="services">The services of the pod's namespace, and <c>default/kubernetes</c>.</param>
    public static ContainerEnvironment Build(V1Pod pod, V1Container container, PodFacts facts, Func<ObjectKey, StoredObject?> find, IEnumerable<V1Service> services)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var from in container.EnvFrom ?? [])
        {
            if (From(pod, from, find, Set) is { Length: > 0 } error)
            {
                return new ContainerEnvironment([], error);
            }
        }

        var serviceVariables = ServiceVariables(pod, services);
        foreach (var variable in container.Env ?? [])
        {
            string? value;
            if (variable.ValueFrom is { } source)
            {
                value = Referenced(pod, container, source, facts, find, out var error);
                if (error.Length > 0)
                {
                    return new ContainerEnvironment([], error);
                }

                if (value is null)
                {
                    continue;
                }
            }
            else
            {
                value = Expand(variable.Value ?? "", name => result.TryGetValue(name, out var known) || serviceVariables.TryGetValue(name, out known) ? known : null);
            }

            Set(variable.Name, value);
        }

        foreach (var (name, value) in serviceVariables)
        {
            if (!result.ContainsKey(name))
            {
                Set(name, value);
            }
        }

        return new ContainerEnvironment([.. order.Select(name => KeyValuePair.Create(name, result[name]))], "");

        void Set(string name, string value)
        {
            if (!result.ContainsKey(name))
            {
                order.Add(name);
            }

            result[name] = value;
        }
    }

    public static bool NeedsAddress(V1Container container) =>
        (container.Env ?? []).Any(variable => variable.ValueFrom?.FieldRef is { } field && FieldReferences.NeedsAddress(field.FieldPath));

    /// <summary><c>$(NAME)</c> becomes its value, <c>$$</c> a dollar; what is unknown stays as written (API reference of Container.command).</summary>
    public static string Expand(string text, Func<string, string?> lookup)
    {
        if (!text.Contains('$'))
        {
            return text;
        }

        var expanded = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                expanded.Append(text[i]);
                continue;
            }

            i++;
            if (text[i] == '$')
            {
                expanded.Append('$');
                continue;
            }

            var close = text[i] == '(' ? text.IndexOf(')', i) : -1;
            if (close < 0)
            {
                expanded.Append('$').Append(text[i]);
                continue;
            }

            var name = text[(i + 1)..close];
            expanded.Append(lookup(name) ?? $"$({name})");
            i = close;
        }

        return expanded.ToString();
    }

    private static string From(V1Pod pod, V1EnvFromSource source, Func<ObjectKey, StoredObject?> find, Action<string, string> set)
    {
        var isSecret = source.SecretRef is not null;
        var name = source.SecretRef?.Name ?? source.ConfigMapRef?.Name ?? "";
        var optional = (source.SecretRef?.Optional ?? source.ConfigMapRef?.Optional) == true;
        var found = find(new ObjectKey(isSecret ? ResourceTypes.Secrets : ResourceTypes.ConfigMaps, pod.Metadata.NamespaceProperty, name));
        if (found is null)
        {
            return optional ? "" : $"{(isSecret ? "secret" : "configmap")} \"{name}\" not found";
        }

        var entries = isSecret
            ? (found.As<V1Secret>().Data ?? new Dictionary<string, byte[]>()).Select(entry => KeyValuePair.Create(entry.Key, Encoding.UTF8.GetString(entry.Value)))
            : found.As<V1ConfigMap>().Data ?? new Dictionary<string, string>();
        foreach (var (key, value) in entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            set(source.Prefix + key, value);
        }

        return "";
    }

    /// <summary>Null without an error is an optional reference to what is not there: the variable is left out.</summary>
    private static string? Referenced(V1Pod pod, V1Container container, V1EnvVarSource source, PodFacts facts, Func<ObjectKey, StoredObject?> find, out string error)
    {
        error = "";
        if (source.FieldRef is { } field)
        {
            return FieldReferences.Field(pod, field.FieldPath, facts, out error);
        }

        if (source.ResourceFieldRef is { } resource)
        {
            return FieldReferences.Resource(pod, container, resource, facts, out error);
        }

        var ns = pod.Metadata.NamespaceProperty;
        if (source.ConfigMapKeyRef is { } map)
        {
            var found = find(new ObjectKey(ResourceTypes.ConfigMaps, ns, map.Name));
            string? value = null;
            var has = found?.As<V1ConfigMap>().Data?.TryGetValue(map.Key, out value) == true;
            error = has || map.Optional == true ? "" : found is null ? $"configmap \"{map.Name}\" not found" : $"couldn't find key {map.Key} in ConfigMap {ns}/{map.Name}";
            return value;
        }

        if (source.SecretKeyRef is { } secret)
        {
            var found = find(new ObjectKey(ResourceTypes.Secrets, ns, secret.Name));
            byte[]? value = null;
            var has = found?.As<V1Secret>().Data?.TryGetValue(secret.Key, out value) == true;
            error = has || secret.Optional == true ? "" : found is null ? $"secret \"{secret.Name}\" not found" : $"couldn't find key {secret.Key} in Secret {ns}/{secret.Name}";
            return value is null ? null : Encoding.UTF8.GetString(value);
        }

        return "";
    }

    /// <summary>Docker-links compatible variables of services that were there first (kubelet's envvars.FromServices).</summary>
    private static Dictionary<string, string> ServiceVariables(V1Pod pod, IEnumerable<V1Service> services)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in services)
        {
            var isMaster = service.Metadata is { NamespaceProperty: "default", Name: "kubernetes" };
            var wanted = isMaster || (service.Metadata.NamespaceProperty == pod.Metadata.NamespaceProperty && pod.Spec.EnableServiceLinks != false);
            if (!wanted || string.IsNullOrEmpty(service.Spec.ClusterIP) || service.Spec.ClusterIP == "None" || service.Spec.Ports is not { Count: > 0 } ports)
            {
                continue;
            }

            var prefix = service.Metadata.Name.ToUpperInvariant().Replace('-', '_');
            variables[$"{prefix}_SERVICE_HOST"] = service.Spec.ClusterIP;
            variables[$"{prefix}_SERVICE_PORT"] = Text(ports[0].Port);
            foreach (var port in ports.Where(port => !string.IsNullOrEmpty(port.Name)))
            {
                variables[$"{prefix}_SERVICE_PORT_{port.Name.ToUpperInvariant().Replace('-', '_')}"] = Text(port.Port);
            }

            for (var i = 0; i < ports.Count; i++)
            {
                var protocol = ports[i].Protocol ?? "TCP";
                var address = $"{protocol.ToLowerInvariant()}://{service.Spec.ClusterIP}:{Text(ports[i].Port)}";
                if (i == 0)
                {
                    variables[$"{prefix}_PORT"] = address;
                }

                var portPrefix = $"{prefix}_PORT_{Text(ports[i].Port)}_{protocol}";
                variables[portPrefix] = address;
                variables[$"{portPrefix}_PROTO"] = protocol.ToLowerInvariant();
                variables[$"{portPrefix}_PORT"] = Text(ports[i].Port);
                variables[$"{portPrefix}_ADDR"] = service.Spec.ClusterIP;
            }
        }

        return variables;

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
