using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Patching;
using ActorOrchestrator.Contracts.Schema;
using FsCheck;
using FsCheck.Fluent;
using k8s.Models;

namespace ActorOrchestrator.Actors.Tests.Resources.Patching;

/// <summary>
/// What <c>kubectl apply</c> sends: a strategic merge patch made of what it applied last (original), what it applies now (modified) and what is there (current).
/// </summary>
public class ThreeWayMergeTests
{
    private static readonly MergeShape Shape = MergeShape.Of(ObjectSchema.Of(typeof(V1Deployment)));
    private static readonly Case[] Cases = [.. Read()];
    private static readonly JsonObject[] Documents = [.. Cases.SelectMany(item => (JsonObject[])[item.Current, item.Original, item.Modified])];

    /// <summary>The patches and results of kubectl's own library, for Deployments made at random.</summary>
    [Fact]
    public void Patches_of_kubectl_come_out_as_its_library_has_them()
    {
        Assert.True(Cases.Length >= 100);
        foreach (var (current, patch, expected, _, _) in Cases)
        {
            var result = StrategicMergePatch.Apply((JsonObject)current.DeepClone(), (JsonObject)patch.DeepClone(), Shape);
            Assert.True(JsonNode.DeepEquals(expected, result), $"{current.ToJsonString()}\n{patch.ToJsonString()}\nexpected {expected.ToJsonString()}\nbut was  {result.ToJsonString()}");
        }
    }

    [Fact]
    public void What_is_applied_is_there_what_is_no_longer_applied_is_gone_and_what_others_wrote_stays() => Prop.ForAll(
        Gen.ArrayOf(Gen.Choose(0, Documents.Length - 1), 3).ToArbitrary(), Applied).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static void Applied(int[] picked)
    {
        var (original, modified, current) = (Documents[picked[0]], Documents[picked[1]], Documents[picked[2]]);
        var patch = ThreeWayDiff.Of(original, modified, current, Shape);
        var told = $"original {original.ToJsonString()}\nmodified {modified.ToJsonString()}\ncurrent  {current.ToJsonString()}\npatch    {patch.ToJsonString()}";
        var result = StrategicMergePatch.Apply((JsonObject)current.DeepClone(), patch, Shape);
        told += $"\nresult   {result.ToJsonString()}";
        Check(original, modified, current, result, Shape, told);
        Assert.False(told.Split("result   ")[1].Contains("\"$", StringComparison.Ordinal), told);

        // Applied again it changes nothing.
        var again = StrategicMergePatch.Apply((JsonObject)result.DeepClone(), ThreeWayDiff.Of(modified, modified, result, Shape), Shape);
        Assert.True(JsonNode.DeepEquals(result, again), $"{told}\nagain    {again.ToJsonString()}");
    }

    private static void Check(JsonObject original, JsonObject modified, JsonObject current, JsonObject result, MergeShape shape, string told)
    {
        foreach (var name in original.Concat(modified).Concat(current).Concat(result).Select(property => property.Key).ToHashSet())
        {
            var (was, wanted, had, has) = (original[name], modified[name], current[name], result[name]);
            if (wanted is null)
            {
                Assert.True(was is null ? JsonNode.DeepEquals(had, has) : has is null, $"{name}\n{told}");
            }
            else if (wanted is JsonObject map)
            {
                Check(was as JsonObject ?? [], map, had as JsonObject ?? [], Assert.IsType<JsonObject>(has), shape.Property(name), told);
            }
            else if (wanted is JsonArray list && shape.Property(name) is { MergesList: true } items)
            {
                List(was as JsonArray ?? [], list, had as JsonArray ?? [], Assert.IsType<JsonArray>(has), items, $"{name}\n{told}");
            }
            else
            {
                Assert.True(JsonNode.DeepEquals(wanted, has), $"{name}\n{told}");
            }
        }
    }

    private static void List(JsonArray original, JsonArray modified, JsonArray current, JsonArray result, MergeShape shape, string told)
    {
        var key = shape.MergeKey;
        string? Id(JsonNode? item) => (key is null ? item : item![key])?.ToJsonString();
        HashSet<string?> Ids(JsonArray list) => [.. list.Select(Id)];
        var (was, wanted, had, has) = (Ids(original), Ids(modified), Ids(current), Ids(result));
        Assert.True(has.SetEquals(wanted.Concat(had.Except(was))), told);
        Assert.Equal(has.Count, result.Count);

        // In the order in which they were applied, whatever others have put between them.
        Assert.True(result.Select(Id).Where(wanted.Contains).SequenceEqual(modified.Select(Id)), told);
        foreach (var item in modified.OfType<JsonObject>().Where(_ => key is not null))
        {
            Check(
                ThreeWayDiff.Find(original, key!, item[key!]) ?? [], item, ThreeWayDiff.Find(current, key!, item[key!]) ?? [], ThreeWayDiff.Find(result, key!, item[key!])!, shape.Items, told);
        }
    }

    private static IEnumerable<Case> Read()
    {
        using var reader = new StreamReader(typeof(ThreeWayMergeTests).Assembly.GetManifestResourceStream("three-way.tsv")!);
        while (reader.ReadLine() is { } line)
        {
            JsonObject[] cells = [.. line.Split('\t').Select(cell => JsonNode.Parse(cell)!.AsObject())];
            yield return new Case(cells[0], cells[1], cells[2], cells[3], cells[4]);
        }
    }

    private sealed record Case(JsonObject Current, JsonObject Patch, JsonObject Expected, JsonObject Original, JsonObject Modified);
}
