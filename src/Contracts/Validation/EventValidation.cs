using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Schema;

namespace ActorOrchestrator.Contracts.Validation;

/// <summary>events.k8s.io/v1, which is stricter than the core event that is stored. Upstream tells some of its fields by their core names, and so do we.</summary>
internal static class EventValidation
{
    private const int WordLimit = 128;
    private const int NoteLimit = 1024;
    private static readonly string[] Types = ["Normal", "Warning"];
    private static readonly string[] Deprecated = ["deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount", "deprecatedSource"];

    /// <summary>Only the series of an event goes on; these stay.</summary>
    private static readonly (string Field, string Told)[] Fixed =
    [
        ("regarding", "involvedObject"), ("reason", "reason"), ("note", "message"), ("deprecatedSource", "source"), ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"), ("deprecatedCount", "count"), ("type", "type"), ("eventTime", "eventTime"), ("action", "action"),
        ("related", "related"), ("reportingController", "reportingController"), ("reportingInstance", "reportingInstance"),
    ];

    public static void Event(JsonObject happening, JsonObject? old, FieldErrors errors)
    {
        if (old is not null)
        {
            foreach (var (field, told) in Fixed)
            {
                errors.Immutable(FieldPath.Of(told), happening[field], old[field]);
            }

            Series(happening, errors);
            return;
        }

        if (!happening.Has("eventTime"))
        {
            errors.Required(FieldPath.Of("eventTime"));
        }

        if (!Types.Contains(happening.Text("type")))
        {
            errors.Invalid(FieldPath.Of("type"), "", $"has invalid value: {happening.Text("type")}");
        }

        foreach (var field in Deprecated.Where(field => IsSet(happening[field])))
        {
            var name = field["deprecated".Length..];
            errors.Invalid(FieldPath.Of(char.ToLowerInvariant(name[0]) + name[1..]), "", "needs to be unset");
        }

        Series(happening, errors);
        Words(happening, errors);
    }

    private static void Series(JsonObject happening, FieldErrors errors)
    {
        if (happening.Child("series") is not { } series)
        {
            return;
        }

        if (series.Number("count") is null or < 2)
        {
            errors.Invalid(FieldPath.Of("series", "count"), "", "should be at least 2");
        }

        if (!series.Has("lastObservedTime"))
        {
            errors.Required(FieldPath.Of("series", "lastObservedTime"));
        }
    }

    private static void Words(JsonObject happening, FieldErrors errors)
    {
        var controller = happening.Text("reportingController");
        if (controller.Length == 0)
        {
            errors.Required(FieldPath.Of("reportingController"));
        }

        errors.Check(FieldPath.Of("reportingController"), controller, Names.QualifiedName(controller));
        foreach (var field in (ReadOnlySpan<string>)["reportingInstance", "action", "reason"])
        {
            var word = happening.Text(field);
            if (word.Length == 0)
            {
                errors.Required(FieldPath.Of(field));
            }
            else if (word.Length > WordLimit)
            {
                errors.Invalid(FieldPath.Of(field), "", $"can have at most {WordLimit} characters");
            }
        }

        if (happening.Text("note").Length > NoteLimit)
        {
            errors.Invalid(FieldPath.Of("message"), "", $"can have at most {NoteLimit} characters");
        }
    }

    private static bool IsSet(JsonNode? value) => value switch
    {
        null => false,
        JsonObject map => map.Count > 0,
        var scalar => scalar.ToJsonString() is not ("0" or "\"\""),
    };
}
