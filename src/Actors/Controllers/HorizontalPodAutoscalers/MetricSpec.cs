using System.Globalization;
using System.Text.Json;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Controllers.HorizontalPodAutoscalers;

/// <summary>One entry of <c>spec.metrics</c>.</summary>
/// <param name="Type"><c>Resource</c>, <c>ContainerResource</c>, <c>Pods</c>, <c>Object</c> or <c>External</c>.</param>
/// <param name="Name">Of the resource, or of the metric.</param>
/// <param name="Container">Of a ContainerResource; empty otherwise.</param>
public sealed record MetricSpec(string Type, string Name, string Container)
{
    /// <summary>Which series of the metric: <c>metric.selector</c>; undefined when there is none.</summary>
    public JsonElement Selector { get; private init; }

    /// <summary>What an Object metric describes.</summary>
    public ObjectReference Described { get; private init; } = new("", "", "");

    public string TargetType { get; private init; } = "";
    public int? AverageUtilization { get; private init; }
    public Quantity? AverageValue { get; private init; }
    public Quantity? Value { get; private init; }

    internal static MetricSpec Read(JsonElement metric)
    {
        var type = metric.Text("type");
        var source = metric.Get(SourceOf(type));
        var identity = source.Get("metric");
        var (target, described) = (source.Get("target"), source.Get("describedObject"));
        return new MetricSpec(type, type is "Resource" or "ContainerResource" ? source.Text("name") : identity.Text("name"), source.Text("container"))
        {
            Selector = identity.Get("selector") is { ValueKind: JsonValueKind.Object } selector ? selector.Clone() : default,
            Described = ObjectReference.Read(described),
            TargetType = target.Text("type"),
            AverageUtilization = target.Integer("averageUtilization"),
            AverageValue = Amount(target, "averageValue"),
            Value = Amount(target, "value"),
        };
    }

    /// <summary>Where a type has its figures: <c>containerResource</c> for <c>ContainerResource</c>.</summary>
    internal static string SourceOf(string type) => type.Length == 0 ? "" : char.ToLowerInvariant(type[0]) + type[1..];

    /// <summary>The selector as Go prints it in upstream's messages.</summary>
    public string SelectorText() => GoText.Selector(Selector);

    private static Quantity? Amount(JsonElement target, string name) => target.Get(name) switch
    {
        { ValueKind: JsonValueKind.String } text when Quantity.TryParse(text.GetString(), out var amount) => amount,
        { ValueKind: JsonValueKind.Number } number when Quantity.TryParse(number.GetRawText(), out var amount) => amount,
        _ => null,
    };
}

/// <summary>A <c>CrossVersionObjectReference</c>: an object of the same namespace.</summary>
public sealed record ObjectReference(string ApiVersion, string Kind, string Name)
{
    public string Group => ApiVersion.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? ApiVersion[..slash] : "";

    internal static ObjectReference Read(JsonElement json) => new(json.Text("apiVersion"), json.Text("kind"), json.Text("name"));
}

/// <summary>One side of <c>spec.behavior</c>.</summary>
/// <param name="SelectPolicy"><c>Max</c>, <c>Min</c> or <c>Disabled</c>.</param>
/// <param name="StabilizationWindow">Null: the one of the settings.</param>
/// <param name="Tolerance">Null: the one of the settings.</param>
public sealed record ScalingRules(string SelectPolicy, TimeSpan? StabilizationWindow, double? Tolerance, IReadOnlyList<ScalingPolicy> Policies)
{
    public TimeSpan LongestPeriod => Policies.Count == 0 ? TimeSpan.Zero : Policies.Max(policy => policy.Period);

    internal static ScalingRules Read(JsonElement rules) => new(
        rules.Text("selectPolicy"),
        rules.Integer("stabilizationWindowSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        rules.Get("tolerance") is { ValueKind: JsonValueKind.String or JsonValueKind.Number } tolerance
            && Quantity.TryParse(tolerance.ValueKind == JsonValueKind.String ? tolerance.GetString() : tolerance.GetRawText(), out var share)
            ? double.Parse(share.Amount.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            : null,
        [.. rules.Items("policies").Select(policy => new ScalingPolicy(
            policy.Text("type") == "Percent", policy.Integer("value") ?? 0, TimeSpan.FromSeconds(policy.Integer("periodSeconds") ?? 0)))]);
}

/// <summary>How much may change within a period: so many pods, or per cent of those at its beginning.</summary>
public sealed record ScalingPolicy(bool IsPercent, int Value, TimeSpan Period);

/// <summary><c>spec.behavior</c>; both sides are filled in by defaulting.</summary>
public sealed record ScalingBehavior(ScalingRules Up, ScalingRules Down);
