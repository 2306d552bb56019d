using System.Collections.Immutable;
using static ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn.CoreColumns;

namespace ActorOrchestrator.Contracts.Resources.Catalog.BuiltIn;

/// <summary>The Table columns of apiextensions.k8s.io, apiregistration.k8s.io and flowcontrol.apiserver.k8s.io, with upstream's headings, order and priorities.</summary>
internal static class ExtensionColumns
{
    public static readonly ImmutableArray<PrinterColumn> CustomResourceDefinitions =
    [
        Name,
        new("Created At", "date", "", "When the object was created.", 0),
    ];

    public static readonly ImmutableArray<PrinterColumn> ApiServices =
    [
        Name,
        Text("Service", "The Service that serves the group, or Local."),
        Text("Available", "Whether the group is served."),
        Age,
    ];

    public static readonly ImmutableArray<PrinterColumn> FlowSchemas =
    [
        Name,
        Text("PriorityLevel", "The priority level that the requests belong to."),
        Number("MatchingPrecedence", "Lower numbers match first."),
        Text("DistinguisherMethod", "How flows are told apart."),
        Age,
        Text("MissingPL", "Whether the priority level is missing."),
    ];

    public static readonly ImmutableArray<PrinterColumn> PriorityLevelConfigurations =
    [
        Name,
        Text("Type", "Exempt or Limited."),
        Text("NominalConcurrencyShares", "The share of the seats."),
        Text("Queues", "Number of queues."),
        Text("HandSize", "Number of queues that a flow may use."),
        Text("QueueLengthLimit", "The longest that a queue may get."),
        Age,
    ];
}
