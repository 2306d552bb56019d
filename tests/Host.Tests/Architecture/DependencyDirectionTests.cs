using System.Reflection;

namespace ActorOrchestrator.Host.Tests.Architecture;

/// <summary>Host → Actors → Contracts, never back; and each room keeps what it must not know at a distance.</summary>
public sealed class DependencyDirectionTests
{
    private static readonly Assembly Contracts = typeof(Contracts.Resources.StoredObject).Assembly;
    private static readonly Assembly Actors = typeof(Actors.Ledger.ILedger).Assembly;

    [Fact]
    public void Contracts_knows_no_Akka_no_Docker_no_web_server_and_none_of_our_other_rooms() =>
        AssertKnowsNone(Contracts, "Akka", "Docker.DotNet", "Microsoft.AspNetCore", "ActorOrchestrator.Actors", "orchestrator");

    [Fact]
    public void Actors_knows_no_Docker_no_web_server_no_database_and_not_the_host() =>
        AssertKnowsNone(Actors, "Docker.DotNet", "Microsoft.AspNetCore", "Microsoft.Data.Sqlite", "Npgsql", "Akka.Persistence.Sql", "orchestrator");

    private static void AssertKnowsNone(Assembly assembly, params string[] forbidden)
    {
        var known = assembly.GetReferencedAssemblies().Select(reference => reference.Name!).ToArray();
        var wrong = known.Where(name => forbidden.Any(prefix => name.Equals(prefix, StringComparison.Ordinal) || name.StartsWith(prefix + ".", StringComparison.Ordinal)));
        Assert.Empty(wrong);
    }
}
