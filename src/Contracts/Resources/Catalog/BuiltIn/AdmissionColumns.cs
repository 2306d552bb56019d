using System.Collections.Immutable;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of admissionregistration.k8s.io, with upstream's headings, types, order and priorities.</summary>
internal static class AdmissionColumns
{
    public static readonly ImmutableArray<PrinterColumn> WebhookConfigurations =
    [
        Name,
        Number("Webhooks", "Webhooks indicates the number of webhooks registered in this configuration"),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> ValidatingAdmissionPolicies =
    [
        Name,
        Number("Validations", "Validations indicates the number of validation rules defined in this configuration"),
        Text("ParamKind", "ParamKind specifies the kind of resources used to parameterize this policy"),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> PolicyBindings =
    [
        Name,
        Text("PolicyName", "PolicyName indicates the policy definition which the policy binding binded to"),
        Text("ParamRef", "ParamRef indicates the param resource which sets the configration param"),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> MutatingAdmissionPolicies =
    [
        Name,
        Number("Mutations", "Mutation indicates the number of mutations rules defined in this configuration"),
        Text("ParamKind", "ParamKind specifies the kind of resources used to parameterize this policy"),
        Age,
    ];
}
