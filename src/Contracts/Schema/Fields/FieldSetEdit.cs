using System.Text.Json.Nodes;

namespace ActorOrchestrator.Contracts.Schema.Fields;

/// <summary>
/// Takes members out of a set, and puts them in, in its <c>FieldsV1</c> form: only the levels that a change is on are looked at, which for the large set of a
/// large object is a small part.
/// </summary>
public static class FieldSetEdit
{
    private const string Self = ".";

    /// <summary>Removes the members of another set. False when there were none of them.</summary>
    public static bool Remove(JsonObject fields, FieldSet removed)
    {
        var changed = false;
        foreach (var node in removed.Nodes)
        {
            var name = node.Element.Spelled();
            if (fields[name] is not JsonObject field)
            {
                continue;
            }

            var isMember = IsMember(field);
            var below = Remove(field, node.Children);
            var taken = isMember && node.IsMember;
            changed |= below || taken;
            Put(fields, name, field, isMember && !node.IsMember);
        }

        return changed;
    }

    /// <summary>Adds the members of another set where they belong in the order. False when all were there.</summary>
    public static bool Add(JsonObject fields, FieldSet added)
    {
        var changed = false;
        foreach (var node in added.Nodes)
        {
            var name = node.Element.Spelled();
            if (fields[name] is not JsonObject field)
            {
                fields.Insert(PlaceOf(fields, node.Element), name, Written(node));
                changed = true;
                continue;
            }

            var isMember = IsMember(field);
            field.Remove(Self);
            var below = Add(field, node.Children);
            changed |= below || (node.IsMember && !isMember);
            Put(fields, name, field, isMember || node.IsMember);
        }

        return changed;
    }

    /// <summary>An empty object is a member; one with members below it is when it says so.</summary>
    private static bool IsMember(JsonObject field) => field.Count == 0 || field.ContainsKey(Self);

    private static void Put(JsonObject fields, string name, JsonObject field, bool isMember)
    {
        field.Remove(Self);
        if (field.Count > 0 && isMember)
        {
            field.Insert(0, Self, new JsonObject());
        }
        else if (field.Count == 0 && !isMember)
        {
            fields.Remove(name);
        }
    }

    private static JsonObject Written(FieldSet.Node node)
    {
        var written = FieldSetJson.Write(node.Children);
        if (node.IsMember && written.Count > 0)
        {
            written.Insert(0, Self, new JsonObject());
        }

        return written;
    }

    private static int PlaceOf(JsonObject fields, PathElement element)
    {
        var place = 0;
        foreach (var (name, _) in fields)
        {
            if (name != Self && PathElement.TryParse(name, out var other) && other.CompareTo(element) > 0)
            {
                return place;
            }

            place++;
        }

        return place;
    }
}
