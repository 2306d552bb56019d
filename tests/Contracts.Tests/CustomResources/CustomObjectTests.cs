using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Validation;
using FsCheck;
using FsCheck.Fluent;

namespace ActorOrchestrator.Contracts.Tests.CustomResources;

public class CustomObjectTests
{
    private const string Schema = """
        {"type":"object","required":["spec"],"properties":{
          "spec":{"type":"object","required":["name"],"properties":{
            "name":{"type":"string","minLength":2,"maxLength":5,"pattern":"^[a-z]+$"},
            "size":{"type":"integer","minimum":1,"maximum":10,"default":3},
            "ratio":{"type":"number","exclusiveMaximum":true,"maximum":1.5,"multipleOf":0.5},
            "mode":{"type":"string","enum":["fast","slow"],"default":"slow"},
            "port":{"x-kubernetes-int-or-string":true,"anyOf":[{"type":"integer"},{"type":"string"}]},
            "when":{"type":"string","format":"date-time"},
            "maybe":{"type":"string","nullable":true},
            "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"known":{"type":"object","properties":{"a":{"type":"string"}}}}},
            "labels":{"type":"object","additionalProperties":{"type":"string"}},
            "ports":{"type":"array","maxItems":2,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port"],"items":{"type":"object","required":["port"],
              "properties":{"port":{"type":"integer"},"protocol":{"type":"string","default":"TCP"}}}},
            "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
            "template":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true},
            "choice":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"oneOf":[{"required":["a"]},{"required":["b"]}]}
          }},
          "status":{"type":"object","properties":{"ready":{"type":"boolean"}}}}}
        """;

    private static readonly ResourceDescriptor Kind = CustomKinds.Of(CustomResourceDefinition.Read(Definition(Schema)))[0];

    [Theory]
    [InlineData("""{"name":"abc"}""", "")]
    [InlineData("""{}""", "spec.name: Required value")]
    [InlineData("""{"name":5}""", "spec.name: Invalid value: \"integer\": spec.name in body must be of type string: \"integer\"")]
    [InlineData("""{"name":"a"}""", "spec.name: Invalid value: \"a\": spec.name in body should be at least 2 chars long")]
    [InlineData("""{"name":"abcdefg"}""", "spec.name: Too long: may not be more than 5 bytes")]
    [InlineData("""{"name":"ABC"}""", "spec.name: Invalid value: \"ABC\": spec.name in body should match '^[a-z]+$'")]
    [InlineData("""{"name":"abc","size":0}""", "spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1")]
    [InlineData("""{"name":"abc","size":11}""", "spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10")]
    [InlineData("""{"name":"abc","size":2.0}""", "")]
    [InlineData("""{"name":"abc","size":2.5}""", "spec.size: Invalid value: \"number\": spec.size in body must be of type integer: \"number\"")]
    [InlineData("""{"name":"abc","ratio":1.5}""", "spec.ratio: Invalid value: 1.5: spec.ratio in body should be less than 1.5")]
    [InlineData("""{"name":"abc","ratio":0.7}""", "spec.ratio: Invalid value: 0.7: spec.ratio in body should be a multiple of 0.5")]
    [InlineData("""{"name":"abc","mode":"odd"}""", "spec.mode: Unsupported value: \"odd\": supported values: \"fast\", \"slow\"")]
    [InlineData("""{"name":"abc","port":"http"}""", "")]
    [InlineData("""{"name":"abc","port":80}""", "")]
    [InlineData("""{"name":"abc","port":true}""", "spec.port: Invalid value: \"boolean\": spec.port in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"name":"abc","when":"yesterday"}""", "spec.when: Invalid value: \"yesterday\": spec.when in body must be of type date-time: \"yesterday\"")]
    [InlineData("""{"name":"abc","maybe":null}""", "")]
    [InlineData("""{"name":"abc","labels":{"a":1}}""", "spec.labels.a: Invalid value: \"integer\": spec.labels.a in body must be of type string: \"integer\"")]
    [InlineData("""{"name":"abc","ports":[{"port":1},{"port":1}]}""", "spec.ports[1]: Duplicate value: {\"port\":1}")]
    [InlineData("""{"name":"abc","ports":[{"port":1},{"port":2},{"port":3}]}""", "spec.ports: Too many: 3: must have at most 2 items")]
    [InlineData("""{"name":"abc","tags":["a","b","a"]}""", "spec.tags[2]: Duplicate value: \"a\"")]
    [InlineData("""{"name":"abc","template":{"kind":"Pod"}}""", "spec.template.apiVersion: Required value: must not be empty")]
    [InlineData("""{"name":"abc","choice":{}}""", "<nil>: Invalid value: \"\": \"spec.choice\" must validate one and only one schema (oneOf). Found none valid")]
    public void A_value_is_judged_in_upstreams_words(string spec, string problem)
    {
        var obj = Object(spec);
        Assert.Null(StructuralDecoder.Decode(Kind, obj).TypeError);
        ObjectDefaults.Apply(Kind, obj);
        var causes = ObjectValidation.Validate(Kind, obj);
        Assert.Equal(problem, causes.IsEmpty ? "" : $"{causes[0].Field}: {causes[0].Message}");
    }

