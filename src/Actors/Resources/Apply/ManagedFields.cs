using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Resources.Apply;

/// <summary>The entries of <c>metadata.managedFields</c>: who owns what.</summary>
public sealed class ManagedFields
{
    /// <summary>Upstream's bound on the entries of updates; the oldest above it are merged.</summary>
    public const int MaxUpdaters = 10;

    private const string Ancient = "ancient-changes";
    private readonly Dictionary<FieldManagerId, OwnedFields> _owners = [];

    public int Count => _owners.Count;

    public IEnumerable<FieldManagerId> Managers => _owners.Keys;

    public OwnedFields? this[FieldManagerId manager] => _owners.GetValueOrDefault(manager);

    public ManagedFields Copy()
    {
        var copy = new ManagedFields();
        foreach (var (manager, owned) in _owners)
        {
            copy._owners.Add(manager, owned);
        }

        return copy;
    }

    /// <summary>Puts an entry in, or takes it out where nothing is left of it.</summary>
    public void Set(FieldManagerId manager, OwnedFields owned)
    {
        if (owned.IsEmpty)
        {
            _owners.Remove(manager);
        }
        else
        {
            _owners[manager] = owned;
        }
    }

    public void Remove(FieldManagerId manager) => _owners.Remove(manager);

    /// <summary>The client asks for the tracking to begin anew: an empty list, or one that holds an empty entry.</summary>
    public static bool IsReset(JsonNode? entries) => entries is JsonArray list && list is [] or [JsonObject { Count: 0 }];

    /// <summary>Reads what the store holds.</summary>
    public static ManagedFields Stored(JsonNode? entries) => Read(entries, trusted: true) ?? new ManagedFields();

    /// <summary>The same, from the parsed text: the sets stay text until somebody looks into them.</summary>
    public static ManagedFields Stored(JsonElement entries)
    {
        if (entries.ValueKind != JsonValueKind.Array)
        {
            return new ManagedFields();
        }

        var list = new JsonArray();
        foreach (var entry in entries.EnumerateArray())
        {
            list.Add(StoredElement.ToNode(entry));
        }

        return Read(list, trusted: true, owned: true) ?? new ManagedFields();
    }

    /// <summary>Reads what a client sent. Null when an entry is malformed.</summary>
    public static ManagedFields? Sent(JsonNode? entries) => Read(entries, trusted: false);

    /// <summary>What is wrong with entries, in upstream's words; null when nothing is.</summary>
    public static string? Problem(JsonNode? entries)
    {
        var i = 0;
        foreach (var entry in entries as JsonArray ?? [])
        {
            var problem = (entry.Text("operation"), entry.Text("apiVersion"), entry.Text("fieldsType")) switch
            {
                (not ("Apply" or "Update"), _, _) => "operation must be `Apply` or `Update`",
                (_, "", _) => "apiVersion must not be empty",
                (_, _, "") => $"missing fieldsType in managed fields entry {i}",
                (_, _, not "FieldsV1") => $"invalid fieldsType \"{entry.Text("fieldsType")}\" in managed fields entry {i}",
                var (_, version, _) => OwnedFields.Read(entry!["fieldsV1"], version, null) is null ? $"error decoding versioned set from managed fields entry {i}" : null,
            };
            if (problem is not null)
            {
                return problem;
            }

            i++;
        }

        return null;
    }

