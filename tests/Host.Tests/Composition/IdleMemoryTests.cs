using ActorOrchestrator.Host.Composition;

namespace ActorOrchestrator.Host.Tests.Composition;

public sealed class IdleMemoryTests
{
    [Theory]
    [InlineData("r--p", "/opt/x/Akka.dll", 0, true)]
    [InlineData("r--s", "/opt/x/Akka.dll", 0, true)]
    [InlineData("r-xp", "/usr/lib/libssl.so.3", 0, true)]
    [InlineData("r-xp", "/usr/lib/libcoreclr.so", 0, true)]
    [InlineData("rw-p", "/opt/x/Akka.dll", 0, false)]
    [InlineData("r--p", "/opt/x/Akka.dll", 4, false)]
    [InlineData("r--p", "/var/lib/orchestrator/ledger.db", 0, false)]
    [InlineData("r--p", "", 0, false)]
    public void Only_pages_that_a_program_file_holds_as_well_are_given_back(string rights, string path, int writtenKiB, bool given)
    {
        string[] smaps =
        [
            $"00001000-00003000 {rights} 00000000 08:01 123 {path}",
            "Size:                  8 kB",
            "Rss:                   8 kB",
            $"Anonymous:             {writtenKiB} kB",
            "VmFlags: rd mr mw me",
        ];

        Assert.Equal(given ? [((nint)0x1000, (nuint)0x2000)] : [], IdleMemory.CleanProgramPages(smaps));
    }

    [Fact]
    public void Every_mapping_of_this_very_process_can_be_read()
    {
        Assert.NotEmpty(IdleMemory.CleanProgramPages(File.ReadLines("/proc/self/smaps")));
    }
}
