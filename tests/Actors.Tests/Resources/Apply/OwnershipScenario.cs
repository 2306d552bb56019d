using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Apply;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Schema.Fields;

namespace ActorOrchestrator.Actors.Tests.Resources.Apply;

/// <summary>
/// Writes of one object by several managers, a line each: <c>apply one {…}</c>, <c>force one {…}</c>, <c>update two@v2 {…}</c> (the whole new object), and
/// after an apply perhaps <c>-> two .spec.hostname</c>, the conflict that it must meet. The versions all have the same schema.
/// </summary>
/// <param name="schema">Of all versions.</param>
/// <param name="longWay">Without the short cuts: what is applied again is pruned, and the old state is compared as a tree.</param>
internal sealed class OwnershipScenario(ObjectSchema schema, bool longWay = true)
{
    private readonly FieldOwnership _rules = new(new SameSchema(), fields => fields) { AlwaysPrunes = longWay };

    public JsonObject Object { get; private set; } = [];

    public ManagedFields Managers { get; private set; } = new();

    public OwnershipScenario Run(string steps)
    {
        foreach (var line in Lines(steps))
        {
            var arrow = line.IndexOf(" -> ", StringComparison.Ordinal);
            var words = (arrow < 0 ? line : line[..arrow]).Split(' ', 3);
            var expected = arrow < 0 ? [] : line[(arrow + 4)..].Split(", ");
            var conflicts = Step(words[0], words[1], JsonNode.Parse(words[2])!.AsObject());
            Assert.Equal(expected, conflicts);
        }

        return this;
    }

    /// <summary>Each manager and its paths, sorted: <c>one .spec.hostname .spec.priority</c>.</summary>
    public string[] Owners() => [.. Managers.Managers.Order().Select(manager =>
        $"{manager.Manager}{At(Managers[manager]!.ApiVersion)} {string.Join(" ", Managers[manager]!.Fields.Paths().Select(FieldSet.Spell).Order(StringComparer.Ordinal))}")];

    public static string[] Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    public string[] Step(string verb, string who, JsonObject obj)
    {
        var (manager, version) = who.Split('@') is [var name, var at] ? (name, at) : (who, "v1");
        var live = new VersionedObject(Object, schema, version);
        if (verb == "update")
        {
            _rules.Update(live, live with { Tree = obj }, Managers, FieldManagerId.Updater(manager, version, ""), Text());
            Object = obj;
            return [];
        }

        var trial = Managers.Copy();
        var merged = _rules.Apply(live, obj, trial, FieldManagerId.Applier(manager, ""), verb == "force", out ImmutableArray<FieldConflict> conflicts, Text());
        if (conflicts.IsEmpty)
        {
            (Object, Managers) = (merged, trial);
        }

        return [.. conflicts.Select(conflict => $"{conflict.Manager.Manager} {FieldSet.Spell(conflict.Path)}")];
    }

    private JsonElement? Text() => longWay ? null : JsonElement.Parse(Object.ToJsonString());

    private static string At(string version) => version == "v1" ? "" : "@" + version;

    private sealed class SameSchema : IObjectVersions
    {
        public VersionedObject? Convert(VersionedObject obj, string apiVersion) => apiVersion == "gone" ? null : obj with { ApiVersion = apiVersion };
    }
}
