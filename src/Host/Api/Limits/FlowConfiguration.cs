using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Access;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Host.Api.Limits;

/// <summary>How the requests of one level wait: those of a flow are dealt a hand of the queues and wait in its shortest.</summary>
internal sealed record Queuing(int Queues, int HandSize, int Length);

/// <summary>What a priority level may have of the seats.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Empty for one that is only imagined.</param>
/// <param name="IsExempt">Its requests are never held up.</param>
/// <param name="Nominal">Its share of all seats.</param>
/// <param name="Least">The part of it that it never lends.</param>
/// <param name="Most">What it may hold when others lend.</param>
/// <param name="Queuing">Null when what comes above is refused at once.</param>
internal sealed record LevelLimits(string Name, string Uid, bool IsExempt, int Nominal, int Least, int Most, Queuing? Queuing);

/// <summary>
/// The flow schemas in the order in which they are asked, and what their levels may have (KEP-1040). A pure function of the objects; the mandatory ones are there
/// even before somebody has made them.
/// </summary>
internal sealed class FlowConfiguration
{
    public const string Exempt = "exempt";
    public const string CatchAll = "catch-all";
    private static readonly JsonNode Anything = JsonNode.Parse("""
        {"resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"],"clusterScope":true,"namespaces":["*"]}],"nonResourceRules":[{"verbs":["*"],"nonResourceURLs":["*"]}]}
        """)!;

    private readonly ImmutableArray<FlowSchema> _schemas;

    private FlowConfiguration(ImmutableArray<FlowSchema> schemas, FrozenDictionary<string, LevelLimits> levels, int seats) =>
        (_schemas, Levels, Seats) = (schemas, levels, seats);

    public FrozenDictionary<string, LevelLimits> Levels { get; }

    /// <summary>How many requests may be worked on at once that are not exempt.</summary>
    public int Seats { get; }

    public IReadOnlyList<FlowSchema> Schemas => _schemas;

    /// <param name="schemas">The FlowSchemas.</param>
    /// <param name="levels">The PriorityLevelConfigurations.</param>
    /// <param name="seats">What the levels share.</param>
    public static FlowConfiguration Of(IEnumerable<StoredObject> schemas, IEnumerable<StoredObject> levels, int seats)
    {
        var shares = levels.Select(Share.Read).Where(share => share.IsWhole).ToDictionary(share => share.Name);
        shares.TryAdd(Exempt, new Share(Exempt, "", true, 0, 0, null, null));
        shares.TryAdd(CatchAll, new Share(CatchAll, "", false, 5, 0, null, null));
        var sum = shares.Values.Sum(share => (double)share.Nominal);
        var limits = shares.Values.Select(share => share.Of(seats, sum)).ToFrozenDictionary(level => level.Name);

        var matching = schemas.Select(FlowSchema.Read).Where(schema => limits.ContainsKey(schema.Level))
            .OrderBy(schema => schema.Precedence).ThenBy(schema => schema.Name, StringComparer.Ordinal).ToList();
        if (matching.All(schema => schema.Name != Exempt))
        {
            matching.Insert(0, Imagined(Exempt, 1, "", "system:masters"));
        }

        if (matching.All(schema => schema.Name != CatchAll))
        {
            matching.Add(Imagined(CatchAll, 10000, "ByUser", "*"));
        }

        return new FlowConfiguration([.. matching], limits, limits.Values.Where(level => !level.IsExempt).Sum(level => level.Nominal));
    }

    /// <summary>Never without an answer: what nothing else matches is for the catch-all.</summary>
    public FlowSchema Classify(UserInfo user, in RequestAttributes request)
    {
        foreach (var schema in _schemas)
        {
            if (schema.Matches(user, request))
            {
                return schema;
            }
        }

        return _schemas[^1];
    }

    private static FlowSchema Imagined(string name, int precedence, string distinguisher, string group)
    {
        var rule = (JsonObject)Anything.DeepClone();
        rule["subjects"] = new JsonArray(new JsonObject { ["kind"] = "Group", ["group"] = new JsonObject { ["name"] = group } });
        return new FlowSchema(name, "", name, precedence, distinguisher, new JsonArray(rule));
    }

    /// <summary>A level as its object says it.</summary>
    private sealed record Share(string Name, string Uid, bool IsExempt, long Nominal, long Lendable, long? Borrowing, Queuing? Queuing)
    {
        /// <summary>The one exempt level is called so.</summary>
        public bool IsWhole => IsExempt == (Name == Exempt);

        public static Share Read(StoredObject stored)
        {
            var spec = stored.ToJson().Object("spec");
            var exempt = JsonNodes.Text(spec, "type") == "Exempt";
            var limits = spec.Object(exempt ? "exempt" : "limited");
            var response = limits.Object("limitResponse");
            var queuing = JsonNodes.Text(response, "type") == "Queue" ? response.Object("queuing") : null;
            return new Share(
                stored.Key.Name, stored.Uid, exempt, JsonNodes.Number(limits, "nominalConcurrencyShares") ?? (exempt ? 0 : 30), JsonNodes.Number(limits, "lendablePercent") ?? 0,
                JsonNodes.Number(limits, "borrowingLimitPercent"),
                queuing is null ? null : new Queuing(Positive(queuing, "queues", 64), Positive(queuing, "handSize", 8), Positive(queuing, "queueLengthLimit", 50)));
        }

        /// <summary>Rounded up, so that each has a seat; the sum may be a little more than what there is.</summary>
        public LevelLimits Of(int seats, double sum)
        {
            var nominal = (int)Math.Ceiling(seats * (Nominal / sum));
            var lendable = (int)Math.Round(nominal * (Lendable / 100.0), MidpointRounding.AwayFromZero);
            var borrowing = Borrowing is { } percent ? (int)Math.Round(nominal * (percent / 100.0), MidpointRounding.AwayFromZero) : seats;
            return new LevelLimits(Name, Uid, IsExempt, nominal, nominal - lendable, nominal + borrowing, Queuing);
        }

        private static int Positive(JsonObject holder, string name, int otherwise) => (int)Math.Clamp(JsonNodes.Number(holder, name) ?? otherwise, 1, 10_000_000);
    }
}
