using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Admission.PodSecurity;

/// <summary>Level and version as a namespace's label has them; written <c>baseline:latest</c>.</summary>
internal readonly record struct PodSecurityLevel(string Level, string Version)
{
    /// <summary>The newest rules that there are.</summary>
    private const int Latest = 34;

    public bool IsPrivileged => Level == "privileged";

    public int Minor => Version.StartsWith("v1.", StringComparison.Ordinal) && int.TryParse(Version.AsSpan(3), out var minor) ? Math.Min(minor, Latest) : Latest;

    public override string ToString() => $"{Level}:{Version}";
}

/// <summary>
/// The Pod Security Standards that a namespace asks for by labels: <c>enforce</c> refuses pods, <c>warn</c> and <c>audit</c> tell of pods and of what
/// makes pods. Without labels everything is allowed.
/// </summary>
public sealed partial class PodSecurityAdmission : IAdmissionPlugin
{
    private const string Prefix = "pod-security.kubernetes.io/";
    private const int MaxPodsToCheck = 3000;
    private const string LevelRule = "must be one of privileged, baseline, restricted";
    private const string VersionRule = "must be \"latest\" or \"v1.x\"";
    private static readonly string[] Modes = ["enforce", "audit", "warn"];
    private static readonly string[] Levels = ["privileged", "baseline", "restricted"];

    public ValueTask<ApiStatus?> ValidateAsync(AdmissionRequest request, CancellationToken cancellation) => new(Validate(request));

    private static ApiStatus? Validate(AdmissionRequest request)
    {
        if (request.Operation == AdmissionOperation.Delete)
        {
            return null;
        }

        var type = request.Key.Type;
        var subresource = request.Options.Subresource;
        if (type == ResourceTypes.Namespaces)
        {
            return subresource.Length == 0 ? JudgeNamespace(request) : null;
        }

        var isPod = type == ResourceTypes.Pods && subresource is "" or "ephemeralcontainers";
        if ((!isPod && (subresource.Length > 0 || TemplateOf(request) is null)) || (isPod && request.Old is not null && !IsSignificant(request)))
        {
            return null;
        }

        var labels = request.Snapshot.Find(new ObjectKey(ResourceTypes.Namespaces, "", request.Key.Namespace))?.Metadata.Labels;
        return labels is null || !labels.Keys.Any(key => key.StartsWith(Prefix, StringComparison.Ordinal))
            ? null
            : Judge(request, isPod ? request.Object : TemplateOf(request)!, name => labels.GetValueOrDefault(name), isPod);
    }

    private static ApiStatus? Judge(AdmissionRequest request, JsonObject pod, Func<string, string?> labels, bool enforced)
    {
        var (enforce, audit, warn) = (LevelOf(labels, "enforce", "restricted"), LevelOf(labels, "audit", "privileged"), WarnLevel(labels));
        var observer = request.Options.Observer;
        if (observer is not null && Malformed(labels) is { Length: > 0 } malformed)
        {
            observer.Annotate($"{Prefix}error", $"Failed to parse policy: {malformed}");
        }

        if (enforced)
        {
            observer?.Annotate($"{Prefix}enforce-policy", enforce.ToString());
        }

        if (PodSecurityChecks.Violations(audit, pod) is { Count: > 0 } audited)
        {
            observer?.Annotate($"{Prefix}audit-violations", $"would violate PodSecurity \"{audit}\": {PodSecurityChecks.Explain(audited)}");
        }

        if (enforced && PodSecurityChecks.Violations(enforce, pod) is { Count: > 0 } violated)
        {
            return ApiStatus.Forbidden(request.Key, $"violates PodSecurity \"{enforce}\": {PodSecurityChecks.Explain(violated)}");
        }

        if (PodSecurityChecks.Violations(warn, pod) is { Count: > 0 } warned)
        {
            observer?.Warn($"would violate PodSecurity \"{warn}\": {PodSecurityChecks.Explain(warned)}");
        }

        return null;
    }

    /// <summary>A level that is no level fails closed where it is enforced and open elsewhere.</summary>
    private static PodSecurityLevel LevelOf(Func<string, string?> labels, string mode, string malformed)
    {
        var level = labels(Prefix + mode) ?? "privileged";
        return new PodSecurityLevel(Levels.Contains(level) ? level : malformed, labels($"{Prefix}{mode}-version") is { } version && IsVersion(version) ? version : "latest");
    }

    /// <summary>Who enforces and does not say about what to warn is warned about the same.</summary>
    private static PodSecurityLevel WarnLevel(Func<string, string?> labels)
    {
        var warn = LevelOf(labels, "warn", "privileged");
        if (labels($"{Prefix}warn") is not null || labels($"{Prefix}enforce") is not { } enforced || !Levels.Contains(enforced))
        {
            return warn;
        }

        var enforce = LevelOf(labels, "enforce", "restricted");
        return labels($"{Prefix}warn-version") is null ? enforce : enforce with { Version = warn.Version };
    }

