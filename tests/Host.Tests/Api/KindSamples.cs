using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources.Catalog;

namespace ActorOrchestrator.Host.Tests.Api;

/// <summary>The least that makes an object of each kind valid.</summary>
internal static class KindSamples
{
    private const string PodSpec = """{"containers":[{"name":"c","image":"i:1"}]}""";
    private const string Template = """{"metadata":{"labels":{"a":"b"}},"spec":""" + PodSpec + "}";
    private const string JobSpec = """{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]}}}""";
    private const string Owner = """{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":""" + Template + "}}";
    private const string Rules = """[{"operations":["CREATE"],"apiGroups":["never.example.com"],"apiVersions":["v1"],"resources":["things"]}]""";
    private const string RoleRef = """{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"sample"}""";
    private const string Webhooks = """{"webhooks":[{"name":"a.example.com","admissionReviewVersions":["v1"],"sideEffects":"None","clientConfig":{"url":"https://127.0.0.1:1/"},"rules":""" + Rules + "}]}";
    private const string PolicyBinding = """{"spec":{"policyName":"absent.example.com"}}""";
    private const string Claims = """{"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"d"}}]}}""";

    private static readonly Dictionary<string, string> Bodies = new()
    {
        ["bindings"] = "{}",
        ["events"] = """{"involvedObject":{"kind":"Pod","namespace":"NS","name":"p"},"reason":"R","message":"m"}""",
        ["limitranges"] = """{"spec":{"limits":[{"type":"Container","max":{"cpu":"1"}}]}}""",
        ["persistentvolumeclaims"] = """{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""",
        ["persistentvolumes"] = """{"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"hostPath":{"path":"/data"}}}""",
        ["pods"] = """{"spec":""" + PodSpec + "}",
        ["podtemplates"] = """{"template":""" + Template + "}",
        ["replicationcontrollers"] = """{"spec":{"template":""" + Template + "}}",
        ["resourcequotas"] = """{"spec":{"hard":{"pods":"4"}}}""",
        ["services"] = """{"spec":{"ports":[{"port":80}]}}""",
        ["controllerrevisions"] = """{"revision":1,"data":{"x":1}}""",
        ["daemonsets"] = Owner,
        ["deployments"] = Owner,
        ["replicasets"] = Owner,
        ["statefulsets"] = """{"spec":{"serviceName":"s","selector":{"matchLabels":{"a":"b"}},"template":""" + Template + "}}",
        ["horizontalpodautoscalers"] = """{"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"}}}""",
        ["cronjobs"] = """{"spec":{"schedule":"*/5 * * * *","jobTemplate":{"spec":""" + JobSpec + "}}}",
        ["jobs"] = """{"spec":""" + JobSpec + "}",
        ["poddisruptionbudgets"] = """{"spec":{"minAvailable":1,"selector":{"matchLabels":{"a":"b"}}}}""",
        ["ingressclasses"] = """{"spec":{"controller":"example.com/c"}}""",
        ["ingresses"] = """{"spec":{"rules":[{"host":"a.example.com","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]}}""",
        ["ipaddresses"] = """{"metadata":{"name":"192.0.2.7"},"spec":{"parentRef":{"resource":"services","namespace":"default","name":"web"}}}""",
        ["networkpolicies"] = """{"spec":{"podSelector":{}}}""",
        ["servicecidrs"] = """{"spec":{"cidrs":["192.0.2.0/24"]}}""",
        ["endpointslices"] = """{"addressType":"IPv4","endpoints":[{"addresses":["192.0.2.1"]}]}""",
        ["csidrivers"] = """{"metadata":{"name":"csi.example.com"},"spec":{}}""",
        ["csinodes"] = """{"spec":{"drivers":[]}}""",
        ["csistoragecapacities"] = """{"storageClassName":"fast","capacity":"1Gi"}""",
        ["storageclasses"] = """{"provisioner":"example.com/p"}""",
        ["volumeattachments"] = """{"spec":{"attacher":"csi.example.com","nodeName":"n","source":{"persistentVolumeName":"v"}}}""",
        ["volumeattributesclasses"] = """{"driverName":"csi.example.com","parameters":{"a":"b"}}""",
        ["clusterrolebindings"] = """{"subjects":[{"kind":"User","name":"u"}],"roleRef":""" + RoleRef + "}",
        ["rolebindings"] = """{"subjects":[{"kind":"User","name":"u"}],"roleRef":""" + RoleRef + "}",
        ["clusterroles"] = """{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}""",
        ["roles"] = """{"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}""",
        ["clustertrustbundles"] = """{"spec":{"trustBundle":"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"}}""",
        ["podcertificaterequests"] = """{"spec":{"signerName":"example.com/s","podName":"p","podUID":"u","serviceAccountName":"a","serviceAccountUID":"v","nodeName":"n","nodeUID":"w","stubPKCS10Request":"STUB"}}""",
        ["mutatingadmissionpolicies"] = """{"spec":{"matchConstraints":{"resourceRules":""" + Rules + """},"reinvocationPolicy":"Never","mutations":[{"patchType":"JSONPatch","jsonPatch":{"expression":"[JSONPatch{op: 'test', path: '/kind', value: 'x'}]"}}]}}""",
        ["mutatingadmissionpolicybindings"] = PolicyBinding,
        ["mutatingwebhookconfigurations"] = Webhooks,
        ["validatingadmissionpolicies"] = """{"spec":{"matchConstraints":{"resourceRules":""" + Rules + """},"validations":[{"expression":"true"}]}}""",
        ["validatingadmissionpolicybindings"] = """{"spec":{"policyName":"absent.example.com","validationActions":["Deny"]}}""",
        ["validatingwebhookconfigurations"] = Webhooks,
        ["priorityclasses"] = """{"value":7}""",
        ["runtimeclasses"] = """{"handler":"runc"}""",
        ["flowschemas"] = """{"spec":{"priorityLevelConfiguration":{"name":"global-default"}}}""",
        ["prioritylevelconfigurations"] = """{"spec":{"type":"Limited","limited":{"limitResponse":{"type":"Reject"}}}}""",
        ["deviceclasses"] = """{"spec":{}}""",
        ["devicetaintrules"] = """{"spec":{"taint":{"key":"a.example.com/b","effect":"NoSchedule"}}}""",
        ["resourceclaims"] = """{"spec":""" + Claims + "}",
        ["resourceclaimtemplates"] = """{"spec":{"spec":""" + Claims + "}}",
        ["resourceslices"] = """{"spec":{"driver":"d.example.com","nodeName":"n","pool":{"name":"p","generation":1,"resourceSliceCount":1}}}""",
        ["certificatesigningrequests"] = """{"spec":{"signerName":"example.com/s","usages":["client auth"],"request":"CSR"}}""",
    };

