using ActorOrchestrator.Actors.Ledger;
using ActorOrchestrator.Contracts.Ledger.Wire;
using Akka.Actor;
using Akka.Configuration;

namespace ActorOrchestrator.Cluster.Tests.Ledger;

public sealed class LedgerWireBindingTests
{
    [Fact]
    public async Task Every_form_of_the_ledger_is_bound_to_its_serializer_by_the_configuration()
    {
        var config = ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "hocon", "base.conf")));
        var system = ActorSystem.Create("bindings", ConfigurationFactory.ParseString("akka.loglevel = OFF").WithFallback(config));
        try
        {
            Assert.All(LedgerCodec.Types, type => Assert.IsType<LedgerSerializer>(system.Serialization.FindSerializerForType(type)));
        }
        finally
        {
            await system.Terminate();
        }
    }
}