    /// <summary>Whether the entries are the same but for their times.</summary>
    public static bool DifferOnlyInTime(JsonNode? left, JsonNode? right)
    {
        if (left is not JsonArray mine || right is not JsonArray theirs || mine.Count != theirs.Count)
        {
            return false;
        }

        for (var i = 0; i < mine.Count; i++)
        {
            if (mine[i] is not JsonObject my || theirs[i] is not JsonObject their || my.Count != their.Count)
            {
                return false;
            }

            foreach (var (name, value) in my)
            {
                if (name != "time" && !(their.TryGetPropertyValue(name, out var other) && JsonNode.DeepEquals(value, other)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>In upstream's order; null when there is none.</summary>
    public JsonArray? Write()
    {
        if (_owners.Count == 0)
        {
            return null;
        }

        var entries = _owners.ToList();
        entries.Sort(static (left, right) => InOrder(left.Key, left.Value, right.Key, right.Value));
        var written = new JsonArray();
        foreach (var (manager, owned) in entries)
        {
            var entry = new JsonObject
            {
                ["manager"] = manager.Manager,
                ["operation"] = manager.Applies ? "Apply" : "Update",
                ["apiVersion"] = owned.ApiVersion,
            };
            if (owned.Time is not null)
            {
                entry["time"] = owned.Time;
            }

            entry["fieldsType"] = "FieldsV1";
            entry["fieldsV1"] = owned.ToFieldsV1();
            if (manager.Subresource.Length > 0)
            {
                entry["subresource"] = manager.Subresource;
            }

            written.Add(entry);
        }

        return written;
    }

    /// <summary>Merges the oldest updaters of a version into one entry until no more than <see cref="MaxUpdaters"/> are left.</summary>
    public void CapUpdaters()
    {
        var updaters = _owners.Where(entry => !entry.Key.Applies).ToList();
        var left = updaters.Count;
        if (left <= MaxUpdaters)
        {
            return;
        }

        var firstOf = new Dictionary<string, FieldManagerId>(StringComparer.Ordinal);
        foreach (var (manager, owned) in updaters.OrderBy(entry => Seconds(entry.Value)).ThenBy(entry => entry.Key))
        {
            if (left <= MaxUpdaters)
            {
                return;
            }

            if (!firstOf.TryGetValue(owned.ApiVersion, out var first))
            {
                firstOf.Add(owned.ApiVersion, manager);
                continue;
            }

            // The first entry of a version becomes the bucket when there is a second one to put in. The newer time is the bucket's.
            var bucket = FieldManagerId.Updater(Ancient, owned.ApiVersion, "");
            if (!_owners.ContainsKey(bucket) && _owners.Remove(first, out var moved))
            {
                _owners.Add(bucket, moved);
            }

            if (manager == bucket)
            {
                continue;
            }

            _owners[bucket] = new OwnedFields(owned.Fields.Union(_owners[bucket].Fields), owned.ApiVersion, owned.Time);
            _owners.Remove(manager);
            left--;
        }
    }

    private static ManagedFields? Read(JsonNode? entries, bool trusted, bool owned = false)
    {
        var managed = new ManagedFields();
        if (entries is null)
        {
            return managed;
        }

        if (entries is not JsonArray list)
        {
            return null;
        }

        foreach (var entry in list)
        {
            var (operation, version) = (entry.Text("operation"), entry.Text("apiVersion"));
            if (operation is not ("Apply" or "Update") || version.Length == 0 || entry.Text("fieldsType") != "FieldsV1")
            {
                return null;
            }

            var time = entry.Text("time") is { Length: > 0 } stated ? stated : null;
            var fields = entry!["fieldsV1"];
            if (owned)
            {
                // The tree is nobody else's: what has no parent need not be copied to be written.
                ((JsonObject)entry).Remove("fieldsV1");
            }

            if ((trusted ? OwnedFields.Trust(fields, version, time) : OwnedFields.Read(fields, version, time)) is not { } owner)
            {
                return null;
            }

            var applies = operation == "Apply";
            managed._owners[new FieldManagerId(entry.Text("manager"), applies, applies ? "" : version, entry.Text("subresource"))] = owner;
        }

        return managed;
    }

    /// <summary>Appliers first, then the older, then by name.</summary>
    private static int InOrder(FieldManagerId left, OwnedFields mine, FieldManagerId right, OwnedFields theirs)
    {
        var order = right.Applies.CompareTo(left.Applies);
        order = order != 0 ? order : Seconds(mine).CompareTo(Seconds(theirs));
        order = order != 0 ? order : string.CompareOrdinal(left.Manager, right.Manager);
        order = order != 0 ? order : string.CompareOrdinal(mine.ApiVersion, theirs.ApiVersion);
        return order != 0 ? order : string.CompareOrdinal(left.Subresource, right.Subresource);
    }

    private static long Seconds(OwnedFields owned) =>
        owned.Time is not null && DateTimeOffset.TryParse(owned.Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUnixTimeSeconds()
            : 0;
}
