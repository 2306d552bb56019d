using System.Net;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.ServiceNetworking.Proxy;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.TestSupport;
using ActorOrchestrator.TestSupport.Ledger;

namespace ActorOrchestrator.Actors.Tests.ServiceNetworking;

public sealed class ServiceProxyActorTests() : PatientTestKit("akka.loglevel = ERROR")
{
    private static readonly NetworkSettings Network = new(
        Cidr.Parse("10.42.0.0/16"), Cidr.Parse("10.43.0.0/16"), "cluster.local", IPAddress.Parse("10.43.0.10"), "orc0");

    private static readonly ServiceProxySettings Settings = new(
        "orchestrator", 0x00800000, TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(40), TimeSpan.FromSeconds(5));

    private readonly RecordingNetfilter _netfilter = new();

    [Fact]
    public async Task The_first_script_replaces_the_table_with_all_services_and_later_ones_change_only_what_changed()
    {
        var ledger = new TestLedger(Sys);
        await ledger.CreateAsync(ResourceTypes.Services, Service());
        var slice = await ledger.CreateAsync(ResourceTypes.EndpointSlices, Slice("10.42.0.2"));
        Start(ledger);
        await AwaitAssertAsync(() => Assert.Contains("10.42.0.2 . 8080", Assert.Single(_netfilter.Scripts)));
        Assert.StartsWith("add table ip orchestrator\ndelete table ip orchestrator\n", _netfilter.Scripts[0]);

        await ledger.ReplaceAsync(slice.Key, obj => obj["endpoints"] = Slice("10.42.0.2", "10.42.0.3")["endpoints"]!.DeepClone());
        await AwaitAssertAsync(() => Assert.Contains("10.42.0.3 . 8080", _netfilter.Scripts[^1]));
        Assert.StartsWith("flush chain", _netfilter.Scripts[^1]);

        await ledger.RemoveAsync(slice.Key);
        await AwaitAssertAsync(() => Assert.Contains("add element ip orchestrator refused-ips", _netfilter.Scripts[^1]));
    }

    [Fact]
    public async Task A_refused_script_and_a_foreign_change_are_followed_by_the_whole_table()
    {
        var ledger = new TestLedger(Sys);
        await ledger.StartedAsync();
        _netfilter.Failures = 2;
        Start(ledger);
        await AwaitAssertAsync(() => Assert.Single(_netfilter.Scripts));

        _netfilter.Failures = 1;
        await ledger.CreateAsync(ResourceTypes.Services, Service());
        await AwaitAssertAsync(() => Assert.Equal(2, _netfilter.Scripts.Count));
        Assert.StartsWith("add table", _netfilter.Scripts[1]);

        _netfilter.OnForeignChange!();
        await AwaitAssertAsync(() => Assert.Equal(3, _netfilter.Scripts.Count));
        Assert.StartsWith("add table", _netfilter.Scripts[2]);
    }

    [Fact]
    public async Task A_host_port_leads_into_the_pod_of_this_node_until_it_is_finished()
    {
        var ledger = new TestLedger(Sys);
        await ledger.StartedAsync();
        Start(ledger);
        await AwaitAssertAsync(() => Assert.Single(_netfilter.Scripts));

        var pod = await ledger.CreateAsync(ResourceTypes.Pods, Pod("ours", "n1"));
        await ledger.CreateAsync(ResourceTypes.Pods, Pod("theirs", "n2"));
        await ledger.ReplaceAsync(pod.Key, obj => obj["status"] = new JsonObject { ["phase"] = "Pending", ["podIP"] = "10.42.0.9" });
        await AwaitAssertAsync(() => Assert.Equal(2, _netfilter.Scripts.Count));
        Golden.Matches("host-ports.nft", _netfilter.Scripts[1]);

        await ledger.ReplaceAsync(pod.Key, obj => obj["status"]!["phase"] = "Running");
        await ledger.ReplaceAsync(pod.Key, obj => obj["status"]!["phase"] = "Succeeded");
        await AwaitAssertAsync(() => Assert.Equal(3, _netfilter.Scripts.Count));
        Assert.Contains("delete element ip orchestrator service-nodeports { tcp . 8443 }", _netfilter.Scripts[2]);
    }

    private static JsonObject Pod(string name, string node) => JsonNode.Parse("""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"NAME","namespace":"shop"},
         "spec":{"nodeName":"NODE","initContainers":[{"name":"once","ports":[{"containerPort":1,"hostPort":1}]}],
          "containers":[{"name":"main","ports":[
            {"containerPort":443,"hostPort":8443,"protocol":"TCP"},{"containerPort":80,"protocol":"TCP"},
            {"containerPort":53,"hostPort":5300,"hostIP":"198.51.100.4","protocol":"UDP"},{"containerPort":53,"hostPort":5300,"hostIP":"2001:db8::4","protocol":"UDP"}]}]}}
        """.Replace("NAME", name, StringComparison.Ordinal).Replace("NODE", node, StringComparison.Ordinal))!.AsObject();

    private void Start(TestLedger ledger) =>
        Sys.ActorOf(ServiceProxyActor.Props(ledger.View, _netfilter, new NoFlows(), "n1", Settings, Network, TimeProvider.System));

    private static JsonObject Service() => JsonNode.Parse("""
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop"},
         "spec":{"type":"ClusterIP","clusterIP":"10.43.0.7","ports":[{"name":"http","port":80,"protocol":"TCP"}]}}
        """)!.AsObject();

    private static JsonObject Slice(params string[] addresses)
    {
        var slice = JsonNode.Parse("""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"web-1","namespace":"shop","labels":{"kubernetes.io/service-name":"web"}},
             "addressType":"IPv4","ports":[{"name":"http","port":8080,"protocol":"TCP"}],"endpoints":[]}
            """)!.AsObject();
        foreach (var address in addresses)
        {
            slice["endpoints"]!.AsArray().Add(JsonNode.Parse($$"""{"addresses":["{{address}}"],"conditions":{"ready":true},"nodeName":"n1"}"""));
        }

        return slice;
    }

    private sealed class RecordingNetfilter : INetfilter
    {
        private readonly List<string> _scripts = [];

        public int Failures { get; set; }
        public Action? OnForeignChange { get; private set; }

        public IReadOnlyList<string> Scripts
        {
            get
            {
                lock (_scripts)
                {
                    return [.. _scripts];
                }
            }
        }

        public Task ApplyAsync(string script, CancellationToken cancellation)
        {
            if (Failures > 0)
            {
                Failures--;
                throw new NetfilterException("refused for the test");
            }

            lock (_scripts)
            {
                _scripts.Add(script);
            }

            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<AffinityEntry>> AffinitiesAsync(string table, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<AffinityEntry>>([]);

        public Task<IReadOnlySet<string>?> ChainsAsync(string table, CancellationToken cancellation) => Task.FromResult<IReadOnlySet<string>?>(null);

        public IDisposable WatchForeignChanges(string table, Action onForeignChange)
        {
            OnForeignChange = onForeignChange;
            return new CancellationTokenSource();
        }
    }

    private sealed class NoFlows : IConntrack
    {
        public Task<IReadOnlyList<UdpFlow>> UdpFlowsAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyList<UdpFlow>>([]);

        public IReadOnlySet<IPAddress> LocalAddresses() => new HashSet<IPAddress>();

        public Task DeleteAsync(IReadOnlyList<UdpFlow> flows, CancellationToken cancellation) => Task.CompletedTask;
    }
}
