using System.Data.Common;
using System.Runtime.CompilerServices;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace ActorOrchestrator.Host.Persistence;

/// <summary>
/// Makes every connection wait until the disk has what it was given (<c>synchronous=FULL</c>). That setting belongs to the connection and not to
/// the file, so it is made on each that is opened.
/// </summary>
internal sealed class DurableSqliteConnections : ConnectionInterceptor
{
    private const string Durable = "PRAGMA synchronous=FULL;";

    /// <summary>The pool hands the same native connection out again and again, with its settings kept.</summary>
    private readonly ConditionalWeakTable<sqlite3, object> _made = [];

    public override void ConnectionOpened(ConnectionEventData eventData, DbConnection connection)
    {
        var native = ((SqliteConnection)connection).Handle!;
        if (!_made.TryGetValue(native, out _))
        {
            using var command = connection.CreateCommand();
            command.CommandText = Durable;
            command.ExecuteNonQuery();
            _made.AddOrUpdate(native, native);
        }
    }

    public override Task ConnectionOpenedAsync(ConnectionEventData eventData, DbConnection connection, CancellationToken cancellationToken)
    {
        // SQLite's own asynchronous calls are synchronous ones.
        ConnectionOpened(eventData, connection);
        return Task.CompletedTask;
    }
}
