using System.Collections.Immutable;
using System.Text;
using ActorOrchestrator.Contracts.Resources;
using ActorOrchestrator.Contracts.Resources.Catalog;
using ActorOrchestrator.Host.Api.Tables;

namespace ActorOrchestrator.Host.Tests.Tables;

public class TableRowsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static string Row(string plural, string json)
    {
        var descriptor = ResourceCatalog.BuiltIn.All.First(candidate => candidate.Plural == plural);
        var obj = new StoredObject(
            new ObjectKey(descriptor.Type, "shop", "x"), "u", new Revision(1), Encoding.UTF8.GetBytes(json), ImmutableArray<string>.Empty);
        var row = TableRows.Of(descriptor, obj, Now);
        Assert.Equal(descriptor.Columns.Length, row.Cells.Length);
        return string.Join('|', row.Cells);
    }

    public static TheoryData<string, string, string> PodCases => new()
    {
        { "nothing is known yet", """{"phase":"Pending"}""", "a|0/2|Pending|0|10s|<none>|<none>|<none>|<none>" },
        {
            "all run",
            """{"phase":"Running","podIPs":[{"ip":"10.42.0.5"}],"containerStatuses":[{"name":"c","ready":true,"restartCount":0,"state":{"running":{}}},{"name":"d","ready":true,"restartCount":0,"state":{"running":{}}}]}""",
            "a|2/2|Running|0|10s|10.42.0.5|<none>|<none>|<none>"
        },
        {
            "one was restarted five seconds ago",
            """{"phase":"Running","containerStatuses":[{"name":"c","ready":true,"restartCount":1,"state":{"running":{}},"lastState":{"terminated":{"finishedAt":"2026-01-02T03:04:00Z"}}}]}""",
            "a|1/2|Running|1 (5s ago)|10s|<none>|<none>|<none>|<none>"
        },
        {
            "it crashes",
            """{"phase":"Running","containerStatuses":[{"name":"c","restartCount":3,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}""",
            "a|0/2|CrashLoopBackOff|3|10s|<none>|<none>|<none>|<none>"
        },
        {
            "it ended well",
            """{"phase":"Succeeded","containerStatuses":[{"name":"c","state":{"terminated":{"exitCode":0,"reason":"Completed"}}}]}""",
            "a|0/2|Completed|0|10s|<none>|<none>|<none>|<none>"
        },
        {
            "one ended and one runs",
            """{"phase":"Running","conditions":[{"type":"Ready","status":"False"}],"containerStatuses":[{"name":"c","state":{"terminated":{"exitCode":0,"reason":"Completed"}}},{"name":"d","ready":true,"state":{"running":{}}}]}""",
            "a|1/2|NotReady|0|10s|<none>|<none>|<none>|<none>"
        },
        {
            "it died without a reason",
            """{"phase":"Failed","containerStatuses":[{"name":"c","state":{"terminated":{"exitCode":137,"signal":9}}},{"name":"d","state":{"running":{}}}]}""",
            "a|0/2|Signal:9|0|10s|<none>|<none>|<none>|<none>"
        },
        {
            "the first init container runs",
            """{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"running":{}}}],"containerStatuses":[{"name":"c","state":{"waiting":{"reason":"PodInitializing"}}}]}""",
            "a|0/2|Init:0/1|0|10s|<none>|<none>|<none>|<none>"
        },
        {
            "an init container failed",
            """{"phase":"Pending","initContainerStatuses":[{"name":"i","restartCount":2,"state":{"terminated":{"exitCode":3}}}]}""",
            "a|0/2|Init:ExitCode:3|2|10s|<none>|<none>|<none>|<none>"
        },
        {
            "init is done",
            """{"phase":"Pending","initContainerStatuses":[{"name":"i","restartCount":2,"state":{"terminated":{"exitCode":0}}}],"containerStatuses":[{"name":"c","state":{"waiting":{"reason":"ErrImagePull"}}}]}""",
            "a|0/2|ErrImagePull|0|10s|<none>|<none>|<none>|<none>"
        },
        { "it waits behind a gate", """{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulingGated"}]}""", "a|0/2|SchedulingGated|0|10s|<none>|<none>|<none>|<none>" },
        { "it was evicted", """{"phase":"Failed","reason":"Evicted"}""", "a|0/2|Evicted|0|10s|<none>|<none>|<none>|<none>" },
    };

    [Theory]
    [MemberData(nameof(PodCases))]
    public void A_pods_status_word_is_the_most_telling_one(string because, string status, string expected)
    {
        var pod = $$$"""{"metadata":{"name":"a","creationTimestamp":"2026-01-02T03:03:55Z"},"spec":{"initContainers":[{"name":"i"}],"containers":[{"name":"c"},{"name":"d"}]},"status":{{{status}}}}""";
        Assert.True(expected == Row("pods", pod), $"{because}: {Row("pods", pod)}");
    }

    [Fact]
    public void A_pod_that_is_being_deleted_is_terminating()
    {
        const string Pod = """{"metadata":{"name":"a","creationTimestamp":"2026-01-01T00:00:00Z","deletionTimestamp":"2026-01-02T03:04:00Z"},"spec":{"nodeName":"n1","containers":[{}]},"status":{"phase":"Running"}}""";
        Assert.Equal("a|0/1|Terminating|0|27h|<none>|n1|<none>|<none>", Row("pods", Pod));
    }

    [Theory]
    [InlineData("deployments", """{"metadata":{"name":"web","creationTimestamp":"2026-01-02T03:00:00Z"},"spec":{"replicas":3,"selector":{"matchLabels":{"b":"2","a":"1"}},"template":{"spec":{"containers":[{"name":"x","image":"i:1"},{"name":"y","image":"j"}]}}},"status":{"readyReplicas":2,"updatedReplicas":3,"availableReplicas":2}}""", "web|2/3|3|2|4m5s|x,y|i:1,j|a=1,b=2")]
    [InlineData("replicasets", """{"metadata":{"name":"web-1","creationTimestamp":"2026-01-02T03:04:05Z"},"spec":{"replicas":3,"selector":{"matchExpressions":[{"key":"a","operator":"Exists"}]}},"status":{"replicas":2}}""", "web-1|3|2|0|0s|||a")]
    [InlineData("services", """{"metadata":{"name":"s"},"spec":{"type":"NodePort","clusterIP":"10.43.0.7","clusterIPs":["10.43.0.7"],"ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"port":53,"protocol":"UDP"}],"selector":{"app":"web"}}}""", "s|NodePort|10.43.0.7|<none>|80:30080/TCP,53/UDP|<unknown>|app=web")]
    [InlineData("services", """{"metadata":{"name":"s"},"spec":{"type":"ExternalName","externalName":"a.example"}}""", "s|ExternalName|<none>|a.example|<none>|<unknown>|<none>")]
    [InlineData("services", """{"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","clusterIPs":["10.43.0.7"]}}""", "s|LoadBalancer|10.43.0.7|<pending>|<none>|<unknown>|<none>")]
    [InlineData("endpoints", """{"metadata":{"name":"e"},"subsets":[{"addresses":[{"ip":"1.1.1.1"},{"ip":"1.1.1.2"}],"ports":[{"port":80},{"port":81}]}]}""", "e|1.1.1.1:80,1.1.1.2:80,1.1.1.1:81 + 1 more...|<unknown>")]
    [InlineData("endpoints", """{"metadata":{"name":"e"}}""", "e|<none>|<unknown>")]
    [InlineData("endpointslices", """{"metadata":{"name":"e"},"addressType":"IPv4","ports":[{"port":80},{"name":"b"}],"endpoints":[{"addresses":["1.1.1.1"]},{"addresses":["1.1.1.2"]}]}""", "e|IPv4|80,b|1.1.1.1,1.1.1.2|<unknown>")]
    [InlineData("endpointslices", """{"metadata":{"name":"e"},"addressType":"IPv4"}""", "e|IPv4|<unset>|<unset>|<unknown>")]
    [InlineData("nodes", """{"metadata":{"name":"n","labels":{"node-role.kubernetes.io/control-plane":"","node-role.kubernetes.io/agent":""}},"spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"10.0.0.1"}],"nodeInfo":{"kubeletVersion":"v1","osImage":"Debian","kernelVersion":"6","containerRuntimeVersion":"docker://20"}}}""", "n|Ready,SchedulingDisabled|agent,control-plane|<unknown>|v1|10.0.0.1|<none>|Debian|6|docker://20")]
    [InlineData("nodes", """{"metadata":{"name":"n"},"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}""", "n|NotReady|<none>|<unknown>||<none>|<none>|<unknown>|<unknown>|<unknown>")]
    [InlineData("namespaces", """{"metadata":{"name":"n"},"status":{"phase":"Active"}}""", "n|Active|<unknown>")]
    [InlineData("configmaps", """{"metadata":{"name":"n"},"data":{"a":""},"binaryData":{"b":""}}""", "n|2|<unknown>")]
    [InlineData("secrets", """{"metadata":{"name":"n"},"type":"Opaque","data":{"a":""}}""", "n|Opaque|1|<unknown>")]
    [InlineData("serviceaccounts", """{"metadata":{"name":"n"}}""", "n|0|<unknown>")]
    [InlineData("leases", """{"metadata":{"name":"n"},"spec":{"holderIdentity":"me"}}""", "n|me|<unknown>")]
    [InlineData("events", """{"metadata":{"name":"e1"},"type":"Normal","reason":"Pulled","message":" done ","involvedObject":{"kind":"Pod","name":"a","fieldPath":"spec.containers{c}"},"source":{"component":"kubelet","host":"n1"},"firstTimestamp":"2026-01-02T03:00:05Z","lastTimestamp":"2026-01-02T03:04:00Z","count":3}""", "5s|Normal|Pulled|pod/a|spec.containers{c}|kubelet, n1|done|4m|3|e1")]
    [InlineData("events", """{"metadata":{"name":"e1"},"reason":"R","involvedObject":{"kind":"Node"},"reportingComponent":"x","eventTime":"2026-01-02T03:04:00.000000Z"}""", "5s||R|node||x||5s|1|e1")]
    public void A_row_has_upstreams_cells(string plural, string json, string expected) => Assert.Equal(expected, Row(plural, json));

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData(10799, "179m")]
    [InlineData(10800, "3h")]
    [InlineData(27000, "7h30m")]
    [InlineData(28800, "8h")]
    [InlineData(172799, "47h")]
    [InlineData(172800, "2d")]
    [InlineData(176400, "2d1h")]
    [InlineData(691200, "8d")]
    [InlineData(63071999, "729d")]
    [InlineData(63072000, "2y")]
    [InlineData(64072000, "2y11d")]
    [InlineData(252288000, "8y")]
    public void A_duration_is_told_at_a_glance(long seconds, string expected) => Assert.Equal(expected, HumanDuration.Format(TimeSpan.FromSeconds(seconds)));
}
