using System.Text.Json;

namespace ActorOrchestrator.Host.Api.Tables;

/// <summary>The kinds that extend, guard and share the API.</summary>
internal static class ExtensionRows
{
    private const string None = "<none>";
    private const string Unset = "<unset>";

    public static TableRow Webhooks(JsonElement configuration, DateTimeOffset now) =>
        new([TableRows.Name(configuration), (long)configuration.Count("webhooks"), TableRows.Age(configuration, now)]);

    public static TableRow ValidatingPolicy(JsonElement policy, DateTimeOffset now) => Policy(policy, "validations", now);

    public static TableRow MutatingPolicy(JsonElement policy, DateTimeOffset now) => Policy(policy, "mutations", now);

    public static TableRow PolicyBinding(JsonElement binding, DateTimeOffset now)
    {
        var (spec, parameter) = (binding.At("spec"), binding.At("spec", "paramRef"));
        var told = !parameter.Exists() ? Unset
            : parameter.Text("name") is { Length: > 0 } name ? (parameter.Text("namespace") is { Length: > 0 } home ? $"{home}/{name}" : $"*/{name}")
            : parameter.At("selector").Exists() ? LabelSelectorText.Of(parameter.At("selector")) : Unset;
        return new TableRow([TableRows.Name(binding), spec.Text("policyName"), told, TableRows.Age(binding, now)]);
    }

    public static TableRow ApiService(JsonElement service, DateTimeOffset now)
    {
        var target = service.At("spec", "service");
        var condition = service.At("status").Items("conditions").FirstOrDefault(item => item.Text("type") == "Available");
        var available = condition.Text("status").Or("Unknown");
        return new TableRow(
        [
            TableRows.Name(service), target.Exists() ? $"{target.Text("namespace")}/{target.Text("name")}" : "Local",
            available == "True" || condition.Text("reason").Length == 0 ? available : $"{available} ({condition.Text("reason")})", TableRows.Age(service, now),
        ]);
    }

    public static TableRow FlowSchema(JsonElement schema, DateTimeOffset now)
    {
        var spec = schema.At("spec");
        var dangling = schema.At("status").Items("conditions").FirstOrDefault(item => item.Text("type") == "Dangling").Text("status").Or("?");
        return new TableRow(
        [
            TableRows.Name(schema), spec.At("priorityLevelConfiguration").Text("name"), spec.Number("matchingPrecedence"),
            spec.At("distinguisherMethod").Text("type").Or(None), TableRows.Age(schema, now), dangling,
        ]);
    }

    public static TableRow PriorityLevel(JsonElement level, DateTimeOffset now)
    {
        var spec = level.At("spec");
        var queuing = spec.At("limited", "limitResponse").At("queuing");
        return new TableRow(
        [
            TableRows.Name(level), spec.Text("type"), Amount(spec.At("limited"), "nominalConcurrencyShares"), Amount(queuing, "queues"), Amount(queuing, "handSize"),
            Amount(queuing, "queueLengthLimit"), TableRows.Age(level, now),
        ]);
    }

    public static TableRow PriorityClass(JsonElement priorityClass, DateTimeOffset now) => new(
    [
        TableRows.Name(priorityClass), priorityClass.Number("value"), priorityClass.Flag("globalDefault"), TableRows.Age(priorityClass, now),
        priorityClass.Text("preemptionPolicy"),
    ]);

    public static TableRow RuntimeClass(JsonElement runtimeClass, DateTimeOffset now) =>
        new([TableRows.Name(runtimeClass), runtimeClass.Text("handler"), TableRows.Age(runtimeClass, now)]);

    public static TableRow Lease(JsonElement lease, DateTimeOffset now) =>
        new([TableRows.Name(lease), lease.At("spec").Text("holderIdentity"), TableRows.Age(lease, now)]);

    public static TableRow ResourceClaim(JsonElement claim, DateTimeOffset now)
    {
        var status = claim.At("status");
        List<string> state = [];
        var deleted = claim.At("metadata").At("deletionTimestamp").Exists();
        if (deleted)
        {
            state.Add("deleted");
        }

        if (status.At("allocation").Exists())
        {
            state.Add("allocated");
            if (status.Count("reservedFor") > 0)
            {
                state.Add("reserved");
            }
        }
        else if (!deleted)
        {
            state.Add("pending");
        }

        return new TableRow([TableRows.Name(claim), string.Join(',', state), TableRows.Age(claim, now)]);
    }

    public static TableRow ResourceSlice(JsonElement slice, DateTimeOffset now)
    {
        var spec = slice.At("spec");
        return new TableRow([TableRows.Name(slice), spec.Text("nodeName"), spec.Text("driver"), spec.At("pool").Text("name"), TableRows.Age(slice, now)]);
    }

    public static TableRow DeviceTaintRule(JsonElement rule, DateTimeOffset now)
    {
        var taint = rule.At("spec", "taint");
        var added = taint.Time("timeAdded") is { } since ? HumanDuration.Since(since, now) : "";
        return new TableRow([TableRows.Name(rule), taint.Text("key"), taint.Text("value"), taint.Text("effect"), added, TableRows.Age(rule, now)]);
    }

    private static TableRow Policy(JsonElement policy, string rules, DateTimeOffset now)
    {
        var kind = policy.At("spec", "paramKind");
        return new TableRow(
        [
            TableRows.Name(policy), (long)policy.At("spec").Count(rules), kind.Exists() ? $"{kind.Text("apiVersion")}/{kind.Text("kind")}" : Unset, TableRows.Age(policy, now),
        ]);
    }

    private static object Amount(JsonElement holder, string name) => holder.Exists() ? holder.Number(name) : None;
}
