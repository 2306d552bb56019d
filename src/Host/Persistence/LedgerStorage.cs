using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Persistence.Sql.Config;
using LinqToDB;

namespace ActorOrchestrator.Host.Persistence;

/// <summary>
/// Where the ledger keeps its journal. Opening proves that the place can be written; the configuration and the set-up go into the
/// actor system that runs the ledger. Dispose after that system has ended.
/// </summary>
public sealed class LedgerStorage : IDisposable
{
    private readonly IDisposable? _hold;

    private LedgerStorage(Config config, DataOptions options, IDisposable? hold)
    {
        Config = config;
        Setup = new DataOptionsSetup(options);
        _hold = hold;
    }

    /// <summary>The persistence plug-ins of Akka, to be laid over the host's configuration.</summary>
    public Config Config { get; }

    /// <summary>To be combined into the actor system's set-up.</summary>
    public Setup Setup { get; }

    /// <summary>An embedded file, made when it is missing, held by this process alone.</summary>
    /// <param name="file">The full path of the data file. Its folder is made when it is missing.</param>
    /// <param name="config">What <c>persistence-sqlite.conf</c> says.</param>
    /// <exception cref="LedgerStorageException">The file is held by another process, is damaged, cannot be written, or the disk is full.</exception>
    public static LedgerStorage OpenSqlite(string file, Config config)
    {
        var hold = SqliteFile.Hold(file);
        try
        {
            SqliteFile.Prepare(file);
            var connectionString = SqliteFile.ConnectionString(file);
            var options = new DataOptions()
                .UseConnectionString(ProviderName.SQLiteMS, connectionString)
                .UseInterceptor(new DurableSqliteConnections());
            return new LedgerStorage(WithConnectionString(config, connectionString), options, hold);
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>A PostgreSQL database that several control hosts share.</summary>
    /// <param name="connectionString">As Npgsql takes it.</param>
    /// <param name="config">What <c>persistence-postgres.conf</c> says.</param>
    /// <exception cref="LedgerStorageException">The database cannot be reached or refuses the user.</exception>
    public static async Task<LedgerStorage> OpenPostgresAsync(string connectionString, Config config, CancellationToken cancellation = default)
    {
        await PostgresDatabase.ProveAsync(connectionString, cancellation);
        var options = new DataOptions().UseConnectionString(ProviderName.PostgreSQL15, connectionString);
        return new LedgerStorage(WithConnectionString(config, connectionString), options, null);
    }

    /// <summary>A failure of either database in words that tell what to do.</summary>
    public static string Explain(Exception failure) => SqliteFile.Explain(failure) ?? PostgresDatabase.Explain(failure) ?? failure.Message;

    public void Dispose() => _hold?.Dispose();

    private static Config WithConnectionString(Config config, string connectionString)
    {
        // Quoted as JSON: a password may hold anything.
        var quoted = System.Text.Json.JsonSerializer.Serialize(connectionString);
        return ConfigurationFactory.ParseString($"""
            akka.persistence.journal.sql.connection-string = {quoted}
            akka.persistence.snapshot-store.sql.connection-string = {quoted}
            """).WithFallback(config);
    }
}

/// <summary>The ledger's storage cannot be used. The message names the place, what is wrong and what would help.</summary>
public sealed class LedgerStorageException(string message, Exception? inner = null) : Exception(message, inner);
