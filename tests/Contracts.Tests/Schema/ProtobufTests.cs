using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using ActorOrchestrator.Contracts.Schema.Protobuf;
using Xunit.Abstractions;

namespace ActorOrchestrator.Contracts.Tests.Schema;

public class ProtobufTests(ITestOutputHelper output)
{
    private static readonly ResourceCatalog Kinds = ResourceCatalog.BuiltIn;

    private static byte[] Encode(ResourceDescriptor kind, string json)
    {
        using var encoder = new ProtobufEncoder();
        encoder.Object(kind.ApiVersion, kind.Kind, kind.Model!, Encoding.UTF8.GetBytes(json));
        return encoder.Written.ToArray();
    }

    private static JsonObject Decode(byte[] bytes) => ProtobufDecoder.Decode(bytes, (version, kind) => Kinds.FindKind(version, kind)?.Model);

    [Fact]
    public void An_object_is_what_upstreams_generated_code_writes()
    {
        // By hand from the .proto: magic; Unknown{typeMeta=1{apiVersion=1, kind=2}, raw=2}; ConfigMap{metadata=1{name=1}, data=2{key=1, value=2}}.
        byte[] expected =
        [
            .. "k8s\0"u8, 0x0a, 0x0f, 0x0a, 0x02, .. "v1"u8, 0x12, 0x09, .. "ConfigMap"u8,
            0x12, 0x0d, 0x0a, 0x03, 0x0a, 0x01, (byte)'a', 0x12, 0x06, 0x0a, 0x01, (byte)'k', 0x12, 0x01, (byte)'v',
        ];
        Assert.Equal(expected, Encode(Kinds.FindKind("v1", "ConfigMap")!, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}}"""));
    }

    [Fact]
    public void Raw_JSON_that_is_no_UTF_8_is_refused()
    {
        // JSONSchemaProps.default=8 is JSON{raw=1}; the text within is looked at only when somebody reads it.
        var definition = Encode(Kinds.FindKind("apiextensions.k8s.io/v1", "CustomResourceDefinition")!, """{"spec":{"versions":[{"schema":{"openAPIV3Schema":{"default":"r~d"}}}]}}""");
        definition[definition.AsSpan().IndexOf("r~d"u8) + 1] = 0xff;

        Assert.Contains("not valid UTF-8", Assert.Throws<InvalidDataException>(() => Decode(definition)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(29, true)]
    [InlineData(30, false)]
    [InlineData(500, false)]
    public void What_is_nested_deeper_than_JSON_may_be_is_refused(int levels, bool read)
    {
        // CustomResourceDefinition.spec.versions[].schema.openAPIV3Schema is six levels deep; each allOf adds an array and an object.
        var schema = ObjectSchema.Of(typeof(k8s.Models.V1JSONSchemaProps));
        var allOf = MessageFields.Of(MessagePlan.NameOf(schema)).Single(field => field.Value.Name == "allOf").Key;
        byte[] nested = [0x0a, 0x01, (byte)'x'];
        for (var level = 0; level < levels; level++)
        {
            nested = Field(allOf, nested);
        }

        const string Definition = """{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition"}""";
        var start = Encode(Kinds.FindKind("apiextensions.k8s.io/v1", "CustomResourceDefinition")!, Definition);
        var envelope = start.AsSpan(..(start.AsSpan().IndexOf("CustomResourceDefinition"u8) + "CustomResourceDefinition".Length)).ToArray();
        byte[] body = [.. envelope, .. Field(2, Field(2, Field(7, Field(4, Field(1, nested)))))];

        if (read)
        {
            Assert.NotNull(JsonNode.Parse(Decode(body).ToJsonString()));
        }
        else
        {
            Assert.Contains("nested too deeply", Assert.Throws<InvalidDataException>(() => Decode(body)).Message, StringComparison.Ordinal);
        }
    }

    private static byte[] Field(int number, byte[] content) => [.. Varint((number << 3) | 2), .. Varint(content.Length), .. content];

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value > 127; value >>= 7)
        {
            yield return (byte)(value | 128);
        }

