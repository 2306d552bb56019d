using System.Text.Json.Nodes;
using ActorOrchestrator.Actors.NodeAgent.Nodes;

namespace ActorOrchestrator.Actors.Tests.NodeAgent;

public sealed class NodeEventsTests
{
    [Theory]
    [InlineData("", "Ready=True MemoryPressure=False", "NodeHasSufficientMemory NodeReady")]
    [InlineData("Ready=True MemoryPressure=False", "Ready=True MemoryPressure=False", "")]
    [InlineData("Ready=True", "Ready=False", "NodeNotReady")]
    [InlineData("Ready=Unknown MemoryPressure=Unknown DiskPressure=Unknown PIDPressure=Unknown", "Ready=True MemoryPressure=True DiskPressure=True PIDPressure=True",
        "NodeHasInsufficientMemory NodeHasDiskPressure NodeHasInsufficientPID NodeReady")]
    [InlineData("boot=1 Ready=True", "boot=2 Ready=True", "Rebooted")]
    [InlineData("boot=1 DiskPressure=True", "boot=1 DiskPressure=False", "NodeHasNoDiskPressure")]
    public void Each_change_of_a_condition_and_each_boot_is_told_once(string before, string after, string reasons)
    {
        var told = NodeEvents.Between("n1", before.Length == 0 ? null : Status(before), Status(after)).ToArray();
        Assert.Equal(reasons, string.Join(' ', told.Select(notice => notice.Reason)));
        Assert.All(told, notice => Assert.Equal(
            notice.Reason == "Rebooted" ? (true, "Node n1 has been rebooted, boot id: 2") : (false, $"Node n1 status is now: {notice.Reason}"), (notice.Warning, notice.Message)));
    }

    private static JsonObject Status(string text)
    {
        var parts = text.Split(' ').Select(part => part.Split('=')).ToArray();
        return new JsonObject
        {
            ["nodeInfo"] = new JsonObject { ["bootID"] = parts.FirstOrDefault(part => part[0] == "boot")?[1] ?? "" },
            ["conditions"] = new JsonArray([.. parts.Where(part => part[0] != "boot").Select(part => (JsonNode)new JsonObject { ["type"] = part[0], ["status"] = part[1] })]),
        };
    }
}
