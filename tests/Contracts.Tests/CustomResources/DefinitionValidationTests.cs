using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Defaults;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Validation;

namespace ActorOrchestrator.Contracts.Tests.CustomResources;

public class DefinitionValidationTests
{
    private static readonly ResourceDescriptor Kind = ResourceCatalog.BuiltIn.Find("apiextensions.k8s.io", "v1", "customresourcedefinitions")!;

    [Theory]
    [InlineData("spec.group", "\"example\"", "metadata.name: Invalid value: \"things.example.com\": must be spec.names.plural+\".\"+spec.group")]
    [InlineData("spec.scope", "\"Planet\"", "spec.scope: Unsupported value: \"Planet\": supported values: \"Cluster\", \"Namespaced\"")]
    [InlineData("spec.names.shortNames", "[\"UP\"]", "spec.names.shortNames[0]: Invalid value: \"UP\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')")]
    [InlineData("spec.names.listKind", "\"Thing\"", "spec.names.listKind: Invalid value: \"Thing\": kind and listKind may not be the same")]
    [InlineData("spec.versions.0.storage", "false", "spec.versions: Invalid value: [{\"name\":\"v1\"")]
    [InlineData("spec.preserveUnknownFields", "true", "spec.preserveUnknownFields: Invalid value: true: cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead")]
    [InlineData("spec.versions.0.additionalPrinterColumns", """[{"name":"A","type":"text","jsonPath":"spec.a"}]""", "spec.additionalPrinterColumns[0].type: Invalid value: \"text\": must be one of boolean,date,integer,number,string")]
    [InlineData("spec.versions.0.selectableFields", """[{"jsonPath":".spec.b"}]""", "spec.selectableFields[0].jsonPath: Invalid value: \".spec.b\": is an invalid path: does not refer to a valid field")]
    [InlineData("spec.versions.0.subresources.scale", """{"specReplicasPath":".replicas","statusReplicasPath":".status.replicas"}""", "spec.subresources.scale.specReplicasPath: Invalid value: \".replicas\": should be a json path under .spec")]
    [InlineData("spec.conversion", """{"strategy":"Webhook"}""", "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook")]
    [InlineData("status.storedVersions", "[\"v0\"]", "status.storedVersions: Invalid value: [\"v0\"]: must have the storage version v1")]
    [InlineData(Root + "type", "\"array\"", "spec.validation.openAPIV3Schema.type: Invalid value: \"array\": only \"object\" is allowed as the type at the root of the schema if the status subresource is enabled")]
    [InlineData(Root + "properties.spec.type", "null", "spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields")]
    [InlineData(Root + "properties.spec.properties.a", """{"type":"array"}""", "spec.validation.openAPIV3Schema.properties[spec].properties[a].items: Required value: must be specified")]
    [InlineData(Root + "properties.spec.properties.a", """{"type":"string","pattern":"("}""", "spec.validation.openAPIV3Schema.properties[spec].properties[a].pattern: Invalid value: \"(\": must be a valid regular expression, but isn't: ")]
    [InlineData(Root + "properties.spec.properties.a", """{"type":"string","default":5}""", "spec.validation.openAPIV3Schema.properties[spec].properties[a].default: Invalid value: \"integer\": ")]
    [InlineData(Root + "properties.spec.properties.a", """{"type":"object","properties":{"b":{"type":"string"}},"default":{"c":1}}""", "spec.validation.openAPIV3Schema.properties[spec].properties[a].default: Invalid value: {\"c\":1}: must not have unknown fields")]
    [InlineData(Root + "properties.spec.properties.a", """{"type":"array","uniqueItems":true,"items":{"type":"string"}}""", "spec.validation.openAPIV3Schema.properties[spec].properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic")]
    [InlineData(Root + "properties.spec.properties.a", """{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","properties":{"k":{"type":"string"}}}}""", "spec.validation.openAPIV3Schema.properties[spec].properties[a].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property")]
    [InlineData(Root + "properties.spec.anyOf", """[{"properties":{"z":{"minLength":1}}}]""", "spec.validation.openAPIV3Schema.properties[spec].properties[z]: Required value: because it is defined in spec.validation.openAPIV3Schema.properties[spec].anyOf[0].properties[z]")]
    [InlineData(Root + "properties.spec.anyOf", """[{"type":"object"}]""", "spec.validation.openAPIV3Schema.properties[spec].anyOf[0].type: Forbidden: must be empty to be structural")]
    [InlineData(Root + "properties.metadata", """{"type":"object","properties":{"labels":{"type":"object"}}}""", "spec.validation.openAPIV3Schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified")]
    [InlineData(Root + "properties.spec.x-kubernetes-validations", """[{"rule":""}]""", "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Required value: rule is not specified")]
    public void A_definition_is_refused_with_the_place_and_the_rule(string place, string value, string problem)
    {
        var definition = CustomObjectTests.Definition("""{"type":"object","properties":{"spec":{"type":"object","properties":{"a":{"type":"string"}}}}}""");
        Put(definition, place, JsonNode.Parse(value));
        ObjectDefaults.Apply(Kind, definition);
        var causes = ObjectValidation.Validate(Kind, definition).Select(cause => $"{cause.Field}: {cause.Message}").ToArray();
        Assert.True(causes.Any(cause => cause.StartsWith(problem, StringComparison.Ordinal)), string.Join("\n", causes));
    }

    [Fact]
    public void A_good_definition_passes_and_takes_its_names_defaults()
    {
        var definition = CustomObjectTests.Definition("""{"type":"object","x-kubernetes-preserve-unknown-fields":true}""");
        definition["spec"]!["names"]!.AsObject().Remove("singular");
        definition["spec"]!["names"]!.AsObject().Remove("listKind");
        ObjectDefaults.Apply(Kind, definition);
        Assert.Equal(("thing", "ThingList", "None"), ((string?)definition["spec"]!["names"]!["singular"], (string?)definition["spec"]!["names"]!["listKind"], (string?)definition["spec"]!["conversion"]!["strategy"]));
        Assert.Empty(ObjectValidation.Validate(Kind, definition));
    }

    [Fact]
    public void An_established_definition_keeps_its_scope_and_kind()
    {
        var old = CustomObjectTests.Definition("""{"type":"object"}""");
        var changed = (JsonObject)old.DeepClone();
        changed["spec"]!["scope"] = "Cluster";
        changed["spec"]!["names"]!["kind"] = "Other";
        var fields = ObjectValidation.Validate(Kind, changed, old).Select(cause => cause.Field).ToArray();
        Assert.Equal(["spec.scope", "spec.names.kind"], fields);
    }

    private const string Root = "spec.versions.0.schema.openAPIV3Schema.";

    private static void Put(JsonObject obj, string place, JsonNode? value)
    {
        var steps = place.Split('.');
        JsonNode at = obj;
        foreach (var step in steps[..^1])
        {
            at = int.TryParse(step, out var index) ? at[index]! : at[step] ??= new JsonObject();
        }

        at[steps[^1]] = value;
    }
}
