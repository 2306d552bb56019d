using Akka.Configuration;

namespace ActorOrchestrator.Actors.ServiceNetworking.Routes;

/// <summary><c>orchestrator.routes</c>.</summary>
public sealed record NodeNetworkSettings(int Protocol, TimeSpan VerifyInterval, TimeSpan RetryMin, TimeSpan RetryMax, TimeSpan CommandTimeout)
{
    public static NodeNetworkSettings From(Config config)
    {
        var routes = config.GetConfig("orchestrator.routes");
        return new NodeNetworkSettings(
            routes.GetInt("protocol"),
            routes.GetTimeSpan("verify-interval"),
            routes.GetTimeSpan("retry-min"),
            routes.GetTimeSpan("retry-max"),
            routes.GetTimeSpan("command-timeout"));
    }
}
