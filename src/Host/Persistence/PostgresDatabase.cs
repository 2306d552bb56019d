using System.Net.Sockets;
using Npgsql;

namespace ActorOrchestrator.Host.Persistence;

/// <summary>The shared database: whether it answers, and what its errors mean.</summary>
internal static class PostgresDatabase
{
    /// <exception cref="LedgerStorageException">It cannot be reached, or the user may not use it.</exception>
    public static async Task ProveAsync(string connectionString, CancellationToken cancellation)
    {
        NpgsqlConnectionStringBuilder parts;
        try
        {
            parts = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException wrong)
        {
            throw new LedgerStorageException($"The PostgreSQL connection string cannot be read: {wrong.Message}. One such as \"Host=db;Username=orchestrator;Password=…;Database=orchestrator\" is expected.", wrong);
        }

        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(cancellation);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync(cancellation);
        }
        catch (Exception failed) when (failed is NpgsqlException or SocketException or TimeoutException)
        {
            throw new LedgerStorageException($"The PostgreSQL database {parts.Database} on {parts.Host}:{parts.Port} cannot be used: {Explain(failed) ?? failed.Message}", failed);
        }
    }

    /// <summary>Null when it is not PostgreSQL's failure.</summary>
    public static string? Explain(Exception failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case PostgresException { SqlState: PostgresErrorCodes.UniqueViolation }:
                    return "another host leads the ledger now and has written this row; this one stands back.";
                case PostgresException { SqlState: PostgresErrorCodes.DiskFull }:
                    return "the database's disk is full; make room there. Nothing that was acknowledged is lost.";
                case PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused:
                    return $"the user is refused ({refused.MessageText}); check the name and the password.";
                case PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } missing:
                    return $"{missing.MessageText}; create it first.";
                case PostgresException other:
                    return other.MessageText;
                case NpgsqlException { InnerException: SocketException unreachable }:
                    return $"nothing answers there ({unreachable.Message}).";
            }
        }

        return null;
    }
}
