using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Discovery;
using ActorOrchestrator.Host.Api.OpenApi;
using Google.Protobuf;

namespace ActorOrchestrator.Host.Tests.Discovery;

/// <summary>
/// What clients discover, word for word: a change of it is a change of the contract and has to be meant. To write the files anew, run these tests with
/// <c>ORCHESTRATOR_UPDATE_DOCS=1</c> in the environment.
/// </summary>
public sealed class GoldenDocumentsTests
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly DiscoveryDocuments Discovery = new(ResourceCatalog.BuiltIn, "127.0.0.1:6443");
    private static readonly OpenApiDocuments OpenApi = new(ResourceCatalog.BuiltIn);

    [Fact]
    public void The_legacy_documents_are_what_they_were()
    {
        var all = new JsonObject { ["/api"] = Read("/api"), ["/apis"] = Read("/apis"), ["/api/v1"] = Read("/api/v1") };
        foreach (var group in all["/apis"]!["groups"]!.AsArray())
        {
            var name = (string)group!["name"]!;
            all[$"/apis/{name}"] = Read($"/apis/{name}");
            foreach (var version in group["versions"]!.AsArray())
            {
                var path = $"/apis/{(string)version!["groupVersion"]!}";
                all[path] = Read(path);
            }
        }

        Compare("legacy.json", all);
    }

    [Theory]
    [InlineData("/api", "aggregated-core.json")]
    [InlineData("/apis", "aggregated-groups.json")]
    public void The_aggregated_documents_are_what_they_were(string path, string file) =>
        Compare(file, JsonNode.Parse(Discovery.Find(path, Aggregated)!.Body)!);

    [Fact]
    public void The_two_forms_of_discovery_tell_the_same()
    {
        var groups = JsonNode.Parse(Discovery.Find("/apis", Aggregated)!.Body)!["items"]!.AsArray();
        foreach (var group in groups)
        {
            foreach (var version in group!["versions"]!.AsArray())
            {
                var plain = Read($"/apis/{(string)group["metadata"]!["name"]!}/{(string)version!["version"]!}")["resources"]!.AsArray().Select(resource => (string)resource!["name"]!);
                var aggregated = version["resources"]!.AsArray().SelectMany(resource =>
                    (resource!["subresources"]?.AsArray() ?? []).Select(sub => $"{(string)resource["resource"]!}/{(string)sub!["subresource"]!}").Prepend((string)resource["resource"]!));
                Assert.Equal(plain.Order(StringComparer.Ordinal), aggregated.Order(StringComparer.Ordinal));
            }
        }
    }

    [Fact]
    public void Every_group_has_a_version_3_document_whose_references_all_lead_somewhere()
    {
        var paths = JsonNode.Parse(OpenApi.Find("/openapi/v3", "application/json")!.Body)!["paths"]!.AsObject();
        Assert.Equal(ResourceCatalog.BuiltIn.GroupVersions.Length, paths.Count);
        foreach (var (path, _) in paths)
        {
            var document = JsonNode.Parse(OpenApi.Find($"/openapi/v3/{path}", "application/json")!.Body)!;
            Assert.StartsWith("3.", (string)document["openapi"]!, StringComparison.Ordinal);
            var schemas = document["components"]!["schemas"]!.AsObject();
            Assert.All(References(document).Distinct(), reference => Assert.True(schemas.ContainsKey(reference["#/components/schemas/".Length..]), $"{path}: {reference}"));
            Assert.All(document["paths"]!.AsObject(), item => Assert.StartsWith($"/{path}", item.Key, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Version_2_as_protobuf_has_the_paths_and_definitions_of_its_json()
    {
        var json = JsonNode.Parse(OpenApi.Find("/openapi/v2", "application/json")!.Body)!;
        var document = Fields(OpenApi.Find("/openapi/v2", OpenApiDocuments.ProtobufV2)!.Body);
        Assert.Equal("2.0", Text(Assert.Single(document, field => field.Number == 1).Value));
        Assert.Equal(json["paths"]!.AsObject().Select(item => item.Key), NamesIn(Assert.Single(document, field => field.Number == 8).Value, 2));
        Assert.Equal(json["definitions"]!.AsObject().Select(item => item.Key), NamesIn(Assert.Single(document, field => field.Number == 9).Value, 1));
    }

    private static IEnumerable<string> NamesIn(byte[] message, int number) =>
        Fields(message).Where(field => field.Number == number).Select(named => Text(Fields(named.Value).Single(field => field.Number == 1).Value));

    private static List<(int Number, byte[] Value)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
            {
                fields.Add((WireFormat.GetTagFieldNumber(tag), input.ReadBytes().ToByteArray()));
            }
            else
            {
                input.SkipLastField();
            }
        }

        return fields;
    }

    private static string Text(byte[] value) => Encoding.UTF8.GetString(value);

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject obj => obj.SelectMany(property => property is { Key: "$ref", Value: JsonValue value } && value.TryGetValue<string>(out var reference) ? [reference] : References(property.Value)),
        JsonArray array => array.SelectMany(References),
        _ => [],
    };

    private static JsonNode Read(string path) => JsonNode.Parse(Discovery.Find(path, "application/json")!.Body)!;

    private static void Compare(string name, JsonNode document)
    {
        var file = Path.Combine(Root(), "tests", "Host.Tests", "Discovery", "Golden", name);
        var made = document.ToJsonString(Readable) + "\n";
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(file, made);
            return;
        }

        Assert.True(File.Exists(file) && File.ReadAllText(file) == made, $"{name} is not what is discovered: if that is meant, run this test once with ORCHESTRATOR_UPDATE_DOCS=1.");
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ActorOrchestrator.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The repository's root was not found above the tests.");
    }
}
