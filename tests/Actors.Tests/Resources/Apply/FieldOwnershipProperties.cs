using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources.Apply;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Schema.Fields;
using FsCheck;
using FsCheck.Fluent;
using k8s.Models;

namespace ActorOrchestrator.Actors.Tests.Resources.Apply;

public sealed class FieldOwnershipProperties
{
    private static readonly ObjectSchema Pod = ObjectSchema.Of(typeof(V1Pod));

    [Fact]
    public void Applying_twice_changes_nothing() => Holds(Gen.Two(Configs()), pair =>
    {
        var (first, second) = (pair.Item1, pair.Item2);
        var world = new OwnershipScenario(Pod);
        world.Step("apply", "one", Copy(first));
        world.Step("force", "two", Copy(second));
        var (before, owners) = (world.Object, world.Owners());
        world.Step("force", "two", Copy(second));
        return JsonNode.DeepEquals(before, world.Object) && owners.SequenceEqual(world.Owners());
    });

    [Fact]
    public void Managers_of_different_fields_may_come_in_any_order() => Holds(Gen.Two(Configs()), pair =>
    {
        var (one, two) = (pair.Item1, pair.Item2);
        var shared = FieldExtraction.FieldsOf(one, Pod).Intersection(FieldExtraction.FieldsOf(two, Pod));
        if (!shared.IsEmpty)
        {
            return true;
        }

        var forth = new OwnershipScenario(Pod);
        var back = new OwnershipScenario(Pod);
        var conflicts = forth.Step("apply", "one", Copy(one)).Concat(forth.Step("apply", "two", Copy(two)))
            .Concat(back.Step("apply", "two", Copy(two))).Concat(back.Step("apply", "one", Copy(one)));
        return !conflicts.Any() && forth.Owners().SequenceEqual(back.Owners()) && FieldComparison.Compare(forth.Object, back.Object, Pod).IsSame;
    });

    [Fact]
    public void Who_applies_with_force_owns_exactly_its_fields_with_its_values() => Holds(Gen.Three(Configs()), three =>
    {
        var (one, two, last) = (three.Item1, three.Item2, three.Item3);
        var world = new OwnershipScenario(Pod);
        world.Step("update", "ctl", Copy(one));
        world.Step("force", "me", Copy(two));
        world.Step("force", "me", Copy(last));
        var mine = world.Managers.Managers.Where(manager => manager.Manager == "me").Select(manager => world.Managers[manager]!.Fields).SingleOrDefault(FieldSet.Empty);
        return mine.Equals(FieldExtraction.FieldsOf(last, Pod)) && Holds(world.Object, last);
    });

    [Fact]
    public void Nothing_that_another_applier_owns_disappears() => Holds(Gen.Three(Configs()), three =>
    {
        var (one, two, last) = (three.Item1, three.Item2, three.Item3);
        var world = new OwnershipScenario(Pod);
        world.Step("apply", "one", Copy(one));
        var accepted = world.Step("apply", "two", Copy(two)).Length == 0;
        world.Step("apply", "one", Copy(last));
        world.Step("apply", "one", []);
        return Holds(world.Object, accepted ? two : []);
    });

    /// <summary>The reset by an empty list goes the long way.</summary>
    [Fact]
    public void Creators_own_the_same_whether_the_shape_was_seen_before_or_not() => Holds(Gen.Two(Configs()), pair =>
    {
        // The second is seen after the first, so that a shape which is too coarse gives it the first one's fields.
        return Same(pair.Item1) && Same(pair.Item2) && Same(pair.Item1) && Same(Emptied(pair.Item1)) && Same(pair.Item1);

        static bool Same(JsonObject config)
        {
            var (shortly, longWay) = (Copy(config), Copy(config));
            (longWay["metadata"] ??= new JsonObject())["managedFields"] = new JsonArray();
            Manager().Create(shortly);
            Manager().Create(longWay);
            return JsonNode.DeepEquals(shortly["metadata"]?["managedFields"], longWay["metadata"]?["managedFields"]);
        }

        static FieldManager Manager() => new(Pod, "v1", "Pod", "", "me", DateTimeOffset.UnixEpoch, TrackedFields.Of(ResourceCatalog.BuiltIn.Find(ResourceTypes.Pods)!, ""));
    });

    /// <summary>Every text empty, every number zero: what a type always has is nobody's then.</summary>
    private static JsonObject Emptied(JsonObject config)
    {
        var copy = Copy(config);
        Empty(copy);
        return copy;

        static void Empty(JsonNode? node)
        {
            switch (node)
            {
                case JsonObject obj:
                    foreach (var (name, value) in obj.ToArray())
                    {
                        if (value is JsonValue scalar)
                        {
                            obj[name] = scalar.GetValueKind() switch { JsonValueKind.String => "", JsonValueKind.Number => 0, _ => (JsonNode)false };
                        }
                        else
                        {
                            Empty(value);
                        }
                    }

                    break;
                case JsonArray list:
                    foreach (var item in list)
                    {
                        Empty(item);
                    }

                    break;
            }
        }
    }

    [Fact]
    public void A_set_is_read_as_it_was_written() => Holds(Configs(), config =>
    {
        var set = FieldExtraction.FieldsOf(config, Pod);
        return FieldSetJson.TryRead(FieldSetJson.Write(set), out var read) && read.Equals(set);
    });

    [Fact]
    public void Sets_obey_the_laws_of_sets() => Holds(Gen.Two(Configs()), pair =>
    {
        var (a, b) = (FieldExtraction.FieldsOf(pair.Item1, Pod), FieldExtraction.FieldsOf(pair.Item2, Pod));
        return a.Difference(b).Union(a.Intersection(b)).Equals(a)
            && a.Union(b).Equals(b.Union(a))
            && a.Union(b).Count == a.Count + b.Difference(a).Count
            && a.Difference(b).Intersection(b).IsEmpty
            && a.Paths().All(path => a.Contains(path.AsSpan()))
            && a.Paths().Count() == a.Count;
    });

