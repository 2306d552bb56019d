using System.Text.Json;

namespace ActorOrchestrator.Host.Api.Tables;

internal static class ClusterRows
{
    private const string None = "<none>";
    private const string Unknown = "<unknown>";
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static TableRow Node(JsonElement node, DateTimeOffset now)
    {
        var (status, info) = (node.At("status"), node.At("status", "nodeInfo"));
        return new TableRow(
        [
            TableRows.Name(node), NodeStatus(node), Roles(node), TableRows.Age(node, now), info.Text("kubeletVersion"),
            Address(status, "InternalIP"), Address(status, "ExternalIP"),
            info.Text("osImage").Or(Unknown), info.Text("kernelVersion").Or(Unknown), info.Text("containerRuntimeVersion").Or(Unknown),
        ]);
    }

    public static TableRow Namespace(JsonElement @namespace, DateTimeOffset now) =>
        new([TableRows.Name(@namespace), @namespace.At("status").Text("phase"), TableRows.Age(@namespace, now)]);

    public static TableRow ConfigMap(JsonElement map, DateTimeOffset now) =>
        new([TableRows.Name(map), (long)(map.Count("data") + map.Count("binaryData")), TableRows.Age(map, now)]);

    public static TableRow Secret(JsonElement secret, DateTimeOffset now) =>
        new([TableRows.Name(secret), secret.Text("type"), (long)secret.Count("data"), TableRows.Age(secret, now)]);

    public static TableRow ServiceAccount(JsonElement account, DateTimeOffset now) =>
        new([TableRows.Name(account), (long)account.Count("secrets"), TableRows.Age(account, now)]);

    public static TableRow ResourceQuota(JsonElement quota, DateTimeOffset now)
    {
        var (hard, used) = (quota.At("status").At("hard"), quota.At("status").At("used"));
        var amounts = hard.ValueKind == JsonValueKind.Object ? hard.EnumerateObject().Select(item => item.Name).Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
        var told = amounts.ToLookup(
            name => name.StartsWith("limits.", StringComparison.Ordinal), name => $"{name}: {used.Text(name).Or("0")}/{hard.Text(name)}");
        return new TableRow([TableRows.Name(quota), string.Join(", ", told[false]), string.Join(", ", told[true]), TableRows.Age(quota, now)]);
    }

    public static TableRow ComponentStatus(JsonElement component, DateTimeOffset now)
    {
        var condition = component.Items("conditions").FirstOrDefault(item => item.Text("type") == "Healthy");
        var word = !condition.Exists() ? "Unknown" : condition.Text("status") == "True" ? "Healthy" : "Unhealthy";
        return new TableRow([TableRows.Name(component), word, condition.Text("message"), condition.Text("error")]);
    }

    public static TableRow EventsEvent(JsonElement happening, DateTimeOffset now) => Event(happening, now, new EventWords("regarding", "note", "deprecated", "reportingController"));

    public static TableRow Event(JsonElement happening, DateTimeOffset now) => Event(happening, now, new EventWords("involvedObject", "message", "", "reportingComponent"));

    private static TableRow Event(JsonElement happening, DateTimeOffset now, EventWords words)
    {
        var first = HumanDuration.Since(happening.Time(words.Old("firstTimestamp")) ?? happening.Time("eventTime"), now);
        var last = happening.Time(words.Old("lastTimestamp")) is { } seen ? HumanDuration.Since(seen, now) : first;
        var count = happening.Number(words.Old("count"));
        if (happening.At("series") is { ValueKind: JsonValueKind.Object } series)
        {
            last = HumanDuration.Since(series.Time("lastObservedTime"), now);
            count = series.Number("count");
        }
        else if (count == 0)
        {
            // An event with nothing but an eventTime was seen once.
            count = 1;
        }

        var involved = happening.At(words.About);
        var target = involved.Text("kind").ToLowerInvariant();
        return new TableRow(
        [
            last, happening.Text("type"), happening.Text("reason"),
            involved.Text("name") is { Length: > 0 } name ? $"{target}/{name}" : target,
            involved.Text("fieldPath"), Source(happening, words), happening.Text(words.Message).Trim(), first, count, TableRows.Name(happening),
        ]);
    }

    /// <summary>What the two groups that show events call the same fields.</summary>
    private readonly record struct EventWords(string About, string Message, string Prefix, string Reporter)
    {
        public string Old(string name) => Prefix.Length == 0 ? name : Prefix + char.ToUpperInvariant(name[0]) + name[1..];
    }

    private static string Source(JsonElement happening, EventWords words)
    {
        var component = happening.At(words.Old("source")).Text("component").Or(happening.Text(words.Reporter));
        var instance = happening.At(words.Old("source")).Text("host").Or(happening.Text("reportingInstance"));
        return instance.Length == 0 ? component : $"{component}, {instance}";
    }

    private static string NodeStatus(JsonElement node)
    {
        var ready = node.At("status").Items("conditions").FirstOrDefault(condition => condition.Text("type") == "Ready");
        var word = !ready.Exists() ? "Unknown" : ready.Text("status") == "True" ? "Ready" : "NotReady";
        return node.At("spec").Flag("unschedulable") ? word + ",SchedulingDisabled" : word;
    }

    private static string Roles(JsonElement node)
    {
        SortedSet<string> roles = new(StringComparer.Ordinal);
        if (node.At("metadata", "labels") is { ValueKind: JsonValueKind.Object } labels)
        {
            foreach (var label in labels.EnumerateObject())
            {
                if (label.Name.StartsWith(RolePrefix, StringComparison.Ordinal) && label.Name.Length > RolePrefix.Length)
                {
                    roles.Add(label.Name[RolePrefix.Length..]);
                }
                else if (label.Name == "kubernetes.io/role" && label.Value.GetString() is { Length: > 0 } role)
                {
                    roles.Add(role);
                }
            }
        }

        return string.Join(',', roles).Or(None);
    }

    private static string Address(JsonElement status, string type)
    {
        var found = status.Items("addresses").FirstOrDefault(address => address.Text("type") == type);
        return found.Text("address").Or(None);
    }
}