        yield return (byte)value;
    }

    [Fact]
    public void A_watch_frame_is_an_event_behind_its_length()
    {
        var frame = new ArrayBufferWriter<byte>();
        ProtobufEncoder.WriteWatchFrame(frame, "ADDED"u8, new byte[200]);
        var bytes = frame.WrittenSpan;
        Assert.Equal(bytes.Length - 4, BinaryPrimitives.ReadInt32BigEndian(bytes));
        Assert.Equal([0x0a, 0x05, .. "ADDED"u8, 0x12, 0xcb, 0x01, 0x0a, 0xc8, 0x01], bytes[4..17].ToArray());
    }

    [Fact]
    public void What_stands_in_its_parents_json_is_found_again()
    {
        var pod = Kinds.FindKind("v1", "Pod")!;
        const string Json = """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","creationTimestamp":"2026-01-02T03:04:05Z"},
             "spec":{"volumes":[{"name":"v","configMap":{"name":"c","defaultMode":420}}],
             "containers":[{"name":"c","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"100m"}},
             "livenessProbe":{"httpGet":{"port":"web","path":"/"},"periodSeconds":3},"env":[{"name":"E","value":"\u00e4\"\n"}]}],
             "terminationGracePeriodSeconds":0,"securityContext":{}}}
            """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Json), Decode(Encode(pod, Json))));
    }

    [Fact]
    public void Every_property_of_every_kind_has_its_place_on_the_wire()
    {
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<Type>();
        foreach (var kind in Kinds.All.Where(kind => ProtobufEncoder.Supports(kind.Model!)))
        {
            Walk(ObjectSchema.Of(kind));
        }

        Assert.Empty(missing.Except(["core.v1.NodeSystemInfo.runningInUserNamespace"]));

        void Walk(ObjectSchema schema)
        {
            if (!seen.Add(schema.Model!))
            {
                return;
            }

            var plan = MessagePlan.Of(schema);
            if (plan.Message.StartsWith('.') || plan.Message.StartsWith("resource.", StringComparison.Ordinal))
            {
                // Alpha types that the models know and upstream's published definitions do not.
                return;
            }

            var placed = plan.Fields.Select(field => Encoding.UTF8.GetString(field.Name)).ToHashSet();
            missing.UnionWith(schema.PropertyNames.Where(name => !placed.Contains(name) && !(schema.Properties.ContainsKey("metadata") && name is "apiVersion" or "kind")).Select(name => $"{plan.Message}.{name}"));
            foreach (var node in schema.Properties.Values)
            {
                var inner = node;
                while (inner.Items is not null)
                {
                    inner = inner.Items;
                }

                if (inner.Object is { } below)
                {
                    Walk(below);
                }
            }
        }
    }

    [Fact]
    public void Every_kind_survives_the_way_there_and_back()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        foreach (var kind in Kinds.All.Where(kind => ProtobufEncoder.Supports(kind.Model!)))
        {
            for (var i = 0; i < 20; i++)
            {
                var written = new RandomObject(random).Of(ObjectSchema.Of(kind));
                written["apiVersion"] = kind.ApiVersion;
                written["kind"] = kind.Kind;
                var read = Decode(Encode(kind, written.ToJsonString()));
                Assert.True(JsonNode.DeepEquals(written, read), $"seed {seed}, {kind}:\n{written.ToJsonString()}\n{read.ToJsonString()}");
            }
        }
    }

    [Fact]
    public void Mangled_bytes_are_refused_or_read_and_never_break_the_decoder()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var kinds = Kinds.All.Where(kind => ProtobufEncoder.Supports(kind.Model!)).ToArray();
        for (var i = 0; i < 5_000; i++)
        {
            var kind = kinds[random.Next(kinds.Length)];
            var bytes = Encode(kind, new RandomObject(random).Of(ObjectSchema.Of(kind)).ToJsonString());
            for (var mangled = random.Next(1, 4); mangled > 0; mangled--)
            {
                bytes[random.Next(4, bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                Decode(bytes[..random.Next(4, bytes.Length + 1)]).ToJsonString();
            }
            catch (InvalidDataException)
            {
                // What it is meant to say.
            }
        }
    }
}