    [Fact]
    public void Comparing_finds_what_changed_and_nothing_else() => Holds(Gen.Two(Configs()), pair =>
    {
        var (before, after) = (pair.Item1, pair.Item2);
        var difference = FieldComparison.Compare(before, after, Pod);
        var back = FieldComparison.Compare(after, before, Pod);
        return difference.IsSame == (FieldComparison.Compare(after, FieldMerge.Merge(after, before, Pod), Pod).IsSame && back.IsSame)
            && difference.Added.Equals(back.Removed) && difference.Removed.Equals(back.Added) && difference.Modified.Equals(back.Modified)
            && FieldComparison.Compare(before, before, Pod).IsSame;
    });

    [Fact]
    public void What_is_compared_without_a_tree_is_compared_alike() => Holds(Gen.Two(Configs()), pair =>
    {
        var (before, after) = (pair.Item1, pair.Item2);
        var stored = JsonElement.Parse(before.ToJsonString());
        return FieldComparison.Compare(before, stored, after, Pod).Equals(FieldComparison.Compare(before, after, Pod))
            && FieldComparison.Compare(before, stored, Copy(before), Pod).IsSame
            && StoredElement.Same(stored, after) == JsonNode.DeepEquals(before, after)
            && StoredElement.Same(stored, Copy(before)) && StoredElement.WritesSame(stored, JsonObject.Create(stored)!);
    });

    [Fact]
    public void The_short_ways_of_ownership_end_where_the_long_ones_do() => Holds(Gen.Four(Configs()), four =>
    {
        var (brief, whole) = (new OwnershipScenario(Pod, longWay: false), new OwnershipScenario(Pod));
        foreach (var world in (OwnershipScenario[])[brief, whole])
        {
            world.Step("force", "one", Copy(four.Item1));
            world.Step("update", "two", Copy(four.Item2));
            world.Step("force", "one", Copy(four.Item1));
            world.Step("force", "three", Copy(four.Item3));
            world.Step("update", "one", Copy(four.Item4));
            world.Step("force", "three", Copy(four.Item3));
            world.Step("force", "three", Copy(four.Item1));
        }

        return JsonNode.DeepEquals(brief.Object, whole.Object) && brief.Owners().SequenceEqual(whole.Owners());
    });

    /// <summary>Laying the configuration over the object changes nothing: all its values are there.</summary>
    private static bool Holds(JsonObject obj, JsonObject config) => FieldComparison.Compare(obj, FieldMerge.Merge(obj, config, Pod), Pod).IsSame;

    private static void Holds<T>(Gen<T> gen, Func<T, bool> property) =>
        Prop.ForAll(Arb.From(gen), property).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static JsonObject Copy(JsonObject config) => (JsonObject)config.DeepClone();

    /// <summary>Small Pods out of few names and values, so that they meet.</summary>
    private static Gen<JsonObject> Configs() =>
        from hostname in Maybe(Gen.Elements("a", "b"))
        from priority in Maybe(Gen.Elements("1", "2"))
        from labels in Gen.SubListOf("x", "y", "z")
        from finalizers in Gen.SubListOf("f", "g")
        from containers in Gen.SubListOf("c", "d", "e")
        from images in Gen.ArrayOf(Maybe(Gen.Elements("1", "2")), 3)
        from ports in Gen.ArrayOf(Gen.SubListOf("80", "81"), 3)
        from tolerations in Gen.SubListOf("t", "u")
        select Build(hostname, priority, labels, finalizers, containers, images, ports, tolerations);

    private static Gen<string?> Maybe(Gen<string> gen) => Gen.OneOf(Gen.Constant<string?>(null), gen.Select(value => (string?)value));

    private static JsonObject Build(
        string? hostname, string? priority, IEnumerable<string> labels, IEnumerable<string> finalizers, IEnumerable<string> containers, string?[] images,
        IEnumerable<string>[] ports, IEnumerable<string> tolerations)
    {
        var spec = new JsonObject();
        Put(spec, "hostname", hostname is null ? null : JsonValue.Create(hostname));
        Put(spec, "priority", priority is null ? null : JsonValue.Create(int.Parse(priority, System.Globalization.CultureInfo.InvariantCulture)));
        Put(spec, "tolerations", List(tolerations.Select(key => new JsonObject { ["key"] = key })));
        Put(spec, "containers", List(containers.Select((name, i) =>
        {
            var container = new JsonObject { ["name"] = name };
            Put(container, "image", images[i] is { } image ? JsonValue.Create(image) : null);
            Put(container, "ports", List(ports[i].Select(port => new JsonObject { ["containerPort"] = int.Parse(port, System.Globalization.CultureInfo.InvariantCulture) })));
            return container;
        })));
        var metadata = new JsonObject();
        Put(metadata, "labels", labels.Any() ? new JsonObject(labels.Select(name => KeyValuePair.Create(name, (JsonNode?)JsonValue.Create("1")))) : null);
        Put(metadata, "finalizers", List(finalizers.Select(name => JsonValue.Create(name))));
        var pod = new JsonObject();
        Put(pod, "metadata", metadata.Count > 0 ? metadata : null);
        Put(pod, "spec", spec.Count > 0 ? spec : null);
        return pod;
    }

    private static JsonArray? List(IEnumerable<JsonNode> items) => items.ToArray() is { Length: > 0 } some ? new JsonArray(some) : null;

    private static void Put(JsonObject obj, string name, JsonNode? value)
    {
        if (value is not null)
        {
            obj[name] = value;
        }
    }
}
