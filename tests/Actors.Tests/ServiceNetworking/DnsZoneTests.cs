using System.Net;
using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.ServiceNetworking;
using ActorOrchestrator.Actors.ServiceNetworking.Dns;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Actors.Tests.ServiceNetworking;

public sealed class DnsZoneTests
{
    private static readonly NetworkSettings Network = new(
        Cidr.Parse("10.42.0.0/16"), Cidr.Parse("10.43.0.0/16"), "cluster.local", IPAddress.Parse("10.43.0.10"), "orc0");

    private static readonly DnsZone Zone = Make();

    [Theory]
    [InlineData("redis.guestbook.svc.cluster.local", DnsType.A, "10.43.0.7")]
    [InlineData("redis.guestbook.svc.cluster.local", DnsType.Aaaa, "")]
    [InlineData("_redis._tcp.redis.guestbook.svc.cluster.local", DnsType.Srv, "6379 redis.guestbook.svc.cluster.local")]
    [InlineData("7.0.43.10.in-addr.arpa", DnsType.Ptr, "redis.guestbook.svc.cluster.local")]
    [InlineData("db.guestbook.svc.cluster.local", DnsType.A, "10.42.0.5 10.42.0.6")]
    [InlineData("db-0.db.guestbook.svc.cluster.local", DnsType.A, "10.42.0.5")]
    [InlineData("10-42-0-6.db.guestbook.svc.cluster.local", DnsType.A, "10.42.0.6")]
    [InlineData("_sql._tcp.db.guestbook.svc.cluster.local", DnsType.Srv, "5432 db-0.db.guestbook.svc.cluster.local, 5432 10-42-0-6.db.guestbook.svc.cluster.local")]
    [InlineData("5.0.42.10.in-addr.arpa", DnsType.Ptr, "db-0.db.guestbook.svc.cluster.local")]
    [InlineData("10-42-3-9.guestbook.pod.cluster.local", DnsType.A, "10.42.3.9")]
    [InlineData("docs.guestbook.svc.cluster.local", DnsType.A, "=docs.example.org")]
    [InlineData("alias.guestbook.svc.cluster.local", DnsType.A, "=redis.guestbook.svc.cluster.local 10.43.0.7")]
    [InlineData("dns-version.cluster.local", DnsType.Txt, "1.1.0")]
    [InlineData("guestbook.svc.cluster.local", DnsType.A, "")]
    [InlineData("svc.cluster.local", DnsType.A, "")]
    [InlineData("_tcp.db.guestbook.svc.cluster.local", DnsType.A, "")]
    [InlineData("nothing.guestbook.svc.cluster.local", DnsType.A, null)]
    [InlineData("redis.other.svc.cluster.local", DnsType.A, null)]
    [InlineData("10-42-3-9.other.pod.cluster.local", DnsType.A, null)]
    [InlineData("9.9.42.10.in-addr.arpa", DnsType.Ptr, null)]
    public void Names_have_the_records_that_the_specification_gives_them(string name, DnsType type, string? expected)
    {
        var answer = Zone.Find(name, type);

        Assert.Equal(expected is null ? DnsOutcome.NoSuchName : DnsOutcome.Found, answer.Outcome);
        Assert.Equal(expected ?? "", Text(answer));
        Assert.Equal(string.IsNullOrEmpty(expected), answer.Authority.Any(record => record.Data is DnsData.StartOfAuthority));
    }

    [Theory]
    [InlineData("example.org")]
    [InlineData("cluster.local.example.org")]
    [InlineData("notcluster.local")]
    [InlineData("4.3.2.1.in-addr.arpa")]
    public void Other_names_are_not_ours(string name) => Assert.Equal(DnsOutcome.NotOurs, Zone.Find(name, DnsType.A).Outcome);

    [Fact]
    public void A_service_record_brings_the_addresses_of_its_targets()
    {
        var answer = Zone.Find("_sql._tcp.db.guestbook.svc.cluster.local", DnsType.Srv);

        Assert.Equal(["10.42.0.5", "10.42.0.6"], answer.Additional.Select(record => ((DnsData.Address)record.Data).Value.ToString()));
    }

    [Fact]
    public void What_is_removed_leaves_no_name_behind()
    {
        var redis = Service("guestbook", "redis", "10.43.0.7", ("redis", 6379));
        var records = DnsRecords.Of(redis, [], "cluster.local");
        var empty = DnsZone.Empty(Network);
        var zone = empty.With([], records, empty.Namespaces).With(records, [], empty.Namespaces);

        Assert.Equal(DnsOutcome.NoSuchName, zone.Find("redis.guestbook.svc.cluster.local", DnsType.A).Outcome);
        Assert.Equal(DnsOutcome.NoSuchName, zone.Find("_tcp.redis.guestbook.svc.cluster.local", DnsType.A).Outcome);
        Assert.Equal(DnsOutcome.NoSuchName, zone.Find("guestbook.svc.cluster.local", DnsType.A).Outcome);
    }

    private static DnsZone Make()
    {
        var empty = DnsZone.Empty(Network);
        var endpoints = new DnsSlice("db",
        [
            new DnsEndpoint("db-0", IPAddress.Parse("10.42.0.5"), [("sql", "tcp", 5432)]),
            new DnsEndpoint("", IPAddress.Parse("10.42.0.6"), [("sql", "tcp", 5432)]),
        ]);
        return empty.With(
            [],
            [
                .. DnsRecords.Of(Service("guestbook", "redis", "10.43.0.7", ("redis", 6379)), [], "cluster.local"),
                .. DnsRecords.Of(Service("guestbook", "db", "None", ("sql", 5432)), [endpoints], "cluster.local"),
                .. DnsRecords.Of(External("docs", "docs.example.org"), [], "cluster.local"),
                .. DnsRecords.Of(External("alias", "redis.guestbook.svc.cluster.local."), [], "cluster.local"),
            ],
            empty.Namespaces.Add("guestbook"));
    }

    private static StoredObject Service(string @namespace, string name, string clusterIp, params (string Name, int Port)[] ports) => Store(@namespace, name, new JsonObject
    {
        ["clusterIP"] = clusterIp,
        ["ports"] = new JsonArray([.. ports.Select(port => new JsonObject { ["name"] = port.Name, ["port"] = port.Port, ["protocol"] = "TCP" })]),
    });

    private static StoredObject External(string name, string target) => Store("guestbook", name, new JsonObject { ["type"] = "ExternalName", ["externalName"] = target });

    private static StoredObject Store(string @namespace, string name, JsonObject spec)
    {
        var body = ObjectBody.From(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
            ["spec"] = spec,
        });
        return new StoredObject(new ObjectKey(ResourceTypes.Services, @namespace, name), name, new Revision(1), body.At(new Revision(1)), []);
    }

    private static string Text(DnsAnswer answer)
    {
        var addresses = string.Join(' ', answer.Answers.Select(record => record.Data switch
        {
            DnsData.Address address => address.Value.ToString(),
            DnsData.CName alias => $"={alias.Target}",
            DnsData.Pointer pointer => pointer.Target,
            DnsData.Text text => text.Value,
            DnsData.Srv srv => $"{srv.Port} {srv.Target},",
            _ => record.Data.Type.ToString(),
        }));
        return addresses.TrimEnd(',');
    }
}
