using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Deutero.Service.Storage;

/// <summary>The embedded database: one writer at a time, readers beside it; what was committed survives the end of the process and of the machine.</summary>
internal sealed class Database : IDisposable
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS adaptations (
            id TEXT PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, model TEXT NOT NULL, current INTEGER NOT NULL,
            revision INTEGER NOT NULL, next_example INTEGER NOT NULL, created TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS adaptations_of_tenant ON adaptations (tenant, id);
        CREATE TABLE IF NOT EXISTS versions (
            adaptation TEXT NOT NULL, version INTEGER NOT NULL, parent INTEGER NOT NULL, created TEXT NOT NULL, model_version TEXT NOT NULL,
            content TEXT NOT NULL, PRIMARY KEY (adaptation, version)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS examples (
            adaptation TEXT NOT NULL, id INTEGER NOT NULL, hash TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (adaptation, id));
        CREATE TABLE IF NOT EXISTS audit (tenant TEXT NOT NULL, seq INTEGER NOT NULL, line TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (tenant, seq));
        CREATE TABLE IF NOT EXISTS keys (
            hash TEXT PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL, created TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS models (name TEXT PRIMARY KEY, path TEXT) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS audit_heads (tenant TEXT PRIMARY KEY, seq INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID;
        """;

    private const long LongLog = 4 << 20; // bytes of the write-ahead log that are worth a checkpoint

    private const int MostTogether = 64;

    private readonly Lock _writing = new();
    private readonly Lock _checkpointing = new();
    private readonly BlockingCollection<IPendingWrite> _queue = [];
    private readonly Thread _writes;
    private readonly AutoResetEvent _written = new(initialState: false);
    private readonly Thread _checkpoints;
    private volatile bool _ending;
    private readonly SqliteConnection _writer;
    private readonly string _reading;

    internal Database(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = FileOf(folder);
        _writer = new(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        _reading = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly }.ToString();
        _writer.Open();
        // Deleted content is overwritten, in the file and, by the checkpoint after a deletion, in the log.
        _writer.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 0;");
        _writer.Run(Schema);
        _checkpoints = new(() => Checkpoint(file)) { IsBackground = true, Name = "checkpoints" };
        _checkpoints.Start();
        _writes = new(Commit) { IsBackground = true, Name = "writes" };
        _writes.Start();
    }

    /// <summary>Reads a database that a running service may write to.</summary>
    /// <exception cref="FileNotFoundException">There is no database in the folder.</exception>
    internal static T ReadOnly<T>(string folder, Func<SqliteConnection, T> read)
    {
        var file = FileOf(folder);
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"{folder} holds no deutero.db: the folder of a service's --store was expected.");
        }

        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        return read(connection);
    }

    internal T Read<T>(Func<SqliteConnection, T> read)
    {
        using var connection = new SqliteConnection(_reading);
        connection.Open();
        return read(connection);
    }

    /// <summary>Writes all or nothing, and waits until that has come to the disk.</summary>
    internal T Write<T>(Func<SqliteConnection, T> write) => WriteLater(write).GetAwaiter().GetResult();

    /// <summary>Writes all or nothing; the task ends when that has come to the disk.</summary>
    internal Task<T> WriteLater<T>(Func<SqliteConnection, T> write)
    {
        var pending = new PendingWrite<T>(write);
        _queue.Add(pending);
        return pending.Done;
    }

    /// <summary>Empties the write-ahead log, so that what was deleted is nowhere in the files.</summary>
    internal void Forget()
    {
        lock (_checkpointing)
            lock (_writing)
            {
                _writer.Run("PRAGMA wal_checkpoint(TRUNCATE);");
            }
    }

    // Writes that wait together come to the disk together, which takes as long as for one; each is still all or nothing.
    private void Commit()
    {
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            var together = new List<IPendingWrite> { first };
            while (together.Count < MostTogether && _queue.TryTake(out var next))
            {
                together.Add(next);
            }

            var failure = Commit(together);
            _written.Set();
            together.ForEach(write => write.Finish(failure));
        }
    }

    private Exception? Commit(List<IPendingWrite> together)
    {
        lock (_writing)
        {
            try
            {
                using var transaction = _writer.BeginTransaction();
                together.ForEach(write => write.Run(_writer));
                transaction.Commit();
                return null;
            }
            catch (Exception failure)
            {
                return failure;
            }
        }
    }

    // Beside the writer, which would else copy the log into the database once in every few dozen changes; only the last of it is copied while nobody writes.
    private void Checkpoint(string file)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        connection.Run("PRAGMA synchronous = FULL; PRAGMA busy_timeout = 100;");
        while (_written.WaitOne() && !_ending)
        {
            if (new FileInfo(file + "-wal") is not { Exists: true, Length: >= LongLog })
            {
                continue;
            }

            try
            {
                lock (_checkpointing)
                {
                    connection.Run("PRAGMA wal_checkpoint(PASSIVE);");
                    lock (_writing)
                    {
                        connection.Run("PRAGMA wal_checkpoint(TRUNCATE);");
                    }
                }
            }
            catch (SqliteException)
            {
                // Nothing is lost by a longer log; the next change tries again.
            }
        }
    }

    private static string FileOf(string folder) => Path.Combine(folder, "deutero.db");

    public void Dispose()
    {
        _queue.CompleteAdding();
        _writes.Join();
        _queue.Dispose();
        _ending = true;
        _written.Set();
        _checkpoints.Join();
        _written.Dispose();
        _writer.Dispose();
        using var reader = new SqliteConnection(_reading);
        SqliteConnection.ClearPool(reader);
    }
}
