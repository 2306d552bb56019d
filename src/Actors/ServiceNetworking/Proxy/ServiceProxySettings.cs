using System.Globalization;
using Akka.Configuration;

namespace ActorOrchestrator.Actors.ServiceNetworking.Proxy;

/// <summary><c>orchestrator.service-proxy</c>.</summary>
public sealed record ServiceProxySettings(
    string Table,
    uint MasqueradeMark,
    TimeSpan VerifyInterval,
    TimeSpan RetryMin,
    TimeSpan RetryMax,
    TimeSpan CommandTimeout)
{
    public static ServiceProxySettings From(Config config)
    {
        var proxy = config.GetConfig("orchestrator.service-proxy");
        var table = proxy.GetString("table");
        if (table.Length is 0 or > 60 || !char.IsAsciiLetter(table[0]) || !table.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new ConfigurationException($"orchestrator.service-proxy.table = \"{table}\" is no table name: letters, digits, '-' and '_', a letter first.");
        }

        return new ServiceProxySettings(
            table,
            Mark(proxy.GetString("masquerade-mark")),
            proxy.GetTimeSpan("verify-interval"),
            proxy.GetTimeSpan("retry-min"),
            proxy.GetTimeSpan("retry-max"),
            proxy.GetTimeSpan("command-timeout"));
    }

    private static uint Mark(string text)
    {
        var hex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        var parsed = uint.TryParse(hex ? text.AsSpan(2) : text, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var mark);
        return parsed && System.Numerics.BitOperations.PopCount(mark) == 1
            ? mark
            : throw new ConfigurationException($"orchestrator.service-proxy.masquerade-mark = \"{text}\" must be one bit, such as 0x00800000.");
    }
}