    public static JsonObject Minimal(ResourceDescriptor descriptor, string @namespace)
    {
        var text = descriptor.Group == "events.k8s.io"
            ? """{"eventTime":"2026-01-02T03:04:05.000006Z","type":"Normal","reason":"R","action":"A","regarding":{"kind":"Pod","namespace":"NS","name":"p"},"reportingController":"example.com/c","reportingInstance":"i"}"""
            : Bodies.GetValueOrDefault(descriptor.Plural, "{}");
        text = text.Replace("\"NS\"", $"\"{@namespace}\"", StringComparison.Ordinal).Replace("\"CSR\"", $"\"{Request()}\"", StringComparison.Ordinal)
            .Replace("\"STUB\"", $"\"{Stub()}\"", StringComparison.Ordinal);
        var body = JsonNode.Parse(text)!.AsObject();
        body["metadata"] ??= new JsonObject { ["name"] = "sample" };
        body["apiVersion"] = descriptor.ApiVersion;
        body["kind"] = descriptor.Kind;
        return body;
    }

    /// <summary>What lets an object go that something beside its deletion holds; null for kinds that just go.</summary>
    public static string? IsHeldBack(ResourceDescriptor descriptor) => descriptor.Plural switch
    {
        "persistentvolumes" or "persistentvolumeclaims" or "volumeattributesclasses" or "servicecidrs" => """{"metadata":{"finalizers":null}}""",
        _ => null,
    };

    private static string Stub()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Convert.ToBase64String(new CertificateRequest("CN=sample", key, HashAlgorithmName.SHA256).CreateSigningRequest());
    }

    private static string Request()
    {
        using var key = ECDsa.Create();
        var pem = new CertificateRequest("CN=sample", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        return Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));
    }
}
