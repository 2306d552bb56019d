using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ActorOrchestrator.Actors.Resources.Admission.PodSecurity;

/// <summary>The Pod Security Standards, <c>baseline</c> and <c>restricted</c>, in the words and the order of upstream's pod-security-admission.</summary>
internal static class PodSecurityChecks
{
    private static readonly FrozenSet<string> BaselineCapabilities = new[]
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>And since which version of the standards.</summary>
    private static readonly FrozenDictionary<string, int> SafeSysctls = new Dictionary<string, int>
    {
        ["kernel.shm_rmid_forced"] = 0, ["net.ipv4.ip_local_port_range"] = 0, ["net.ipv4.tcp_syncookies"] = 0,
        ["net.ipv4.ping_group_range"] = 0, ["net.ipv4.ip_unprivileged_port_start"] = 0, ["net.ipv4.ip_local_reserved_ports"] = 27,
        ["net.ipv4.tcp_keepalive_time"] = 29, ["net.ipv4.tcp_fin_timeout"] = 29, ["net.ipv4.tcp_keepalive_intvl"] = 29,
        ["net.ipv4.tcp_keepalive_probes"] = 29, ["net.ipv4.tcp_rmem"] = 32, ["net.ipv4.tcp_wmem"] = 32,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> SafeVolumes = new[]
    {
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret", "image", "name",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, int> SafeTypes = new Dictionary<string, int>
    {
        [""] = 0, ["container_t"] = 0, ["container_init_t"] = 0, ["container_kvm_t"] = 0, ["container_engine_t"] = 31,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What a pod violates: reason and detail, as <c>reason (detail)</c> joined by commas; empty when nothing.</summary>
    /// <param name="asked">Of the standards, and by the rules of which version.</param>
    /// <param name="pod">Metadata and specification.</param>
    public static IReadOnlyList<(string Reason, string Detail)> Violations(PodSecurityLevel asked, JsonObject pod)
    {
        var (level, minor) = (asked.Level, asked.Minor);
        var spec = pod.Object("spec");
        var found = new List<(string, string)>();
        if (level == "privileged" || spec is null)
        {
            return found;
        }

        var restricted = level == "restricted";
        var windows = minor >= 25 && spec.Object("os").Text("name") == "windows";
        JsonObject[] containers = [.. ((string[])["initContainers", "containers", "ephemeralContainers"]).SelectMany(list => spec.Array(list) ?? []).OfType<JsonObject>()];
        AppArmor(pod, spec, containers, found);
        if (!restricted || minor < 22)
        {
            Name(found, "non-default capabilities", containers, c => Added(c).Any(cap => !BaselineCapabilities.Contains(cap)), bad =>
                $"must not include {Quoted(bad.SelectMany(Added).Where(cap => !BaselineCapabilities.Contains(cap)))} in securityContext.capabilities.add");
        }

        var namespaces = ((string[])["hostNetwork", "hostPID", "hostIPC"]).Where(name => spec.Flag(name)).Select(name => $"{name}=true").ToArray();
        if (namespaces.Length > 0)
        {
            found.Add(("host namespaces", string.Join(", ", namespaces)));
        }

        if (!restricted && Volumes(spec, volume => volume["hostPath"] is not null) is { Length: > 0 } paths)
        {
            found.Add(("hostPath volumes", $"{Plural("volume", paths.Length)} {Listed(paths)}"));
        }

        HostPorts(containers, found);
        if (minor >= 34)
        {
            HandlerHosts(containers, found);
        }

        Name(found, "privileged", containers, c => Context(c).Flag("privileged"), _ => "must not set securityContext.privileged=true");
        Name(found, "procMount", containers, c => Context(c).Text("procMount") is not ("" or "Default"), bad => $"must not set securityContext.procMount to {Quoted(bad.Select(c => Context(c).Text("procMount")))}");
        SeLinux(spec, containers, minor, found);
        if (minor < 19)
        {
            SeccompAnnotations(pod, containers, found);
        }
        else if (!restricted)
        {
            Seccomp(spec, containers, found, required: false);
        }

        var sysctls = (spec.Object("securityContext").Array("sysctls") ?? []).Select(item => item.Text("name")).Where(name => !(SafeSysctls.TryGetValue(name, out var since) && since <= minor)).ToArray();
        if (sysctls.Length > 0)
        {
            found.Add(("forbidden sysctls", string.Join(", ", sysctls)));
        }

        Setters(found, "hostProcess", spec, containers, context => context.Object("windowsOptions").Flag("hostProcess"), _ => "must not set securityContext.windowsOptions.hostProcess=true");
        if (restricted)
        {
            Restricted(spec, containers, minor, windows, found);
        }

        return found;
    }

    public static string Explain(IEnumerable<(string Reason, string Detail)> violations) =>
        string.Join(", ", violations.Select(item => item.Detail.Length == 0 ? item.Reason : $"{item.Reason} ({item.Detail})"));

    private static void Restricted(JsonObject spec, JsonObject[] containers, int minor, bool windows, List<(string, string)> found)
    {
        if (minor >= 8 && !windows)
        {
            Name(found, "allowPrivilegeEscalation != false", containers, c => !IsFalse(Context(c)?["allowPrivilegeEscalation"]), _ => "must set securityContext.allowPrivilegeEscalation=false");
        }

        if (minor >= 22 && !windows)
        {
            Capabilities(containers, found);
        }

        if (Volumes(spec, IsUnsafe) is { Length: > 0 } volumes)
        {
            var types = (spec.Array("volumes") ?? []).OfType<JsonObject>().Where(IsUnsafe).Select(volume => volume.First(pair => !SafeVolumes.Contains(pair.Key)).Key).Distinct().Order(StringComparer.Ordinal).ToArray();
            found.Add(("restricted volume types", $"{Plural("volume", volumes.Length)} {Listed(volumes)} {(volumes.Length == 1 ? "uses" : "use")} {Plural("restricted volume type", types.Length)} {Listed(types)}"));
        }

        NonRoot(spec, containers, found);
        if (minor >= 23)
        {
            Setters(found, "runAsUser=0", spec, containers, context => context.Number("runAsUser") == 0, _ => "must not set runAsUser=0");
        }

        if (minor >= 19 && !windows)
        {
            Seccomp(spec, containers, found, required: true);
        }
    }

    private static void AppArmor(JsonObject pod, JsonObject spec, JsonObject[] containers, List<(string, string)> found)
    {
        var setters = new List<string>();
        var values = new SortedSet<string>(StringComparer.Ordinal);
        Collect(spec, containers, context => context.Object("appArmorProfile").Text("type") is not ("" or "RuntimeDefault" or "Localhost"), context => values.Add($"\"{context.Object("appArmorProfile").Text("type")}\""), setters);
        var annotations = (pod.Object("metadata").Object("annotations") ?? [])
            .Where(pair => pair.Key.StartsWith("container.apparmor.security.beta.kubernetes.io/", StringComparison.Ordinal))
            .Where(pair => pair.Value?.ToString() is not ("" or "runtime/default") && pair.Value?.ToString().StartsWith("localhost/", StringComparison.Ordinal) != true)
            .Select(pair => $"{pair.Key}=\"{pair.Value}\"").Order(StringComparer.Ordinal).ToArray();
        if (annotations.Length > 0)
        {
            setters.Add(Plural("annotation", annotations.Length));
            values.UnionWith(annotations);
        }

        if (setters.Count > 0)
        {
            found.Add((Plural("forbidden AppArmor profile", values.Count), $"{string.Join(" and ", setters)} must not set AppArmor profile type to {string.Join(", ", values)}"));
        }
    }

    private static void HostPorts(JsonObject[] containers, List<(string, string)> found)
    {
        var bad = containers.Where(c => Ports(c).Any()).ToArray();
        if (bad.Length > 0)
        {
            var ports = bad.SelectMany(Ports).Select(port => port.ToString(System.Globalization.CultureInfo.InvariantCulture)).Distinct().Order(StringComparer.Ordinal).ToArray();
            found.Add(("hostPort", $"{Plural("container", bad.Length)} {Listed(bad.Select(c => c.Text("name")))} {(bad.Length == 1 ? "uses" : "use")} {Plural("hostPort", ports.Length)} {string.Join(", ", ports)}"));
        }

        static IEnumerable<long> Ports(JsonObject container) => (container.Array("ports") ?? []).Select(port => port.Number("hostPort") ?? 0).Where(port => port != 0);
    }

    /// <summary>Probes and hooks reach the pod itself, not another host (since v1.34).</summary>
    private static void HandlerHosts(JsonObject[] containers, List<(string, string)> found)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var hosts = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var container in containers)
        {
            var lifecycle = container.Object("lifecycle");
            JsonObject?[] handlers =
            [
                container.Object("livenessProbe"), container.Object("readinessProbe"), container.Object("startupProbe"), lifecycle.Object("postStart"), lifecycle.Object("preStop"),
            ];
            foreach (var host in handlers.SelectMany(handler => (string[])[handler.Object("httpGet").Text("host"), handler.Object("tcpSocket").Text("host")]).Where(host => host.Length > 0))
            {
                names.Add(container.Text("name"));
                hosts.Add(host);
            }
        }

        if (names.Count > 0)
        {
            found.Add(("probe or lifecycle host", $"{Plural("container", names.Count)} {Listed(names)} {(names.Count == 1 ? "uses" : "use")} {Plural("probe or lifecycle host", hosts.Count)} {Listed(hosts)}"));
        }
    }

    private static void SeLinux(JsonObject spec, JsonObject[] containers, int minor, List<(string, string)> found)
    {
        var setters = new List<string>();
        var types = new SortedSet<string>(StringComparer.Ordinal);
        var (user, role) = (false, false);
        Collect(spec, containers, IsBad, Note, setters);
        if (setters.Count > 0)
        {
            var data = new List<string>();
            if (types.Count > 0)
            {
                data.Add($"{Plural("type", types.Count)} {Listed(types)}");
            }

            data.AddRange(user ? ["user may not be set"] : []);
            data.AddRange(role ? ["role may not be set"] : []);
            found.Add(("seLinuxOptions", $"{string.Join(" and ", setters)} set forbidden securityContext.seLinuxOptions: {string.Join("; ", data)}"));
        }

        bool IsSafe(string type) => SafeTypes.TryGetValue(type, out var since) && since <= minor;

        bool IsBad(JsonObject context) => context.Object("seLinuxOptions") is { } options
            && (!IsSafe(options.Text("type")) || options.Text("user").Length > 0 || options.Text("role").Length > 0);

        void Note(JsonObject context)
        {
            var options = context.Object("seLinuxOptions");
            _ = IsSafe(options.Text("type")) || types.Add(options.Text("type"));
            user |= options.Text("user").Length > 0;
            role |= options.Text("role").Length > 0;
        }
    }

    private static void Capabilities(JsonObject[] containers, List<(string, string)> found)
    {
        var details = new List<string>();
        var undropped = containers.Where(c => !Context(c).Object("capabilities").Strings("drop").Contains("ALL")).ToArray();
        if (undropped.Length > 0)
        {
            details.Add($"{Plural("container", undropped.Length)} {Listed(undropped.Select(c => c.Text("name")))} must set securityContext.capabilities.drop=[\"ALL\"]");
        }

        var adding = containers.Where(c => Added(c).Any(cap => cap != "NET_BIND_SERVICE")).ToArray();
        if (adding.Length > 0)
        {
            details.Add($"{Plural("container", adding.Length)} {Listed(adding.Select(c => c.Text("name")))} must not include {Quoted(adding.SelectMany(Added).Where(cap => cap != "NET_BIND_SERVICE"))} in securityContext.capabilities.add");
        }

        if (details.Count > 0)
        {
            found.Add(("unrestricted capabilities", string.Join("; ", details)));
        }
    }

    private static void NonRoot(JsonObject spec, JsonObject[] containers, List<(string, string)> found)
    {
        var setters = new List<string>();
        Collect(spec, containers, context => IsFalse(context["runAsNonRoot"]), _ => { }, setters);
        if (setters.Count > 0)
        {
            found.Add(("runAsNonRoot != true", $"{string.Join(" and ", setters)} must not set securityContext.runAsNonRoot=false"));
        }
        else if (!spec.Object("securityContext").Flag("runAsNonRoot"))
        {
            Name(found, "runAsNonRoot != true", containers, c => !Context(c).Flag("runAsNonRoot"), _ => "must set securityContext.runAsNonRoot=true", "pod or ");
        }
    }

    private static void Seccomp(JsonObject spec, JsonObject[] containers, List<(string, string)> found, bool required)
    {
        var setters = new List<string>();
        var values = new SortedSet<string>(StringComparer.Ordinal);
        Collect(spec, containers, context => Type(context) is not ("" or "RuntimeDefault" or "Localhost"), context => values.Add(Type(context)), setters);
        if (setters.Count > 0)
        {
            found.Add(("seccompProfile", $"{string.Join(" and ", setters)} must not set securityContext.seccompProfile.type to {Listed(values)}"));
        }
        else if (required && Type(spec.Object("securityContext")).Length == 0)
        {
            Name(found, "seccompProfile", containers, c => Type(Context(c)).Length == 0, _ => "must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"", "pod or ");
        }

        static string Type(JsonObject? context) => context.Object("seccompProfile").Text("type");
    }

    /// <summary>What was looked at before v1.19 had the field.</summary>
    private static void SeccompAnnotations(JsonObject pod, JsonObject[] containers, List<(string, string)> found)
    {
        var annotations = pod.Object("metadata").Object("annotations");
        string[] keys = ["seccomp.security.alpha.kubernetes.io/pod", .. containers.Select(c => $"container.seccomp.security.alpha.kubernetes.io/{c.Text("name")}")];
        var bad = keys.Where(key => annotations?[key] is not null)
            .Select(key => (Key: key, Value: annotations.Text(key)))
            .Where(pair => pair.Value is not ("runtime/default" or "docker/default") && !pair.Value.StartsWith("localhost/", StringComparison.Ordinal))
            .Select(pair => $"{pair.Key}=\"{pair.Value}\"").Distinct().Order(StringComparer.Ordinal).ToArray();
        if (bad.Length > 0)
        {
            found.Add(("seccompProfile", $"forbidden {Plural("annotation", bad.Length)} {string.Join(", ", bad)}"));
        }
    }

    private static void Setters(
        List<(string, string)> found, string reason, JsonObject spec, JsonObject[] containers, Func<JsonObject, bool> isBad, Func<int, string> what)
    {
        var setters = new List<string>();
        Collect(spec, containers, isBad, _ => { }, setters);
        if (setters.Count > 0)
        {
            found.Add((reason, $"{string.Join(" and ", setters)} {what(setters.Count)}"));
        }
    }

    /// <summary>Who sets something bad: the pod, and the containers by name.</summary>
    private static void Collect(JsonObject spec, JsonObject[] containers, Func<JsonObject, bool> isBad, Action<JsonObject> note, List<string> setters)
    {
        if (spec.Object("securityContext") is { } own && isBad(own))
        {
            setters.Add("pod");
            note(own);
        }

        var bad = containers.Where(c => Context(c) is { } context && isBad(context)).ToArray();
        if (bad.Length > 0)
        {
            setters.Add($"{Plural("container", bad.Length)} {Listed(bad.Select(c => c.Text("name")))}");
            Array.ForEach(bad, c => note(Context(c)!));
        }
    }

    private static void Name(
        List<(string, string)> found, string reason, JsonObject[] containers, Func<JsonObject, bool> isBad, Func<JsonObject[], string> what, string before = "")
    {
        var bad = containers.Where(isBad).ToArray();
        if (bad.Length > 0)
        {
            found.Add((reason, $"{before}{Plural("container", bad.Length)} {Listed(bad.Select(c => c.Text("name")))} {what(bad)}"));
        }
    }

    private static JsonObject? Context(JsonObject container) => container.Object("securityContext");

    private static List<string> Added(JsonObject container) => Context(container).Object("capabilities").Strings("add");

    private static string[] Volumes(JsonObject spec, Func<JsonObject, bool> which) =>
        [.. (spec.Array("volumes") ?? []).OfType<JsonObject>().Where(which).Select(volume => volume.Text("name"))];

    private static bool IsUnsafe(JsonObject volume) => volume.Any(property => !SafeVolumes.Contains(property.Key));

    private static bool IsFalse(JsonNode? value) => value?.GetValueKind() == JsonValueKind.False;

    private static string Plural(string word, int count) => count == 1 ? word : word + "s";

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"\"{name}\""));

    private static string Quoted(IEnumerable<string> values) => Listed(values.Distinct().Order(StringComparer.Ordinal));
}