    [Fact]
    public void What_was_wrong_before_is_tolerated_until_it_is_changed()
    {
        var old = Object("""{"name":"TOO BIG","size":99,"ports":[{"port":1,"protocol":5},{"port":2}]}""");
        var same = Object("""{"name":"TOO BIG","size":3,"ports":[{"port":2},{"port":1,"protocol":5}]}""");
        Assert.Empty(ObjectValidation.Validate(Kind, same, old));
        var worse = Object("""{"name":"TOO BIG!","size":99}""");
        Assert.Equal(["spec.name", "spec.name"], ObjectValidation.Validate(Kind, worse, old).Select(cause => cause.Field));
    }

    [Fact]
    public void Unknown_fields_go_where_the_schema_does_not_keep_them()
    {
        var obj = Object("""{"name":"abc","extra":1,"free":{"x":{"y":1},"known":{"a":"1","b":2}},"labels":{"q":"1"},"ports":[{"port":1,"zone":2}],"template":{"apiVersion":"v1","kind":"Pod","spec":{"a":1},"metadata":{"name":"p","odd":1}}}""");
        var report = StructuralDecoder.Decode(Kind, obj);
        Assert.Equal(["spec.template.metadata.odd", "spec.extra", "spec.free.known.b", "spec.ports[0].zone"], report.UnknownFields.ToArray());
        Assert.Equal(
            """{"name":"abc","free":{"x":{"y":1},"known":{"a":"1"}},"labels":{"q":"1"},"ports":[{"port":1}],"template":{"apiVersion":"v1","kind":"Pod","spec":{"a":1},"metadata":{"name":"p"}}}""",
            obj["spec"]!.ToJsonString());
    }

    [Fact]
    public void Defaults_fill_what_is_absent_or_a_null_that_may_not_be()
    {
        var obj = Object("""{"name":null,"size":null,"maybe":null,"ports":[{"port":1}]}""");
        ObjectDefaults.Apply(Kind, obj);
        Assert.Equal("""{"maybe":null,"ports":[{"port":1,"protocol":"TCP"}],"size":3,"mode":"slow"}""", Ordered(obj["spec"]!.AsObject(), "maybe", "ports", "size", "mode"));
    }

    [Theory]
    [InlineData("a.b", false)]
    [InlineData("^(?i)abc$", true)]
    [InlineData("[[:alpha:]]+\\d", true)]
    [InlineData("(?=x)", null)]
    [InlineData("(a)\\1", null)]
    [InlineData("(", null)]
    [InlineData("[]a]", true)]
    [InlineData("\\pL", true)]
    [InlineData("(?m)^b$", true)]
    [InlineData("^b$", false)]
    [InlineData("\\Qa.b\\E$", false)]
    [InlineData("[^\\D]", false)]
    [InlineData("\\x{zz}", null)]
    [InlineData("\\x{110000}", null)]
    [InlineData("\\x{99999999999}", null)]
    public void Patterns_are_those_of_Go(string pattern, bool? matches)
    {
        var text = pattern switch { "a.b" => "a\nb", "(?m)^b$" or "^b$" => "a\nb\nc", "[]a]" => "]", "[[:alpha:]]+\\d" => "x1", _ => "ABC" };
        Assert.Equal(matches is not null, GoPattern.TryTranslate(pattern, out var regex, out _));
        Assert.Equal(matches ?? false, regex?.IsMatch(text) ?? false);
    }

