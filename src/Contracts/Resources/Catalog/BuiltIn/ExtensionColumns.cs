using System.Collections.Immutable;
using k8s.Models;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of apiregistration.k8s.io and flowcontrol.apiserver.k8s.io, with upstream's headings, types, order and priorities.</summary>
internal static class ExtensionColumns
{
    public static readonly ImmutableArray<PrinterColumn> ApiServices =
    [
        Name,
        Text("Service", "The reference to the service that hosts this API endpoint."),
        Text("Available", "Whether this service is available."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> FlowSchemas =
    [
        Name,
        Text("PriorityLevel", Of<V1PriorityLevelConfigurationReference>("name")),
        Text("MatchingPrecedence", Of<V1FlowSchemaSpec>("matchingPrecedence")),
        Text("DistinguisherMethod", Of<V1FlowSchemaSpec>("distinguisherMethod")),
        Age,
        Text("MissingPL", "references a broken or non-existent PriorityLevelConfiguration"),
    ];

    public static readonly ImmutableArray<PrinterColumn> PriorityLevelConfigurations =
    [
        Name,
        Text("Type", Of<V1PriorityLevelConfigurationSpec>("type")),
        Text("NominalConcurrencyShares", Of<V1LimitedPriorityLevelConfiguration>("nominalConcurrencyShares")),
        Text("Queues", Of<V1QueuingConfiguration>("queues")),
        Text("HandSize", Of<V1QueuingConfiguration>("handSize")),
        Text("QueueLengthLimit", Of<V1QueuingConfiguration>("queueLengthLimit")),
        Age,
    ];
}
