using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema.Protobuf;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>Requests that are nearly right, or not at all.</summary>
internal sealed class FuzzedRequests(Random random)
{
    private static readonly string[] Methods = ["GET", "GET", "GET", "POST", "POST", "POST", "PUT", "PATCH", "PATCH", "DELETE", "HEAD", "OPTIONS", "FOO"];
    private static readonly string[] Groups = ["/api/v1", "/api/v1", "/apis/apps/v1", "/apis/discovery.k8s.io/v1", "/apis/coordination.k8s.io/v1", "/apis/batch/v1", "/apis/fuzz.example.com/v1", "/apis/apiextensions.k8s.io/v1", "/apis/rbac.authorization.k8s.io/v1", "/apis/flowcontrol.apiserver.k8s.io/v1", "/apis/admissionregistration.k8s.io/v1", "/apis/nope/v1", "/apis", "/api", "/api/v2", "/apis/apps/v1beta1"];
    private static readonly string[] Plurals = ["pods", "configmaps", "secrets", "services", "namespaces", "deployments", "replicasets", "leases", "endpointslices", "events", "nodes", "jobs", "watch/pods", "serviceaccounts", "bindings", "things", "customresourcedefinitions", "roles", "clusterrolebindings", "flowschemas", "validatingadmissionpolicies", "nope"];
    private static readonly string[] Subresources = ["status", "scale", "log", "exec", "binding", "eviction", "proxy", "finalize", "ephemeralcontainers", "nope", "resize", "token"];
    private static readonly string[] Urls = ["/api/", "/openapi/v2", "/openapi/v3/api/v1", "/version", "/healthz/nope", "/readyz", "/livez/ping", "/metrics", "/apis/apps", "/.well-known/x"];
    private static readonly string[] Parameters =
    [
        "labelSelector", "fieldSelector", "limit", "continue", "resourceVersion", "resourceVersionMatch", "watch", "timeoutSeconds", "allowWatchBookmarks", "sendInitialEvents", "dryRun",
        "fieldManager", "force", "fieldValidation", "pretty", "timeout", "gracePeriodSeconds", "propagationPolicy", "orphanDependents", "includeObject", "tailLines", "follow", "exclude", "verbose", "🙂",
    ];

    private static readonly string[] Values =
    [
        "", "0", "1", "-1", "true", "false", "999999999999999999999", "9223372036854775807", "1.5", "abc", "a=b", "a in (b,c)", "a notin (", "!a", "a,,b", "a==b,c!=d", "metadata.name=a", "metadata.name!=a", "spec.nodeName=x",
        "status.phase=Running", "nope=1", "=", ",", "All", "None", "Strict", "Warn", "Exact", "NotOlderThan", "Foreground", "Background", "Orphan", "5s", "1m30s", "-5s", "5", "s", "%", "%zz", "%00", "%c3%28", "\u00e4", "a%20b", "\\", "(((((",
        "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NSwic3RhcnQiOiJkZWZhdWx0L2FcdTAwMDAifQ", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTUsInN0YXJ0IjoieCJ9", "e30", "bnVsbA", "MQ", "W10", "eyJ2Ijo1fQ",
    ];

    private static readonly string[] Accepts =
    [
        "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/vnd.kubernetes.protobuf,application/json", "*/*", "text/html", "application/cbor", ";;;", ",", "a/b;q=x", "application/json;q=", "application/json;as=Table;v=v1;g=meta.k8s.io",
        "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io", "application/yaml;as=Table;v=v1;g=meta.k8s.io", "application/json;stream=watch", "application/json;stream=nope", "application/json;as=Nope;v=v1;g=x", "\u0001", "*/*;q=0",
    ];

    private static readonly string[] Types =
    [
        "application/json", "application/json", "application/json; charset=utf-8", "application/yaml", "application/vnd.kubernetes.protobuf", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json", "application/apply-patch+yaml", "application/cbor", "text/plain", "", ";", "a",
    ];

