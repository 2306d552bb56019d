using Akka.Configuration;

namespace ActorOrchestrator.Actors.ServiceNetworking.Dns;

/// <summary><c>orchestrator.dns</c>.</summary>
/// <param name="Port">Where the node answers on its bridge.</param>
/// <param name="Ttl">Of the cluster's own records.</param>
/// <param name="Upstreams">Empty: those of the host's resolv.conf, read again when it changes.</param>
/// <param name="UpstreamTimeout">For one server.</param>
/// <param name="ForwardLimit">Questions that are being forwarded at once; more get SERVFAIL.</param>
/// <param name="ConnectionLimit">Open TCP connections.</param>
public sealed record DnsSettings(
    int Port, TimeSpan Ttl, IReadOnlyList<string> Upstreams, TimeSpan UpstreamTimeout, int ForwardLimit, int ConnectionLimit,
    int CacheEntries, TimeSpan CacheLimit, TimeSpan RetryMin, TimeSpan RetryMax)
{
    public static DnsSettings From(Config config)
    {
        var dns = config.GetConfig("orchestrator.dns");
        return new DnsSettings(
            dns.GetInt("port"),
            dns.GetTimeSpan("ttl"),
            [.. dns.GetStringList("upstreams")],
            dns.GetTimeSpan("upstream-timeout"),
            dns.GetInt("forward-limit"),
            dns.GetInt("connection-limit"),
            dns.GetInt("cache-entries"),
            dns.GetTimeSpan("cache-limit"),
            dns.GetTimeSpan("retry-min"),
            dns.GetTimeSpan("retry-max"));
    }
}
