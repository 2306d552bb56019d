using ActorOrchestrator.Host.Persistence;
using Microsoft.Data.Sqlite;

namespace ActorOrchestrator.Cluster.Tests.Ledger;

public sealed class SqliteLedgerTests : LedgerSuite
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ledger-sqlite-").FullName;

    private string DataFile => Path.Combine(_folder, "ledger.db");

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void The_file_is_in_write_ahead_mode()
    {
        Assert.Equal("wal", Query(DataFile, "PRAGMA journal_mode"));
    }

    [Fact]
    public void A_file_that_a_live_host_holds_is_refused_by_name()
    {
        var refusal = Assert.Throws<LedgerStorageException>(() => LedgerStorage.OpenSqlite(DataFile, Hocon("persistence-sqlite.conf")));
        Assert.Contains(DataFile, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("another orchestrator", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_another_program_locks_is_refused_in_words()
    {
        var file = Path.Combine(_folder, "locked.db");
        using var browser = new SqliteConnection($"Data Source={file};Pooling=False");
        browser.Open();
        Execute(browser, "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE t (x);");
        var refusal = Assert.Throws<LedgerStorageException>(() => LedgerStorage.OpenSqlite(file, Hocon("persistence-sqlite.conf")));
        Assert.Contains("locked by another program", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_in_words()
    {
        var file = Path.Combine(_folder, "notes.db");
        File.WriteAllText(file, new string('x', 5000));
        var refusal = Assert.Throws<LedgerStorageException>(() => LedgerStorage.OpenSqlite(file, Hocon("persistence-sqlite.conf")));
        Assert.Contains("damaged or no SQLite file", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_told_in_words()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        Execute(connection, "PRAGMA page_size=1024; CREATE TABLE t (x); PRAGMA max_page_count=8;");
        var full = Assert.Throws<SqliteException>(() => Execute(connection, "INSERT INTO t VALUES (zeroblob(100000))"));
        Assert.Contains("the disk is full", LedgerStorage.Explain(new InvalidOperationException("wrapped", full)), StringComparison.Ordinal);
    }

    protected override Task<LedgerStorage> OpenStorageAsync() => Task.FromResult(LedgerStorage.OpenSqlite(DataFile, Hocon("persistence-sqlite.conf")));

    private static string? Query(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString();
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