    private static readonly string[] Bodies =
    [
        """{"metadata":{"name":"a"},"data":{"k":"v"}}""",
        """{"metadata":{"generateName":"a-"},"data":{"k":"v"}}""",
        """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"1"}},"env":[{"name":"E","value":"v"}],"livenessProbe":{"httpGet":{"port":"x"}}}],"volumes":[{"name":"v","emptyDir":{}}]}}""",
        """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}""",
        """{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"type":"NodePort","ports":[{"port":80,"targetPort":"x"}],"selector":{"a":"b"}}}""",
        """{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0,"preconditions":{"uid":"x"},"propagationPolicy":"Orphan"}""",
        """[{"op":"add","path":"/metadata/labels/x","value":"y"},{"op":"test","path":"/data/k","value":"v"},{"op":"remove","path":"/data"},{"op":"move","from":"/data","path":"/x"}]""",
        """{"metadata":{"labels":{"x":null}},"spec":{"$patch":"replace","containers":[{"name":"c","$patch":"delete"}],"$setElementOrder/containers":[{"name":"c"}],"$retainKeys":["x"]}}""",
        """{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"a"},"spec":{"replicas":3}}""",
        """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"b"},"spec":{"finalizers":["kubernetes"]}}""",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: y}\ndata:\n  a: |\n    text\n  b: &x c\n  d: *x\n",
        "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f]\n",
        """{"apiVersion":"fuzz.example.com/v1","kind":"Thing","metadata":{"name":"a"},"spec":{"replicas":1,"color":"blue","size":"5%","free":{"x":[1]},"inner":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{}},"tags":["x","y"],"ports":[{"port":1,"name":null}]}}""",
        """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"a"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}""",
        """{"apiVersion":"flowcontrol.apiserver.k8s.io/v1","kind":"FlowSchema","metadata":{"name":"a"},"spec":{"priorityLevelConfiguration":{"name":"exempt"},"rules":[{"subjects":[{"kind":"User","user":{"name":"u"}}],"nonResourceRules":[{"verbs":["*"],"nonResourceURLs":["/x/*"]}]}]}}""",
        """{"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicy","metadata":{"name":"a"},"spec":{"matchConstraints":{"resourceRules":[{"apiGroups":["nope"],"apiVersions":["v1"],"operations":["CREATE"],"resources":["nopes"]}]},"validations":[{"expression":"object.metadata.name.size() > 1"}]}}""",
        Definition.Replace("things", "others", StringComparison.Ordinal).Replace("thing", "other", StringComparison.OrdinalIgnoreCase),
        "null", "1", "\"x\"", "[]", "{}", "", "{", "\u0000", "---\n---\n", "{\"metadata\":{\"name\":\"\\ud800\"}}", "{\"a\":1,\"a\":2}", "{\"metadata\":{\"name\":1e400}}",
    ];

    private readonly HostileText _hostile = new(random);
    private byte[] _body = [];
    private bool _yaml;

    public byte[] Body => _body;

    /// <summary>A kind of a user's own, with a bit of everything.</summary>
    public const string Definition = """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.fuzz.example.com"},
         "spec":{"group":"fuzz.example.com","scope":"Namespaced","names":{"plural":"things","singular":"thing","kind":"Thing","listKind":"ThingList"},
          "versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"}},
           "selectableFields":[{"jsonPath":".spec.color"}],"additionalPrinterColumns":[{"name":"Color","type":"string","jsonPath":".spec.color"}],
           "schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[{"rule":"!has(self.replicas) || self.replicas < 100"},
             {"rule":"!has(oldSelf.color) || self.color == oldSelf.color","messageExpression":"'was ' + oldSelf.color"}],
            "properties":{"replicas":{"type":"integer"},"color":{"type":"string","default":"red","maxLength":20,"pattern":"^[a-z]*$"},"size":{"x-kubernetes-int-or-string":true},
             "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},"inner":{"type":"object","x-kubernetes-embedded-resource":true,"x-kubernetes-preserve-unknown-fields":true},
             "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
             "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port"],"items":{"type":"object","required":["port"],"properties":{"port":{"type":"integer"},"name":{"type":"string","nullable":true} } } } } },
            "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true} } } } }]} }
        """;

    /// <summary>Answers without an end.</summary>
    public static bool MayLast(HttpRequestMessage request) =>
        request.RequestUri!.OriginalString.Contains("watch", StringComparison.Ordinal) || request.RequestUri.OriginalString.Contains("follow", StringComparison.Ordinal);

    public HttpRequestMessage Next(Uri root)
    {
        var (method, path, text, type) = random.Next(3) == 0 ? (Pick(Methods), Path(), Pick(Bodies), Pick(Types)) : Sensible();
        var target = (random.Next(8) == 0 ? Path() : path) + Query();
        var request = new HttpRequestMessage(
            new HttpMethod(method),
            new Uri(root.GetLeftPart(UriPartial.Authority) + target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (random.Next(3) == 0)
        {
            request.Headers.TryAddWithoutValidation("Accept", Pick(Accepts));
        }

        if (random.Next(10) == 0)
        {
            var (name, value) = _hostile.Header();
            request.Headers.TryAddWithoutValidation(name, value);
        }

        _body = [];
        if (method is not ("GET" or "HEAD" or "OPTIONS" or "FOO") && text.Length > 0)
        {
            _yaml = false;
            _body = Mangled(text);
            type = _yaml ? method == "PATCH" ? Types[8] : Types[3] : type;
            request.Content = new ByteArrayContent(_body);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", _body.AsSpan().StartsWith("k8s\0"u8) ? Types[4] : random.Next(8) switch { 0 => Pick(Types), 1 when type.Length > 0 => _hostile.MediaType(type), _ => type });
        }

        return request;
    }

    /// <summary>What a client would send; the fuzz is what is changed of it afterwards.</summary>
    private (string Method, string Path, string Body, string Type) Sensible()
    {
        var (collection, body) = random.Next(11) switch
        {
            5 or 6 => ("/apis/fuzz.example.com/v1/namespaces/default/things", Bodies[12]),
            7 => ("/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles", Bodies[13]),
            8 => ("/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas", Bodies[14]),
            9 => ("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", Bodies[15]),
            10 => ("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", random.Next(2) == 0 ? Definition : Bodies[16]),
            0 => ("/api/v1/namespaces/default/pods", Bodies[2]),
            1 => ("/apis/apps/v1/namespaces/default/deployments", Bodies[3]),
            2 => ("/api/v1/namespaces/default/services", Bodies[4]),
            3 => ("/api/v1/namespaces", Bodies[9]),
            _ => ("/api/v1/namespaces/default/configmaps", Bodies[random.Next(2)]),
        };
        var one = $"{collection}/{Pick(["a", "a", "b", "y"])}";
        return random.Next(10) switch
        {
            0 or 1 => ("POST", collection, body, Types[0]),
            2 => ("PUT", one, body, Types[0]),
            3 => ("PATCH", one, Bodies[6], Types[5]),
            4 => ("PATCH", one, random.Next(2) == 0 ? Bodies[7] : body, Types[6 + random.Next(2)]),
            5 => ("PATCH", one, body, Types[8]),
            6 => ("DELETE", random.Next(6) == 0 ? collection : one, random.Next(2) == 0 ? Bodies[5] : "", Types[0]),
            7 => ("GET", one, "", ""),
            8 => ("PUT", $"{one}/{Pick(Subresources)}", random.Next(2) == 0 ? body : Bodies[8], Types[0]),
            _ => ("GET", collection, "", ""),
        };
    }

    private string Pick(string[] from) => from[random.Next(from.Length)];

    private string Path()
    {
        if (random.Next(12) == 0)
        {
            return Pick(Urls);
        }

        var path = new StringBuilder(Pick(Groups));
        if (random.Next(4) > 0)
        {
            path.Append("/namespaces/").Append(random.Next(5) == 0 ? Word() : "default");
        }

        path.Append('/').Append(Pick(Plurals));
        if (random.Next(2) == 0)
        {
            path.Append('/').Append(random.Next(3) == 0 ? Word() : Pick(["a", "b", "y"]));
            if (random.Next(4) == 0)
            {
                path.Append('/').Append(Pick(Subresources));
                path.Append(random.Next(6) == 0 ? "/" + Word() : "");
            }
        }

        return path.ToString();
    }

    private string Word() => random.Next(3) == 0 ? _hostile.Step() : Pick(["a", "A", "..", "%2e%2e", "%2F", "a%20b", "a%zz", "-", "%f0%9f%99%82", new string('x', random.Next(300)), "*", "", "~", "a:b", "a;b", "%25"]);

    private string Query()
    {
        switch (random.Next(20))
        {
            case 0: return $"?{(random.Next(2) == 0 ? "label" : "field")}Selector={Uri.EscapeDataString(_hostile.Selector())}";
            case 1: return $"?limit=1&continue={Uri.EscapeDataString(_hostile.Continue())}";
            case 2: return $"?{Pick(Parameters)}={Uri.EscapeDataString(_hostile.Number())}";
        }

        var parts = Enumerable.Range(0, Math.Max(0, random.Next(6) - 2)).Select(_ => $"{Uri.EscapeDataString(Pick(Parameters))}={(random.Next(2) == 0 ? Pick(Values).Replace(" ", "+", StringComparison.Ordinal).Replace("\u00e4", "%C3%A4", StringComparison.Ordinal) : Uri.EscapeDataString(Pick(Values)))}").ToArray();
        return parts.Length == 0 ? "" : "?" + string.Join('&', parts);
    }

    private byte[] Mangled(string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        switch (random.Next(12))
        {
            case 10 when text.StartsWith('{') && text.Length > 2:
                return _hostile.Json(text);
            case 11 when random.Next(2) == 0:
                _yaml = true;
                return Encoding.UTF8.GetBytes(_hostile.YamlDocument());
            case 0 when body.Length > 0:
                for (var mangled = random.Next(1, 5); mangled > 0; mangled--)
                {
                    body[random.Next(body.Length)] = (byte)random.Next(256);
                }

                return body;
            case 1 or 2 when !text.Contains("\\ud800", StringComparison.Ordinal) && (text.StartsWith('{') || text.StartsWith('[')):
                return Encoding.UTF8.GetBytes(Twisted(text));
            case 3:
                return Protobuf(text) ?? body;
            case 4:
                return body[..random.Next(body.Length + 1)];
            default:
                return body;
        }
    }

    /// <summary>Right JSON in which a value somewhere is of a wrong kind.</summary>
    private string Twisted(string text)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(text, null, new System.Text.Json.JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (System.Text.Json.JsonException)
        {
            return text;
        }

        for (var node = root; node is JsonObject or JsonArray;)
        {
            var stop = random.Next(3) == 0;
            switch (node)
            {
                case JsonObject { Count: > 0 } obj:
                    var name = obj.Select(property => property.Key).ElementAt(random.Next(obj.Count));
                    if (stop || obj[name] is null or JsonValue)
                    {
                        obj[random.Next(4) == 0 ? Word() : name] = Odd();
                        return root!.ToJsonString();
                    }

                    node = obj[name];
                    break;
                case JsonArray { Count: > 0 } array:
                    var index = random.Next(array.Count);
                    if (stop || array[index] is null or JsonValue)
                    {
                        array[index] = Odd();
                        return root!.ToJsonString();
                    }

                    node = array[index];
                    break;
                default:
                    return root!.ToJsonString();
            }
        }

        return text;
    }

    private JsonNode? Odd() => random.Next(10) switch
    {
        0 => null,
        1 => 5,
        2 => -1,
        3 => double.MaxValue,
        4 => true,
        5 => new JsonArray(1, "a", null, new JsonObject()),
        6 => new JsonObject { ["a"] = new JsonObject { ["$patch"] = "nope" } },
        7 => new string('x', random.Next(70_000)),
        8 => long.MaxValue.ToString(CultureInfo.InvariantCulture),
        _ => Pick(Values),
    };

    private byte[]? Protobuf(string text)
    {
        if (!text.Contains("\"kind\"", StringComparison.Ordinal) || JsonNode.Parse(text) is not JsonObject obj
            || ResourceCatalog.BuiltIn.FindKind((string)obj["apiVersion"]!, (string)obj["kind"]!) is not { } kind)
        {
            return null;
        }

        using var encoder = new ProtobufEncoder();
        encoder.Object(kind.ApiVersion, kind.Kind, kind.Model!, Encoding.UTF8.GetBytes(text));
        var bytes = encoder.Written.ToArray();
        for (var mangled = random.Next(4); mangled > 0; mangled--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }
}
