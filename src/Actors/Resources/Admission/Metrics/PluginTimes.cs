namespace ActorOrchestrator.Actors.Resources.Admission.Metrics;

/// <summary>The latencies of one plugin or of one step of the chain, by operation and outcome: found without a look-up, because every write passes here many times.</summary>
internal sealed class PluginTimes
{
    private static readonly string[] Operations = ["CREATE", "UPDATE", "DELETE", "CONNECT"];
    private readonly LatencyCounts?[] _counts = new LatencyCounts?[Operations.Length * 2];
    private readonly LatencyFamily _family;
    private readonly string _type;
    private readonly string? _name;

    /// <param name="type"><c>admit</c> or <c>validate</c>.</param>
    /// <param name="name">Null for the step as a whole.</param>
    public PluginTimes(LatencyFamily family, string type, string? name)
    {
        _family = family;
        _type = type;
        _name = name;
    }

    public void Observe(AdmissionOperation operation, bool rejected, long ticks)
    {
        var place = ((int)operation * 2) + (rejected ? 1 : 0);
        (_counts[place] ??= Series(Operations[(int)operation], rejected ? "true" : "false")).Observe(ticks);
    }

    private LatencyCounts Series(string operation, string rejected) => _name is null
        ? _family.Of(("operation", operation), ("rejected", rejected), ("type", _type))
        : _family.Of(("name", _name), ("operation", operation), ("rejected", rejected), ("type", _type));
}
