using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Defaults;

internal static class PodDefaults
{
    private const int FileMode = 420; // 0644
    private static readonly string[] ContainerLists = ["initContainers", "containers", "ephemeralContainers"];
    private static readonly string[] Probes = ["livenessProbe", "readinessProbe", "startupProbe"];

    public static void Pod(JsonObject pod)
    {
        if (pod.Child("spec") is not { } spec)
        {
            return;
        }

        PodSpec(spec);
        spec.DefaultAbsent("enableServiceLinks", true);
        foreach (var container in spec.Items("containers").Concat(spec.Items("initContainers")))
        {
            RequestsFromLimits(container);
            if (spec.Flag("hostNetwork"))
            {
                foreach (var port in container.Items("ports").Where(port => port.Number("hostPort") is null or 0))
                {
                    port["hostPort"] = port["containerPort"]?.DeepClone();
                }
            }
        }

        PodLevelResourceDefaults.Apply(spec);
    }

    public static void Template(JsonObject template)
    {
        if (template.Child("spec") is { } spec)
        {
            PodSpec(spec);
        }
    }

    private static void PodSpec(JsonObject spec)
    {
        spec.DefaultText("dnsPolicy", "ClusterFirst");
        spec.DefaultText("restartPolicy", "Always");
        spec.DefaultAbsent("securityContext", new JsonObject());
        spec.DefaultAbsent("terminationGracePeriodSeconds", 30);
        spec.DefaultText("schedulerName", "default-scheduler");
        ServiceAccount(spec);
        foreach (var container in ContainerLists.SelectMany(list => spec.Items(list)))
        {
            Container(container);
        }

        foreach (var volume in spec.Items("volumes"))
        {
            Volume(volume);
        }
    }

    /// <summary>serviceAccount is the old name of serviceAccountName; both are always shown with one value.</summary>
    private static void ServiceAccount(JsonObject spec)
    {
        var name = spec.Text("serviceAccountName") is { Length: > 0 } given ? given : spec.Text("serviceAccount");
        if (name.Length > 0)
        {
            spec["serviceAccountName"] = name;
            spec["serviceAccount"] = name;
        }
    }

    private static void Container(JsonObject container)
    {
        container.DefaultText("imagePullPolicy", PullPolicy(container.Text("image")));
        container.DefaultText("terminationMessagePath", "/dev/termination-log");
        container.DefaultText("terminationMessagePolicy", "File");
        container.DefaultAbsent("resources", new JsonObject());
        foreach (var port in container.Items("ports"))
        {
            port.DefaultText("protocol", "TCP");
        }

        foreach (var variable in container.Items("env"))
        {
            variable.Child("valueFrom")?.Child("fieldRef")?.DefaultText("apiVersion", "v1");
        }

        foreach (var name in Probes)
        {
            if (container.Child(name) is { } probe)
            {
                Probe(probe);
            }
        }

        foreach (var handler in new[] { container.Child("lifecycle")?.Child("postStart"), container.Child("lifecycle")?.Child("preStop") })
        {
            HttpGet(handler);
        }
    }

    private static void Probe(JsonObject probe)
    {
        probe.DefaultNonZero("timeoutSeconds", 1);
        probe.DefaultNonZero("periodSeconds", 10);
        probe.DefaultNonZero("successThreshold", 1);
        probe.DefaultNonZero("failureThreshold", 3);
        HttpGet(probe);
        probe.Child("grpc")?.DefaultAbsent("service", "");
    }

    private static void HttpGet(JsonObject? handler)
    {
        if (handler?.Child("httpGet") is { } httpGet)
        {
            httpGet.DefaultText("path", "/");
            httpGet.DefaultText("scheme", "HTTP");
        }
    }

    private static void RequestsFromLimits(JsonObject container)
    {
        if (container.Child("resources") is { } resources)
        {
            resources.FillFrom("requests", resources.Child("limits"));
        }
    }

    private static void Volume(JsonObject volume)
    {
        if (!volume.Any(property => property.Key != "name" && property.Value is not null))
        {
            volume["emptyDir"] = new JsonObject();
        }

        volume.Child("secret")?.DefaultAbsent("defaultMode", FileMode);
        volume.Child("configMap")?.DefaultAbsent("defaultMode", FileMode);
        if (volume.Child("downwardAPI") is { } downward)
        {
            downward.DefaultAbsent("defaultMode", FileMode);
            FieldRefs(downward);
        }

        if (volume.Child("projected") is { } projected)
        {
            projected.DefaultAbsent("defaultMode", FileMode);
            foreach (var source in projected.Items("sources"))
            {
                source.Child("serviceAccountToken")?.DefaultAbsent("expirationSeconds", 3600);
                if (source.Child("downwardAPI") is { } items)
                {
                    FieldRefs(items);
                }
            }
        }

        if (volume.Child("ephemeral")?.Child("volumeClaimTemplate")?.Child("spec") is { } claim)
        {
            claim.DefaultAbsent("volumeMode", "Filesystem");
        }

        if (volume.Child("image") is { } image)
        {
            image.DefaultText("pullPolicy", PullPolicy(image.Text("reference")));
        }

        StorageDefaults.VolumeSource(volume);
    }

    private static void FieldRefs(JsonObject downward)
    {
        foreach (var item in downward.Items("items"))
        {
            item.Child("fieldRef")?.DefaultText("apiVersion", "v1");
        }
    }

    private static string PullPolicy(string image) => IsLatest(image) ? "Always" : "IfNotPresent";

    /// <summary>The tag is <c>latest</c>, said or not; a digest is a tag of its own.</summary>
    private static bool IsLatest(string image)
    {
        var digest = image.IndexOf('@', StringComparison.Ordinal);
        var named = digest < 0 ? image : image[..digest];
        var colon = named.LastIndexOf(':');
        var tag = colon > named.LastIndexOf('/') ? named[(colon + 1)..] : "";
        return tag == "latest" || (tag.Length == 0 && digest < 0);
    }
}
