using Microsoft.Data.Sqlite;

namespace ActorOrchestrator.Host.Persistence;

/// <summary>The embedded data file: who may use it, and what its errors mean.</summary>
internal static class SqliteFile
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static string ConnectionString(string file) => new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Mode = SqliteOpenMode.ReadWriteCreate,
        Pooling = true,
        DefaultTimeout = 8,
    }.ToString();

    /// <summary>Takes the file for this process, until disposed or until the process is gone, however it ends.</summary>
    /// <exception cref="LedgerStorageException">Another process has it, or the folder cannot be written.</exception>
    public static IDisposable Hold(string file)
    {
        var mark = file + ".lock";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            return new FileStream(mark, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw new LedgerStorageException($"The data folder {Path.GetDirectoryName(mark)} cannot be written by this user; choose another with --data or run as its owner.", refused);
        }
        catch (IOException failed) when (File.Exists(mark))
        {
            throw new LedgerStorageException($"The data file {file} is held by another orchestrator that is running; stop that one first or choose another folder with --data.", failed);
        }
        catch (IOException failed)
        {
            throw new LedgerStorageException($"The data folder {Path.GetDirectoryName(mark)} cannot be used: {failed.Message}", failed);
        }
    }

    /// <summary>Makes the file when it is missing and proves that it can be written.</summary>
    /// <exception cref="LedgerStorageException">It cannot.</exception>
    public static void Prepare(string file)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 2 }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            // WAL stays in the file. The little table is written and rolled back: a full or read-only disk shows now and not at the first user's write.
            command.CommandText = """
                PRAGMA journal_mode=WAL;
                BEGIN IMMEDIATE;
                CREATE TABLE orchestrator_probe (x);
                ROLLBACK;
                """;
            command.ExecuteNonQuery();
        }
        catch (SqliteException failed)
        {
            throw new LedgerStorageException($"The data file {file} cannot be used: {Explain(failed)}", failed);
        }
    }

    /// <summary>Null when it is not SQLite's failure.</summary>
    public static string? Explain(Exception failure)
    {
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is SqliteException sqlite)
            {
                return Explain(sqlite);
            }
        }

        return null;
    }

    private static string Explain(SqliteException failure) => failure.SqliteErrorCode switch
    {
        Busy or Locked => "it is locked by another program (a backup or a database browser?); close that and start again.",
        ReadOnly => "it is read-only for this user; check the owner and the mount.",
        InputOutput => $"the disk failed to read or write it ({failure.Message}); check the disk and the kernel's log.",
        Corrupt or NotADatabase => "it is damaged or no SQLite file; restore it from a backup or start with an empty folder.",
        Full => "the disk is full; make room and start again. Nothing that was acknowledged is lost.",
        CannotOpen => "it cannot be opened; check that the folder exists and that this user may write in it.",
        _ => failure.Message,
    };
}
