using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace ActorOrchestrator.Bench.Ledger;

/// <summary>The floor: the bare driver writing rows of 1 KB with the ledger's own durability.</summary>
internal static class RawSqlite
{
    /// <returns>Rows per second.</returns>
    public static double Measure(string file, int rowsPerTransaction, TimeSpan duration)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, body BLOB NOT NULL);");
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO rows (body) VALUES ($body)";
        var body = new byte[1024];
        insert.Parameters.AddWithValue("$body", body);
        insert.Prepare();

        var rows = 0L;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < duration)
        {
            using var transaction = connection.BeginTransaction();
            insert.Transaction = transaction;
            for (var row = 0; row < rowsPerTransaction; row++)
            {
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
            rows += rowsPerTransaction;
        }

        return rows / clock.Elapsed.TotalSeconds;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
