using Akka.Configuration;
using Akka.TestKit.Xunit2;

namespace ActorOrchestrator.TestSupport;

/// <summary>
/// A TestKit that only ever gives up on what hangs: how long the right thing takes is the machine's affair, and a test that counts on it fails on a busy one.
/// What must not happen is waited for briefly, after a test has made sure that it would have happened by then.
/// </summary>
public abstract class PatientTestKit(string hocon = "", string? systemName = null) : TestKit(ConfigurationFactory.ParseString(hocon).WithFallback(Patience), systemName)
{
    private static readonly Config Patience = ConfigurationFactory.ParseString("""
        akka.test {
          single-expect-default = 60s
          default-timeout = 60s
          filter-leeway = 60s
          expect-no-message-default = 100ms
        }
        """);
}
