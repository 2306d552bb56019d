using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.Controllers.Framework;
using ActorOrchestrator.Actors.Controllers.ResourceQuotas;
using ActorOrchestrator.Actors.Resources;
using ActorOrchestrator.Contracts.Resources;
using static ActorOrchestrator.Actors.Tests.Resources.Admission.AdmissionWorld;

namespace ActorOrchestrator.Actors.Tests.Resources.Admission;

public sealed class ResourceQuotaTests
{
    [Fact]
    public async Task Under_concurrent_creates_a_quota_is_never_exceeded_and_is_exact_afterwards()
    {
        var world = await WithQuotaAsync("""{"pods":"7","requests.cpu":"3500m"}""");
        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => world.CreateAsync(ResourceTypes.Pods, Pod($"p{i}", """{"cpu":"500m"}""")))));
        Assert.Equal(7, results.Count(result => result.Ok));
        Assert.Equal("7", Used(world, "pods"));
        Assert.Equal("3500m", Used(world, "requests.cpu"));
        Assert.All(results.Where(result => !result.Ok), result => Assert.StartsWith("pods \"p", result.Failure!.Message));
        Assert.Contains(
            "is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=500m, used: pods=7,requests.cpu=3500m, limited: pods=7,requests.cpu=3500m",
            results.First(result => !result.Ok).Failure!.Message);

        var before = world.Ledger.View.Current.Revision;
        await world.SumUpAsync();
        Assert.Equal(before, world.Ledger.View.Current.Revision);
    }

    [Fact]
    public async Task Creates_changes_and_deletes_in_any_order_leave_the_account_right()
    {
        var world = await WithQuotaAsync("""{"pods":"5","count/pods":"100","configmaps":"3"}""");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                var name = $"w{worker}-{i % 3}";
                switch ((i + worker) % 4)
                {
                    case 0 or 1:
                        await world.CreateAsync(ResourceTypes.Pods, Pod(name));
                        break;
                    case 2:
                        await world.ChangeAsync(ResourceTypes.Pods, name, pod => pod["status"] = new JsonObject { ["phase"] = "Succeeded" }, "status");
                        break;
                    default:
                        await world.Store.DeleteAsync(new ObjectKey(ResourceTypes.Pods, Namespace, name), new DeleteRequest(0), new WriteOptions("tester", "delete"));
                        break;
                }

                Assert.True(long.Parse(Used(world, "pods")) <= 5);
            }
        })));
        var pods = world.Ledger.View.Current.InNamespace(ResourceTypes.Pods, Namespace).Select(pod => pod.ToJson()).ToArray();
        Assert.Equal(pods.Length.ToString(), Used(world, "count/pods"));
        Assert.Equal(pods.Count(pod => pod["status"].Text("phase") != "Succeeded").ToString(), Used(world, "pods"));
    }

    [Fact]
    public async Task A_pod_must_state_what_a_quota_limits()
    {
        var world = await WithQuotaAsync("""{"limits.cpu":"1","requests.memory":"1Gi"}""");
        var result = await world.CreateAsync(ResourceTypes.Pods, Pod("p"));
        Assert.Equal("pods \"p\" is forbidden: failed quota: q: must specify limits.cpu for: main; requests.memory for: main", result.Failure!.Message);
        Assert.True((await world.CreateAsync(ResourceTypes.Pods, Pod("p", """{"memory":"64Mi"}""", """{"cpu":"250m"}"""))).Ok);
        Assert.Equal("250m", Used(world, "limits.cpu"));
        Assert.Equal("64Mi", Used(world, "requests.memory"));
    }

    [Theory]
    [InlineData("""["BestEffort"]""", "{}", "", true)]
    [InlineData("""["BestEffort"]""", """{"cpu":"1"}""", "", false)]
    [InlineData("""["NotBestEffort"]""", """{"cpu":"1"}""", "", true)]
    [InlineData("""["Terminating"]""", "{}", "\"activeDeadlineSeconds\":60,", true)]
    [InlineData("""["NotTerminating"]""", "{}", "\"activeDeadlineSeconds\":60,", false)]
    public async Task Scopes_say_which_pods_count(string scopes, string requests, string more, bool counted)
    {
        var world = await WithQuotaAsync("""{"pods":"5"}""", $",\"scopes\":{scopes}");
        await world.MustAsync(ResourceTypes.Pods, Pod("p", requests, "{}", more));
        Assert.Equal(counted ? "1" : "0", Used(world, "pods"));
    }

    [Fact]
    public async Task Services_claims_and_any_other_kind_are_counted_too()
    {
        var world = await WithQuotaAsync(
            """{"services":"2","services.nodeports":"1","count/deployments.apps":"1","persistentvolumeclaims":"2","requests.storage":"3Gi","gold.storageclass.storage.k8s.io/requests.storage":"1Gi"}""");
        await world.MustAsync(ResourceTypes.Services, """{"metadata":{"name":"a"},"spec":{"type":"NodePort","ports":[{"port":80}]}}""");
        var second = await world.CreateAsync(ResourceTypes.Services, """{"metadata":{"name":"b"},"spec":{"type":"NodePort","ports":[{"port":80}]}}""");
        Assert.Contains("exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1, limited: services.nodeports=1", second.Failure!.Message);
        await world.MustAsync(ResourceTypes.PersistentVolumeClaims, """{"metadata":{"name":"c"},"spec":{"storageClassName":"gold","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}""");
        Assert.Equal("1Gi", Used(world, "gold.storageclass.storage.k8s.io/requests.storage"));
        Assert.Equal("1Gi", Used(world, "requests.storage"));
    }

    private static async Task<AdmissionWorld> WithQuotaAsync(string hard, string more = "")
    {
        var world = await StartAsync();
        await world.MustAsync(ResourceTypes.ResourceQuotas, $$$"""{"metadata":{"name":"q"},"spec":{"hard":{{{hard}}}{{{more}}}}}""");
        await world.SumUpAsync();
        return world;
    }

    private static string Used(AdmissionWorld world, string name) => (string)world.Get(ResourceTypes.ResourceQuotas, "q")["status"]!["used"]![name]!;

    [Fact]
    public async Task A_new_quota_is_looked_at_again_soon_for_writes_that_did_not_know_of_it()
    {
        var world = await AdmissionWorld.StartAsync();
        await world.MustAsync(ResourceTypes.ResourceQuotas, """{"metadata":{"name":"q"},"spec":{"hard":{"configmaps":"5"}}}""");
        Assert.Equal(TimeSpan.FromMilliseconds(500), NextLook());
        await world.SumUpAsync();
        Assert.Equal(TimeSpan.FromSeconds(5), NextLook());
        world.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(TimeSpan.FromMinutes(5), NextLook());

        TimeSpan? NextLook()
        {
            var now = world.Time.GetUtcNow();
            return ResourceQuotaReconciler.Definition.Reconcile(Observed.At(new ObjectKey(ResourceTypes.ResourceQuotas, AdmissionWorld.Namespace, "q"), world.Ledger.View.Current), now).RequeueAt - now;
        }
    }
}
