using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation.Pods;

/// <summary>The rules for what a pod may ask of the system that it names, and for what it shares with its host.</summary>
internal static class OperatingSystemValidation
{
    private const string NotOnWindows = "cannot be set for a windows pod";
    private const string NotOnLinux = "windows options cannot be set for a linux pod";
    private static readonly string[] Lists = ["initContainers", "containers", "ephemeralContainers"];
    private static readonly string[] Systems = ["linux", "windows"];
    private static readonly string[] WindowsSignals = ["SIGKILL", "SIGTERM"];

    private static readonly string[] LinuxSignals =
    [
        .. ((string[])["SIGABRT", "SIGALRM", "SIGBUS", "SIGCHLD", "SIGCLD", "SIGCONT", "SIGFPE", "SIGHUP", "SIGILL", "SIGINT", "SIGIO", "SIGIOT", "SIGKILL", "SIGPIPE",
            "SIGPOLL", "SIGPROF", "SIGPWR", "SIGQUIT", "SIGSEGV", "SIGSTKFLT", "SIGSTOP", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU",
            "SIGURG", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ", "SIGRTMIN", "SIGRTMAX",
            .. Enumerable.Range(1, 15).Select(number => $"SIGRTMIN+{number}"), .. Enumerable.Range(1, 14).Select(number => $"SIGRTMAX-{number}")])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Where each field stands that a pod, and a container, for Windows cannot have.</summary>
    private static readonly string[] PodContext =
    [
        "appArmorProfile", "seLinuxOptions", "/hostUsers", "/hostPID", "/hostIPC", "seccompProfile", "fsGroup", "fsGroupChangePolicy", "sysctls",
        "/shareProcessNamespace", "runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy", "seLinuxChangePolicy",
    ];

    private static readonly string[] ContainerContext =
    [
        "appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities", "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation",
        "procMount", "runAsUser", "runAsGroup",
    ];

    public static void System(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Child("os") is not { } os)
        {
            return;
        }

        switch (os.Text("name"))
        {
            case "":
                errors.Required(path.Field("os").Field("name"));
                break;
            case "linux":
                Linux(spec, path, errors);
                break;
            case "windows":
                Windows(spec, path, errors);
                break;
            case var other:
                errors.NotSupported(path.Field("os"), other, Systems);
                break;
        }
    }

    public static void StopSignal(string signal, JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Child("os") is not { } os)
        {
            errors.Forbidden(path, "may not be set for containers with empty `spec.os.name`");
        }
        else if ((os.Text("name") switch { "windows" => WindowsSignals, "linux" => LinuxSignals, _ => null }) is { } supported && !supported.Contains(signal))
        {
            errors.NotSupported(path, signal, supported);
        }
    }

    /// <summary>A pod with users of its own keeps namespaces of its own.</summary>
    public static void HostUsers(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (!spec.Has("hostUsers") || spec.Flag("hostUsers"))
        {
            return;
        }

        foreach (var (field, told) in (ReadOnlySpan<(string, string)>)[("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")])
        {
            if (spec.Flag(field))
            {
                errors.Forbidden(path.Field(told), "when `hostUsers` is false");
            }
        }

        foreach (var (container, at) in Containers(spec, path).Where(entry => entry.Container.Count("volumeDevices") > 0))
        {
            errors.Forbidden(at.Field("volumeDevices"), "when `hostUsers` is false");
        }
    }

    public static void HostProcesses(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var ofPod = Choice(spec);
        var (all, host) = (0, 0);
        foreach (var (container, at) in Containers(spec, path))
        {
            all++;
            var own = Choice(container);
            if (ofPod is { } pod && own is { } mine && pod != mine)
            {
                errors.Invalid(
                    at.Field("securityContext").Field("windowsOptions").Field("hostProcess"), JsonValue.Create(mine),
                    $"pod hostProcess value must be identical if both are specified, was {(pod ? "true" : "false")}");
            }

            host += (own ?? ofPod) == true ? 1 : 0;
        }

        if (host == 0)
        {
            return;
        }

        if (host != all)
        {
            errors.Invalid(path, "", "If pod contains any hostProcess containers then all containers must be HostProcess containers");
        }

        if (!spec.Flag("hostNetwork"))
        {
            errors.Invalid(path.Field("hostNetwork"), JsonValue.Create(false), "hostNetwork must be true if pod contains any hostProcess containers");
        }

        static bool? Choice(JsonObject holder) =>
            holder.Child("securityContext")?.Child("windowsOptions") is { } options && options.Has("hostProcess") ? options.Flag("hostProcess") : null;
    }

    private static void Linux(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        if (spec.Child("securityContext")?.Has("windowsOptions") == true)
        {
            errors.Forbidden(path.Field("securityContext").Field("windowsOptions"), NotOnLinux);
        }

        foreach (var (_, at) in Containers(spec, path).Where(entry => entry.Container.Child("securityContext")?.Has("windowsOptions") == true))
        {
            errors.Forbidden(at.Field("securityContext").Field("windowsOptions"), NotOnLinux);
        }
    }

    private static void Windows(JsonObject spec, FieldPath path, FieldErrors errors)
    {
        var security = spec.Child("securityContext") ?? [];
        foreach (var field in PodContext)
        {
            // What stands in the specification itself matters only when it is switched on, but for what can be left open.
            var ofSpec = field[0] == '/';
            var name = ofSpec ? field[1..] : field;
            if (ofSpec ? spec.Has(name) && (spec.Flag(name) || name is "hostUsers" or "shareProcessNamespace") : IsSet(security[name]))
            {
                errors.Forbidden((ofSpec ? path : path.Field("securityContext")).Field(name), NotOnWindows);
            }
        }

        foreach (var (container, at) in Containers(spec, path))
        {
            foreach (var field in ContainerContext.Where(field => container.Child("securityContext")?.Has(field) == true))
            {
                errors.Forbidden(at.Field("securityContext").Field(field), NotOnWindows);
            }
        }
    }

    private static bool IsSet(JsonNode? value) => value is not (null or JsonArray { Count: 0 });

    private static IEnumerable<(JsonObject Container, FieldPath At)> Containers(JsonObject spec, FieldPath path) =>
        Lists.SelectMany(list => spec.Items(list).Select((container, index) => (container, path.Field(list).Index(index))));
}
