using System.Text.Json.Nodes;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Contracts.Defaults;

/// <summary>Defaults of the kinds that limit, allow and refuse.</summary>
internal static class PolicyDefaults
{
    private const string RbacGroup = "rbac.authorization.k8s.io";
    private const int HttpsPort = 443;

    /// <summary>A container's default is its maximum, its default request its default or its minimum.</summary>
    public static void LimitRange(JsonObject range)
    {
        foreach (var item in (range.Child("spec") ?? []).Items("limits").Where(item => item.Text("type") == "Container"))
        {
            item.FillFrom("default", item.Child("max"));
            item.FillFrom("defaultRequest", item.Child("default"));
            item.FillFrom("defaultRequest", item.Child("min"));
        }
    }

    public static void NetworkPolicy(JsonObject policy)
    {
        var spec = policy.ChildOrNew("spec");
        foreach (var port in spec.Items("ingress").Concat(spec.Items("egress")).SelectMany(rule => rule.Items("ports")))
        {
            port.DefaultText("protocol", "TCP");
        }

        if (spec.Count("policyTypes") == 0)
        {
            spec["policyTypes"] = spec.Count("egress") > 0 ? new JsonArray("Ingress", "Egress") : new JsonArray("Ingress");
        }
    }

    public static void IngressClass(JsonObject ingressClass) =>
        ingressClass.Child("spec")?.Child("parameters")?.DefaultAbsent("scope", "Cluster");

    public static void PriorityClass(JsonObject priorityClass) => priorityClass.DefaultAbsent("preemptionPolicy", "PreemptLowerPriority");

    public static void RoleBinding(JsonObject binding)
    {
        binding.ChildOrNew("roleRef").DefaultText("apiGroup", RbacGroup);
        foreach (var subject in binding.Items("subjects").Where(subject => subject.Text("kind") is "User" or "Group"))
        {
            subject.DefaultText("apiGroup", RbacGroup);
        }
    }

    public static void ValidatingWebhooks(JsonObject configuration) => Webhooks(configuration, mutating: false);

    public static void MutatingWebhooks(JsonObject configuration) => Webhooks(configuration, mutating: true);

    public static void AdmissionPolicy(JsonObject policy)
    {
        var spec = policy.ChildOrNew("spec");
        spec.DefaultAbsent("failurePolicy", "Fail");
        MatchResources(spec.Child("matchConstraints"));
    }

    public static void AdmissionPolicyBinding(JsonObject binding) => MatchResources(binding.Child("spec")?.Child("matchResources"));

    public static void FlowSchema(JsonObject schema) => schema.ChildOrNew("spec").DefaultNonZero("matchingPrecedence", 1000);

    public static void PriorityLevel(JsonObject level)
    {
        var spec = level.ChildOrNew("spec");
        if (spec.Child("exempt") is { } exempt)
        {
            exempt.DefaultAbsent("nominalConcurrencyShares", 0);
            exempt.DefaultAbsent("lendablePercent", 0);
        }

        if (spec.Child("limited") is { } limited)
        {
            limited.DefaultAbsent("nominalConcurrencyShares", 30);
            limited.DefaultAbsent("lendablePercent", 0);
            if (limited.Child("limitResponse")?.Child("queuing") is { } queuing)
            {
                queuing.DefaultNonZero("handSize", 8);
                queuing.DefaultNonZero("queues", 64);
                queuing.DefaultNonZero("queueLengthLimit", 50);
            }
        }
    }

    public static void ResourceClaim(JsonObject claim) => DeviceRequests(claim.Child("spec"));

    public static void ResourceClaimTemplate(JsonObject template) => DeviceRequests(template.Child("spec")?.Child("spec"));

    private static void DeviceRequests(JsonObject? spec)
    {
        foreach (var request in spec?.Child("devices")?.Items("requests") ?? [])
        {
            foreach (var asked in request.Items("firstAvailable").Concat(request.Child("exactly") is { } exactly ? [exactly] : []))
            {
                foreach (var toleration in asked.Items("tolerations"))
                {
                    toleration.DefaultText("operator", "Equal");
                }

                asked.DefaultText("allocationMode", "ExactCount");
                if (asked.Text("allocationMode") == "ExactCount")
                {
                    asked.DefaultNonZero("count", 1);
                }
            }
        }
    }

    private static void Webhooks(JsonObject configuration, bool mutating)
    {
        foreach (var webhook in configuration.Items("webhooks"))
        {
            webhook.DefaultAbsent("failurePolicy", "Fail");
            webhook.DefaultAbsent("matchPolicy", "Equivalent");
            webhook.DefaultAbsent("namespaceSelector", new JsonObject());
            webhook.DefaultAbsent("objectSelector", new JsonObject());
            webhook.DefaultAbsent("timeoutSeconds", 10);
            if (mutating)
            {
                webhook.DefaultAbsent("reinvocationPolicy", "Never");
            }

            foreach (var rule in webhook.Items("rules"))
            {
                rule.DefaultAbsent("scope", "*");
            }

            webhook.Child("clientConfig")?.Child("service")?.DefaultAbsent("port", HttpsPort);
        }
    }

    private static void MatchResources(JsonObject? match)
    {
        if (match is null)
        {
            return;
        }

        match.DefaultAbsent("matchPolicy", "Equivalent");
        match.DefaultAbsent("namespaceSelector", new JsonObject());
        match.DefaultAbsent("objectSelector", new JsonObject());
        foreach (var rule in match.Items("resourceRules").Concat(match.Items("excludeResourceRules")))
        {
            rule.DefaultAbsent("scope", "*");
        }
    }
}