    [Fact]
    public void Whatever_is_sent_never_throws_and_twice_is_once() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Sent).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static void Sent(int seed)
    {
        var random = new Random(seed);
        var value = Any(random, 4);
        var obj = new JsonObject { ["metadata"] = Any(random, 2), ["spec"] = value, ["status"] = Any(random, 2), ["other"] = Any(random, 1) };
        if (StructuralDecoder.Decode(Kind, obj).TypeError is not null)
        {
            return;
        }

        ObjectDefaults.Apply(Kind, obj);
        ObjectValidation.Validate(Kind, obj);
        var once = obj.ToJsonString();
        Assert.Empty(StructuralDecoder.Decode(Kind, obj).UnknownFields);
        ObjectDefaults.Apply(Kind, obj);
        Assert.Equal(once, obj.ToJsonString());

        // Of unknown fields around what is missing, and of items without keys, nobody can say that they are the same.
        Assert.DoesNotContain(
            ObjectValidation.Validate(Kind, obj, (JsonObject)obj.DeepClone()),
            cause => cause.Reason != "FieldValueRequired" && cause.Field.StartsWith("spec", StringComparison.Ordinal) && !cause.Field.Contains("template") && !cause.Field.Contains("ports"));
    }

    [Fact]
    public void Whatever_a_definition_is_its_reading_and_validation_never_throw() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Defined).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    private static void Defined(int seed)
    {
        var random = new Random(seed);
        var definition = Definition(Schema);
        var schema = Any(random, 5) as JsonObject ?? [];
        definition["spec"]!["versions"]![0]!["schema"] = new JsonObject { ["openAPIV3Schema"] = schema };
        definition["spec"]![Words[random.Next(Words.Length)]] = Any(random, 3);
        var kind = ResourceCatalog.BuiltIn.Find("apiextensions.k8s.io", "v1", "customresourcedefinitions")!;
        if (StructuralDecoder.Decode(kind, definition).TypeError is null)
        {
            ObjectDefaults.Apply(kind, definition);
            ObjectValidation.Validate(kind, definition);
            CustomKinds.Of(CustomResourceDefinition.Read(definition));
        }
    }

    [Theory]
    [InlineData("""{"ports":[{"port":1,"to":"a"},{"port":2}]}""", """{"ports":[{"port":2},{"port":1,"to":"a"}]}""", true)]
    [InlineData("""{"ports":[{"port":1,"to":"a"},{"port":2}]}""", """{"ports":[{"port":2},{"port":1,"to":"b"}]}""", false)]
    [InlineData("""{"ports":[{"port":1}]}""", """{"ports":[{"port":1},{"port":2}]}""", false)]
    [InlineData("""{"tags":["a","b"]}""", """{"tags":["b","a"]}""", false)]
    [InlineData("""{"unknown":1}""", """{"unknown":1}""", false)]
    [InlineData("""{"tags":["a","b"]}""", """{"tags":["a","b"]}""", true)]
    public void A_value_is_the_one_that_it_was_whatever_the_order_of_a_list_with_keys(string old, string value, bool same)
    {
        var schema = StructuralSchema.Read(JsonNode.Parse("""
            {"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"tags":{"type":"array","items":{"type":"string"}},"ports":{"type":"array","x-kubernetes-list-type":"map",
             "x-kubernetes-list-map-keys":["port"],"items":{"type":"object","properties":{"port":{"type":"integer"},"to":{"type":"string"}}}}}}
            """)!.AsObject());
        Assert.Equal(same, new CorrelatedValue(schema, JsonNode.Parse(value), JsonNode.Parse(old)).IsUnchanged);
    }

    private static readonly string[] Words =
    [
        "name", "size", "ports", "port", "tags", "template", "free", "known", "choice", "labels", "apiVersion", "kind", "metadata", "spec", "type", "properties", "items", "default",
        "allOf", "not", "nullable", "x-kubernetes-list-type", "additionalProperties", "pattern", "versions", "conversion", "names",
    ];

    private static JsonNode? Any(Random random, int depth) => random.Next(depth <= 0 ? 6 : 9) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonNode.Parse(random.Next(-5, 20).ToString()),
        3 => JsonNode.Parse("1.5e3"),
        4 => JsonValue.Create(Words[random.Next(Words.Length)]),
        5 => JsonValue.Create("object"),
        6 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Any(random, depth - 1))]),
        _ => new JsonObject(Enumerable.Range(0, random.Next(6)).Select(_ => Words[random.Next(Words.Length)]).Distinct().Select(word => KeyValuePair.Create(word, Any(random, depth - 1)))),
    };

    private static JsonObject Object(string spec) => JsonNode.Parse(
        $$"""{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"t","namespace":"default"},"spec":{{spec}}}""")!.AsObject();

    private static string Ordered(JsonObject obj, params string[] names)
    {
        Assert.Equal(names.Order(), obj.Select(property => property.Key).Order());
        return new JsonObject(names.Select(name => KeyValuePair.Create(name, obj[name]?.DeepClone()))).ToJsonString();
    }

    internal static JsonObject Definition(string schema) => JsonNode.Parse(
        $$$$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.example.com"},
         "spec":{"group":"example.com","scope":"Namespaced","names":{"plural":"things","singular":"thing","kind":"Thing","listKind":"ThingList"},
           "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{{{{schema}}}}}}]},
         "status":{"storedVersions":["v1"],"acceptedNames":{"plural":"things","singular":"thing","kind":"Thing","listKind":"ThingList"},
           "conditions":[{"type":"Established","status":"True"}]}}
        """)!.AsObject();
}
