using System.Text;
using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.CustomResources;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Contracts.Schema;
using k8s.Models;

namespace ActorOrchestrator.Contracts.Defaults;

/// <summary>
/// Fills in what the author left out, as upstream's <c>SetDefaults_*</c> and the conversions around them do. Pure, and applying it twice changes
/// nothing. It runs on every write, after <see cref="StructuralDecoder"/> and before validation.
/// </summary>
public static class ObjectDefaults
{
    private static readonly Dictionary<Type, Action<JsonObject>> Kinds = new()
    {
        [typeof(V1Pod)] = PodDefaults.Pod,
        [typeof(V1Deployment)] = Deployment,
        [typeof(V1ReplicaSet)] = ReplicaSet,
        [typeof(V1Service)] = ServiceDefaults.Service,
        [typeof(V1Endpoints)] = Endpoints,
        [typeof(V1EndpointSlice)] = EndpointSlice,
        [typeof(V1Namespace)] = Namespace,
        [typeof(V1Node)] = Node,
        [typeof(V1Secret)] = Secret,
        [typeof(V1CustomResourceDefinition)] = ExtensionDefaults.Definition,
        [typeof(V1APIService)] = ExtensionDefaults.ApiService,
    };

    /// <summary>Changes the tree in place.</summary>
    public static void Apply(ResourceDescriptor descriptor, JsonObject obj)
    {
        if (descriptor.Custom is { } custom)
        {
            CustomDefaults.DropNulls(obj, custom.Schema);
            CustomDefaults.Apply(obj, custom.Schema);
            return;
        }

        Kinds.GetValueOrDefault(descriptor.Model!)?.Invoke(obj);
        if (HasPodTemplate(descriptor) && obj.Child("spec")?.Child("template") is { } template)
        {
            PodDefaults.Template(template);
        }
    }

    /// <summary>Every kind with a pod template in its spec gets the template's defaults, whichever kind it is.</summary>
    private static bool HasPodTemplate(ResourceDescriptor descriptor) =>
        ObjectSchema.Of(descriptor).Find("spec", "template")?.Object?.Model == typeof(V1PodTemplateSpec);

    private static void Deployment(JsonObject deployment)
    {
        var spec = deployment.ChildOrNew("spec");
        spec.DefaultAbsent("replicas", 1);
        var strategy = spec.ChildOrNew("strategy");
        strategy.DefaultText("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            var rolling = strategy.ChildOrNew("rollingUpdate");
            rolling.DefaultAbsent("maxUnavailable", "25%");
            rolling.DefaultAbsent("maxSurge", "25%");
        }

        spec.DefaultAbsent("revisionHistoryLimit", 10);
        spec.DefaultAbsent("progressDeadlineSeconds", 600);
    }

    private static void ReplicaSet(JsonObject replicaSet) => replicaSet.ChildOrNew("spec").DefaultAbsent("replicas", 1);

    private static void Endpoints(JsonObject endpoints)
    {
        foreach (var port in endpoints.Items("subsets").SelectMany(subset => subset.Items("ports")))
        {
            port.DefaultText("protocol", "TCP");
        }
    }

    private static void EndpointSlice(JsonObject slice)
    {
        foreach (var port in slice.Items("ports"))
        {
            port.DefaultAbsent("name", "");
            port.DefaultText("protocol", "TCP");
        }
    }

    private static void Namespace(JsonObject @namespace)
    {
        if (@namespace.Child("metadata") is { } metadata && metadata.Text("name") is { Length: > 0 } name)
        {
            metadata.ChildOrNew("labels")["kubernetes.io/metadata.name"] = name;
        }

        @namespace.ChildOrNew("status").DefaultText("phase", "Active");
    }

    private static void Node(JsonObject node)
    {
        if (node.Child("status") is { } status && status["capacity"] is JsonObject capacity && !status.Has("allocatable"))
        {
            status["allocatable"] = capacity.DeepClone();
        }
    }

    private static void Secret(JsonObject secret)
    {
        // stringData is for writing only: it ends as data, and wins over it.
        if (secret["stringData"] is JsonObject)
        {
            var data = secret.ChildOrNew("data");
            foreach (var (key, text) in secret.Pairs("stringData"))
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
            }

            secret.Remove("stringData");
        }

        secret.DefaultText("type", "Opaque");
    }
}
