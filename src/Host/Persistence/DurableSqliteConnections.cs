using System.Data.Common;
using LinqToDB.Interceptors;

namespace ActorOrchestrator.Host.Persistence;

/// <summary>
/// Makes every connection wait until the disk has what it was given (<c>synchronous=FULL</c>). That setting belongs to the connection and not to
/// the file, so it is made whenever one is opened.
/// </summary>
internal sealed class DurableSqliteConnections : ConnectionInterceptor
{
    internal const string Pragmas = "PRAGMA synchronous=FULL;";

    public override void ConnectionOpened(ConnectionEventData eventData, DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(ConnectionEventData eventData, DbConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