    /// <summary>Labels that are no levels or versions, from before they were looked at; upstream's list of errors.</summary>
    private static string Malformed(Func<string, string?> labels)
    {
        var errors = new List<string>();
        foreach (var mode in Modes)
        {
            Check(Prefix + mode, Levels.Contains, LevelRule);
            Check($"{Prefix}{mode}-version", IsVersion, VersionRule);
        }

        return errors.Count > 1 ? $"[{string.Join(", ", errors)}]" : string.Concat(errors);

        void Check(string label, Func<string, bool> isValid, string rule)
        {
            if (labels(label) is { } value && !isValid(value))
            {
                errors.Add($"metadata.labels[{label}]: Invalid value: \"{value}\": {rule}");
            }
        }
    }

    private static ApiStatus? JudgeNamespace(AdmissionRequest request)
    {
        var labels = request.Object.Object("metadata").Object("labels");
        var before = request.Old.Object("metadata").Object("labels");
        var errors = new FieldErrors();
        foreach (var mode in Modes)
        {
            Check(Prefix + mode, value => Levels.Contains(value), LevelRule);
            Check($"{Prefix}{mode}-version", IsVersion, VersionRule);
        }

        if (errors.Any)
        {
            return ApiStatus.Invalid(request.Key, "Namespace", errors.Causes);
        }

        var (enforce, earlier) = (LevelOf(Label(labels), "enforce", "restricted"), LevelOf(Label(before), "enforce", "restricted"));
        var relaxed = enforce.Version == earlier.Version && Array.IndexOf(Levels, enforce.Level) <= Array.IndexOf(Levels, earlier.Level);
        if (request.Operation == AdmissionOperation.Update && enforce != earlier && !enforce.IsPrivileged && !relaxed)
        {
            TellOfExisting(request, enforce);
        }

        return null;

        void Check(string label, Func<string, bool> isValid, string rule)
        {
            var value = labels.Text(label);
            if (labels?[label] is not null && !isValid(value) && !(request.Old is not null && before.Text(label) == value))
            {
                errors.Invalid($"metadata.labels[{label}]", value, rule);
            }
        }
    }

    private static void TellOfExisting(AdmissionRequest request, PodSecurityLevel enforce)
    {
        var found = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var pod in request.Snapshot.InNamespace(ResourceTypes.Pods, request.Key.Name).Take(MaxPodsToCheck))
        {
            if (PodSecurityChecks.Violations(enforce, pod.ToJson()) is { Count: > 0 } violations)
            {
                var reasons = string.Join(", ", violations.Select(item => item.Reason));
                (found.TryGetValue(reasons, out var names) ? names : found[reasons] = []).Add(pod.Key.Name);
            }
        }

        var all = request.Snapshot.InNamespace(ResourceTypes.Pods, request.Key.Name).Count();
        if (all > MaxPodsToCheck)
        {
            request.Options.Observer?.Warn($"new PodSecurity enforce level only checked against the first {MaxPodsToCheck} of {all} existing pods");
        }

        if (found.Count == 0)
        {
            return;
        }

        request.Options.Observer?.Warn($"existing pods in namespace \"{request.Key.Name}\" violate the new PodSecurity enforce level \"{enforce}\"");
        foreach (var told in found.Select(pair => pair.Value.Count switch
        {
            1 => $"{pair.Value[0]}: {pair.Key}",
            2 => $"{pair.Value[0]} (and 1 other pod): {pair.Key}",
            var count => $"{pair.Value[0]} (and {count - 1} other pods): {pair.Key}",
        }).Order(StringComparer.Ordinal))
        {
            request.Options.Observer?.Warn(told);
        }
    }

    /// <summary>Of what can change in a pod the standards look at its containers: another one, or another image.</summary>
    private static bool IsSignificant(AdmissionRequest request)
    {
        var (spec, old) = (request.Object.Object("spec"), request.Old.Object("spec"));
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            var (now, before) = (Images(spec, list), Images(old, list));
            if (!now.SequenceEqual(before))
            {
                return true;
            }
        }

        var earlier = (old.Array("ephemeralContainers") ?? []).ToLookup(container => container.Text("name"), container => container.Text("image"));
        return (spec.Array("ephemeralContainers") ?? []).Any(container => !earlier[container.Text("name")].Take(1).Contains(container.Text("image")));

        static IEnumerable<string> Images(JsonObject? spec, string list) => (spec.Array(list) ?? []).Select(container => container.Text("image"));
    }

    /// <summary>The template of what makes pods; null for other kinds.</summary>
    private static JsonObject? TemplateOf(AdmissionRequest request)
    {
        var type = request.Key.Type;
        return type == ResourceTypes.PodTemplates ? request.Object.Object("template")
            : type == ResourceTypes.CronJobs ? request.Object.Object("spec").Object("jobTemplate").Object("spec").Object("template")
            : type == ResourceTypes.Deployments || type == ResourceTypes.ReplicaSets || type == ResourceTypes.StatefulSets || type == ResourceTypes.DaemonSets
              || type == ResourceTypes.Jobs || type == ResourceTypes.ReplicationControllers ? request.Object.Object("spec").Object("template")
            : null;
    }

    private static Func<string, string?> Label(JsonObject? labels) => name => labels?[name]?.ToString();

    private static bool IsVersion(string text) => text == "latest" || VersionPattern().IsMatch(text);

    [GeneratedRegex("^v1\\.(0|[1-9][0-9]*)$")]
    private static partial Regex VersionPattern();
}
