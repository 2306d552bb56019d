using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Actors.Resources.Aggregation;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using StatusConditions = ActorOrchestrator.Actors.Resources.Conditions;

namespace ActorOrchestrator.Actors.Controllers.ApiServices;

/// <summary>From <c>orchestrator.aggregation</c>.</summary>
/// <param name="CheckInterval">Between two looks at every server.</param>
/// <param name="CheckTimeout">For a server's answer.</param>
public sealed record AggregationSettings(TimeSpan CheckInterval, TimeSpan CheckTimeout)
{
    public static AggregationSettings From(Config config) => new(config.GetTimeSpan("check-interval"), config.GetTimeSpan("check-timeout"));
}

/// <summary>
/// Asks the servers behind APIServices whether they are there, and says so in the <c>Available</c> condition.
/// <code>
///   Idle ──interval, or a change of an APIService, Service or EndpointSlice──▶ Checking ──all answered──▶ Idle
/// </code>
/// 1. One round at a time; what changes during a round asks for another after it.
/// 2. Nothing is asked, and nothing observed costs more than a look, while no APIService names a Service.
/// </summary>
public sealed class ApiServiceAvailabilityActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(100);
    private readonly IClusterReader _reader;
    private readonly IResourceClient _client;
    private readonly ApiServiceTransport _transport;
    private readonly TimeProvider _time;
    private readonly AggregationSettings _settings;
    private readonly RemoteApiServices _services;
    private readonly CancellationTokenSource _stopped = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private Observation? _observation;
    private bool _checking;
    private bool _again;

    public ApiServiceAvailabilityActor(IClusterReader reader, IResourceClient client, ApiServiceTransport transport, TimeProvider time, AggregationSettings settings)
    {
        (_reader, _client, _transport, _time, _settings) = (reader, client, transport, time, settings);
        _services = new RemoteApiServices(reader);
        Receive<FactBatch>(OnFacts);
        Receive<Check>(_ => OnCheck());
        Receive<Checked>(OnChecked);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IClusterReader reader, IResourceClient client, ApiServiceTransport transport, TimeProvider time, AggregationSettings settings) =>
        Akka.Actor.Props.Create(() => new ApiServiceAvailabilityActor(reader, client, transport, time, settings));

    private void OnFacts(FactBatch batch)
    {
        if (_services.Current.IsEmpty)
        {
            return;
        }

        foreach (var fact in batch.Facts)
        {
            var type = fact.Key.Type;
            var isServer = (type == ResourceTypes.Services || type == ResourceTypes.EndpointSlices) && _services.Current.Any(service => service.Namespace == fact.Key.Namespace);
            var isSpec = type == ResourceTypes.ApiServices && fact.Object.Metadata.DeletionTimestamp is null && !OnlyStatus(fact);
            if (isServer || isSpec)
            {
                Timers.StartSingleTimer("settle", Check.Instance, Settle);
                return;
            }
        }
    }

    private static bool OnlyStatus(Fact fact) =>
        fact.Previous is { } previous && JsonNode.DeepEquals(previous.ToJson()["spec"], fact.Object.ToJson()["spec"]);

    private void OnCheck()
    {
        if (_checking)
        {
            _again = true;
            return;
        }

        var services = _services.Current;
        if (services.IsEmpty)
        {
            return;
        }

        _checking = true;
        Task.WhenAll(services.Select(service => CheckAsync(service, _stopped.Token))).PipeTo(
            Self, success: () => new Checked(null), failure: error => new Checked(error.GetBaseException().Message));
    }

    private void OnChecked(Checked done)
    {
        _checking = false;
        if (done.Failure is { } why)
        {
            _log.Warning("A round of availability checks of APIServices ended early: {Why}", why);
        }

        if (_again)
        {
            _again = false;
            Timers.StartSingleTimer("settle", Check.Instance, Settle);
        }
    }

    private async Task CheckAsync(RemoteApiService service, CancellationToken cancellation)
    {
        var found = ApiServiceChecks.Judge(service, _reader.Current) ?? await AskAsync(service, cancellation).ConfigureAwait(false);
        var now = JsonNodes.Time(_time.GetUtcNow());
        var result = await _client.UpdateAsync(
            service.Object.Key,
            (_, obj) => StatusConditions.Set(obj.Ensure("status"), "Available", found.Status, found.Reason, found.Message, now) ? obj : (JsonObject?)null,
            new WriteOptions(ControllerDefinition.PrincipalOf("apiservice-availability-controller"), "report availability") { Subresource = "status", ExpectedUid = service.Object.Uid },
            cancellation).ConfigureAwait(false);
        if (result.Failure is { Reason: not ("NotFound" or "Conflict") } failure)
        {
            _log.Warning("The availability of {ApiService} could not be told: {Message}", service.Object.Key.Name, failure.Message);
        }
    }

    private async Task<Availability> AskAsync(RemoteApiService service, CancellationToken cancellation)
    {
        var url = $"https://{service.Host}:{service.Port}{service.Root}";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(_settings.CheckTimeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Add("X-Remote-User", "system:kube-aggregator");
            request.Headers.Add("X-Remote-Group", "system:masters");
            using var response = await _transport.For(service).SendAsync(request, patience.Token).ConfigureAwait(false);
            return (int)response.StatusCode is >= 200 and < 300
                ? Availability.Passed
                : new Availability(false, "FailedDiscoveryCheck", $"failing or missing response from {url}: bad status from {url}: {(int)response.StatusCode}");
        }
        catch (HttpRequestException failed)
        {
            return new Availability(false, "FailedDiscoveryCheck", $"failing or missing response from {url}: Get \"{url}\": {failed.GetBaseException().Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Availability(false, "FailedDiscoveryCheck", $"failing or missing response from {url}: Get \"{url}\": context deadline exceeded");
        }
    }

    protected override void PreStart()
    {
        var self = Self;
        _observation = _reader.Observe(batch => self.Tell(batch, ActorRefs.NoSender));
        Timers.StartPeriodicTimer("interval", Check.Instance, Settle, _settings.CheckInterval);
    }

    protected override void PostStop()
    {
        _observation?.Dispose();
        _stopped.Cancel();
        _stopped.Dispose();
    }

    private sealed record Checked(string? Failure) : INoSerializationVerificationNeeded;

    private sealed record Check : INoSerializationVerificationNeeded
    {
        public static readonly Check Instance = new();
    }
}
