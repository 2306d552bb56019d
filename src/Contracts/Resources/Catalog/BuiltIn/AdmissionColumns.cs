using System.Collections.Immutable;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of admissionregistration.k8s.io, with upstream's headings, order and priorities.</summary>
internal static class AdmissionColumns
{
    public static readonly ImmutableArray<PrinterColumn> WebhookConfigurations =
    [
        Name,
        Number("Webhooks", "Number of webhooks."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ValidatingAdmissionPolicies =
    [
        Name,
        Number("Validations", "Number of validations."),
        Text("ParamKind", "The kind that parameterizes the policy."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ValidatingAdmissionPolicyBindings =
    [
        Name,
        Text("PolicyName", "The policy that is bound."),
        Text("ParamRef", "The object that parameterizes the policy."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> MutatingAdmissionPolicies =
    [
        Name,
        Number("Mutations", "Number of mutations."),
        Text("ParamKind", "The kind that parameterizes the policy."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> MutatingAdmissionPolicyBindings =
    [
        Name,
        Text("PolicyName", "The policy that is bound."),
        Text("ParamRef", "The object that parameterizes the policy."),
        Age,
    ];
}
