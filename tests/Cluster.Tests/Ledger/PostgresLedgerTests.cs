using ActorOrchestrator.Host.Persistence;

namespace ActorOrchestrator.Cluster.Tests.Ledger;

public sealed class PostgresLedgerTests(PostgresServer server) : LedgerSuite, IClassFixture<PostgresServer>
{
    [Fact]
    public async Task A_database_that_is_not_there_is_named()
    {
        var connectionString = (await server.CreateDatabaseAsync()).Replace("Database=ledger_", "Database=missing_", StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<LedgerStorageException>(() => LedgerStorage.OpenPostgresAsync(connectionString, Hocon("persistence-postgres.conf")));
        Assert.Contains("database missing_", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("create it first", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_named()
    {
        var refusal = await Assert.ThrowsAsync<LedgerStorageException>(
            () => LedgerStorage.OpenPostgresAsync("Host=127.0.0.1;Port=1;Username=x;Database=y", Hocon("persistence-postgres.conf")));
        Assert.Contains("127.0.0.1:1", refusal.Message, StringComparison.Ordinal);
    }

    protected override async Task<LedgerStorage> OpenStorageAsync() =>
        await LedgerStorage.OpenPostgresAsync(await server.CreateDatabaseAsync(), Hocon("persistence-postgres.conf"));
}
