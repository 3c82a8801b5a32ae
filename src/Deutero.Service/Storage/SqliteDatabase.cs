using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Deutero.Service.Storage;

/// <summary>The embedded database.</summary>
internal sealed class SqliteDatabase : Database
{
    private const long LongLog = 4 << 20; // bytes of the write-ahead log that are worth a checkpoint

    private const int MostTogether = 64;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private readonly Lock _writing = new();
    private readonly Lock _checkpointing = new();
    private readonly BlockingCollection<IPendingWrite> _queue = [];
    private readonly Thread _writes;
    private readonly AutoResetEvent _written = new(initialState: false);
    private readonly Thread _checkpoints;
    private volatile bool _ending;
    private volatile bool _owed; // a reader held on to what was deleted: the log is still to be emptied
    private readonly SqliteConnection _writer;
    private readonly string _reading;

    internal SqliteDatabase(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = FileOf(folder);
        _writer = new(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        _reading = new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly }.ToString();
        _writer.Open();
        // Deleted content is overwritten, in the file and, by the checkpoint after a deletion, in the log.
        _writer.Run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 0;");
        _writer.Run(Tables.Sql(bytes: "BLOB", options: "WITHOUT ROWID"));
        _owed = !Emptied(_writer); // of a process that ended between a deletion and this
        _checkpoints = new(() => Checkpoint(file)) { IsBackground = true, Name = "checkpoints" };
        _checkpoints.Start();
        _writes = new(Commit) { IsBackground = true, Name = "writes" };
        _writes.Start();
    }

    /// <summary>Reads a database that a running service may write to.</summary>
    /// <exception cref="FileNotFoundException">There is no database in the folder.</exception>
    internal static new T ReadOnly<T>(string folder, Func<DbConnection, T> read)
    {
        var file = FileOf(folder);
        if (!File.Exists(file))
        {
            throw new FileNotFoundException($"{folder} holds no deutero.db: the folder of a service's --store was expected.");
        }

        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        connection.Open();
        using var moment = connection.BeginTransaction(deferred: true);
        return read(connection);
    }

    internal override T Read<T>(Func<DbConnection, T> read)
    {
        using var connection = new SqliteConnection(_reading);
        connection.Open();
        return read(connection);
    }

    internal override Task<T> WriteLater<T>(string tenant, Func<DbConnection, T> write)
    {
        var pending = new PendingWrite<T>(write);
        _queue.Add(pending);
        return pending.Done;
    }

    /// <summary>Empties the write-ahead log, so that what was deleted is nowhere in the files; where a reader is in the way, as soon as it has gone.</summary>
    internal override void Forget()
    {
        lock (_checkpointing)
            lock (_writing)
            {
                _owed = !Emptied(_writer);
            }

        if (_owed)
        {
            _written.Set();
        }
    }

    // Whether the log was emptied, and not held on to by a reader.
    private static bool Emptied(SqliteConnection connection) => connection.Rows(row => row.GetInt32(0), "PRAGMA wal_checkpoint(TRUNCATE);")[0] == 0;

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
        while (!_ending)
        {
            _written.WaitOne(_owed ? s_retry : Timeout.InfiniteTimeSpan);
            if (_ending || (!_owed && new FileInfo(file + "-wal") is not { Exists: true, Length: >= LongLog }))
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
                        _owed = !Emptied(connection) && _owed;
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

    public override void Dispose()
    {
        _queue.CompleteAdding();
        _writes.Join();
        _queue.Dispose();
        _ending = true;
        _written.Set();
        _checkpoints.Join();
        _written.Dispose();
        using var reader = new SqliteConnection(_reading);
        SqliteConnection.ClearPool(reader);
        _writer.Dispose(); // last, because only who can write removes the log
    }
}
