using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Containers;
using ActorOrchestrator.Actors.NodeAgent.Simulation;
using ActorOrchestrator.Contracts.Ledger;
using ActorOrchestrator.Contracts.Resources;

namespace ActorOrchestrator.Simulation.Tests;

/// <summary>
/// Anything may happen in any order: people scale and update, containers die, pods are deleted, machines lose power, the control plane crashes. What may never be is judged
/// after every row; what must be, once it has been quiet for a while. A seed is one history, drawn anew in the same way every time.
/// </summary>
public class ChaosTests
{
    private const int Nodes = 3;
    private const int Operations = 25;
    private const int MilliCpu = 600;
    private const int MilliCpuOfNode = 2000;
    private static readonly ObjectKey Web = new(ResourceTypes.Deployments, VirtualCluster.Namespace, "web");

    /// <summary>More of them: <c>ORCHESTRATOR_SIMULATION_SEEDS=1000</c>.</summary>
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, int.Parse(Environment.GetEnvironmentVariable("ORCHESTRATOR_SIMULATION_SEEDS") ?? "20"))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_happened_the_cluster_becomes_what_was_asked_for(int seed)
    {
        var lots = new Random(seed);
        using var cluster = VirtualCluster.Start(Nodes, lots);
        cluster.Published += row => NothingForbidden(cluster, row);
        CreateWeb(cluster);
        var lost = new HashSet<string>();
        var history = new List<string>();
        try
        {
            for (var i = 0; i < Operations; i++)
            {
                history.Add(Operate(cluster, lots, lost));
                cluster.Pass(lots.Next(4) == 0 ? lots.Next(60) : lots.Next(3));
            }

            foreach (var node in lost)
            {
                cluster.Return(node);
            }

            cluster.Until(() => IsAsAskedFor(cluster), "the cluster is as it was asked for", 900);
            cluster.Pass(60);
            NothingIsLeft(cluster);
        }
        catch (Exception failed)
        {
            throw new InvalidOperationException($"Seed {seed}: {string.Join("; ", history)}", failed);
        }
    }

    private static string Operate(VirtualCluster cluster, Random lots, HashSet<string> lost)
    {
        switch (lots.Next(8))
        {
            case 0:
            {
                var replicas = lots.Next(6);
                cluster.Edit(Web, web => web["spec"]!["replicas"] = replicas);
                return $"scale {replicas}";
            }

            case 1:
            {
                var image = $"app:{lots.Next(1, 3)}";
                cluster.Edit(Web, web => web["spec"]!["template"]!["spec"]!["containers"]![0]!["image"] = image);
                return $"update {image}";
            }

            case 2 when lost.Count == 0:
            {
                var node = $"n{lots.Next(1, Nodes + 1)}";
                lost.Add(node);
                cluster.Lose(node);
                return $"lose {node}";
            }

            case 3 when lost.Count > 0:
            {
                var node = lost.First();
                lost.Remove(node);
                cluster.Return(node);
                return $"return {node}";
            }

            case 4:
                return Kill(cluster, lots);
            case 5 when cluster.All(ResourceTypes.Pods).ToArray() is { Length: > 0 } pods:
            {
                var pod = (string)pods[lots.Next(pods.Length)]["metadata"]!["name"]!;
                cluster.Delete(new ObjectKey(ResourceTypes.Pods, VirtualCluster.Namespace, pod));
                return $"delete {pod}";
            }

            case 6:
            {
                var withNodes = lots.Next(2) == 0;
                cluster.Crash(withNodes);
                return withNodes ? "crash with nodes" : "crash";
            }

            default:
            {
                var (rows, moment) = (lots.Next(1, 20), (CrashMoment)lots.Next(3));
                cluster.CrashAfter(rows, moment);
                return $"crash after {rows} rows, {moment}";
            }
        }
    }

    private static string Kill(VirtualCluster cluster, Random lots)
    {
        var running = cluster.Machines.SelectMany(machine => Applications(machine).Select(container => (machine, container))).ToArray();
        if (running.Length == 0)
        {
            return "nothing";
        }

        var (machine, container) = running[lots.Next(running.Length)];
        machine.Engine.Die(container.Id, 1);
        return $"kill {container.Name}";
    }

    /// <summary>Invariants of every moment: a pod is bound once, and no node is given more than it has.</summary>
    private static void NothingForbidden(VirtualCluster cluster, FactBatch row)
    {
        foreach (var fact in row.Facts.Where(fact => fact.Key.Type == ResourceTypes.Pods && fact.Previous?.Uid == fact.Object.Uid && fact.Previous.Links.NodeName is { Length: > 0 }))
        {
            Assert.Equal(fact.Previous!.Links.NodeName, fact.Object.Links.NodeName);
        }

        foreach (var node in cluster.Machines)
        {
            var held = cluster.Now.PodsOnNode(node.Name).Count(pod => (string?)pod.ToJson()["status"]?["phase"] is not ("Succeeded" or "Failed"));
            Assert.True(held * MilliCpu <= MilliCpuOfNode, $"Node {node.Name} has {held} pods of {MilliCpu}m.");
        }
    }

    private static bool IsAsAskedFor(VirtualCluster cluster)
    {
        var web = cluster.Find(ResourceTypes.Deployments, "web")!.ToJson();
        var (spec, status) = (web["spec"]!, web["status"]);
        var replicas = (int)spec["replicas"]!;
        return (long?)web["metadata"]!["generation"] == (long?)status?["observedGeneration"]
            && ((int?)status?["replicas"] ?? 0) == replicas
            && ((int?)status?["updatedReplicas"] ?? 0) == replicas
            && ((int?)status?["availableReplicas"] ?? 0) == replicas
            && cluster.All(ResourceTypes.Pods).Count() == replicas;
    }

    private static void NothingIsLeft(VirtualCluster cluster)
    {
        var web = cluster.Find(ResourceTypes.Deployments, "web")!.ToJson();
        var image = (string)web["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]!;
        var sets = cluster.All(ResourceTypes.ReplicaSets).ToDictionary(set => (string)set["metadata"]!["uid"]!);
        var pods = cluster.All(ResourceTypes.Pods).ToArray();
        Assert.True(IsAsAskedFor(cluster));
        Assert.All(pods, pod =>
        {
            Assert.Equal(image, (string?)pod["spec"]!["containers"]![0]!["image"]);
            Assert.Contains((string)pod["metadata"]!["ownerReferences"]![0]!["uid"]!, sets.Keys);
            Assert.Equal("Running", (string?)pod["status"]!["phase"]);
        });

        var run = cluster.Machines.SelectMany(machine => Applications(machine).Select(container => $"{machine.Name} {container.Labels[ContainerLabels.PodUid]}")).Order();
        Assert.Equal(pods.Select(pod => $"{pod["spec"]!["nodeName"]} {pod["metadata"]!["uid"]}").Order(), run);
        var known = pods.Select(pod => (string)pod["metadata"]!["uid"]!).ToHashSet();
        Assert.All(cluster.Machines.SelectMany(machine => machine.Engine.Containers), container => Assert.Contains(container.Labels.GetValueOrDefault(ContainerLabels.PodUid, ""), known));

        var slices = cluster.All(ResourceTypes.EndpointSlices).Where(slice => (string?)slice["metadata"]!["labels"]?["kubernetes.io/service-name"] == "web");
        var endpoints = slices.SelectMany(slice => (JsonArray)slice["endpoints"]!)
            .Where(endpoint => (bool?)endpoint!["conditions"]!["ready"] == true).Select(endpoint => $"{endpoint!["targetRef"]!["name"]} {endpoint["addresses"]![0]}").Order();
        Assert.Equal(pods.Select(pod => $"{pod["metadata"]!["name"]} {pod["status"]!["podIP"]}").Order(), endpoints);
    }

    private static IEnumerable<EngineContainer> Applications(SimulatedNode machine) => machine.Engine.Containers
        .Where(container => container.State == EngineContainerState.Running && ContainerLabels.Read(container.Labels) is { IsSandbox: false });

    private static void CreateWeb(VirtualCluster cluster)
    {
        cluster.Create(ResourceTypes.Services, """
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}}
            """);
        cluster.Create(ResourceTypes.Deployments, $$"""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},
             "spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"} },"strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":1} },
              "template":{"metadata":{"labels":{"app":"web"} },
               "spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"app","image":"app:1","resources":{"requests":{"cpu":"{{MilliCpu}}m"} } }] } } } }
            """);
    }
}
