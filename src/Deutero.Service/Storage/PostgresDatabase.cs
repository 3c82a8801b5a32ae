using System.Data;
using System.Data.Common;
using Npgsql;

namespace Deutero.Service.Storage;

/// <summary>A PostgreSQL database, which several services may share.</summary>
internal sealed class PostgresDatabase : Database
{
    // A service that stops in the middle of a change holds up its tenant no longer than this; a commit is answered when it is on the disk, whatever the server's default is.
    private const string Session = "-c idle_in_transaction_session_timeout=30000 -c synchronous_commit=on";

    // Writes that wait for the lock of their tenant hold a connection and a thread; readers have the rest of the pool.
    private const int MostAtOnce = 16;

    private readonly NpgsqlDataSource _source;
    private readonly SemaphoreSlim _turns = new(MostAtOnce);

    internal PostgresDatabase(string store)
    {
        _source = SourceOf(store);
        try
        {
            // The tables are made under a lock: two services that are started at once would else both make them.
            Write("", connection => connection.Run(Tables.Sql(bytes: "BYTEA", options: "")));
        }
        catch (DbException unusable)
        {
            _source.Dispose();
            throw Unusable(unusable);
        }
    }

    /// <summary>Whether a store is a connection string, and not a folder.</summary>
    internal static bool IsMeant(string store) => store.StartsWith("postgres://", StringComparison.Ordinal) || store.StartsWith("postgresql://", StringComparison.Ordinal)
        ? throw new ArgumentException("--store takes a connection string such as 'Host=localhost;Database=deutero;Username=deutero', but found an address.")
        : store.Contains("Host=", StringComparison.OrdinalIgnoreCase);

    internal static new T ReadOnly<T>(string store, Func<DbConnection, T> read)
    {
        try
        {
            using var source = SourceOf(store);
            using var connection = source.OpenConnection();
            using var moment = connection.BeginTransaction(IsolationLevel.RepeatableRead);
            return read(connection);
        }
        catch (DbException unusable)
        {
            throw Unusable(unusable);
        }
    }

    internal override T Read<T>(Func<DbConnection, T> read)
    {
        using var connection = _source.OpenConnection();
        return read(connection);
    }

    internal override async Task<T> WriteLater<T>(string tenant, Func<DbConnection, T> write)
    {
        await _turns.WaitAsync().ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Commit(tenant, write)).ConfigureAwait(false);
        }
        finally
        {
            _turns.Release();
        }
    }

    // Deleted rows are the server's to overwrite.
    internal override void Forget()
    {
    }

    public override void Dispose()
    {
        _source.Dispose();
        _turns.Dispose();
    }

    private T Commit<T>(string tenant, Func<DbConnection, T> write)
    {
        using var connection = _source.OpenConnection();
        using var transaction = connection.BeginTransaction();

        // Held to the end of the transaction: what is read after it was committed by whoever had it before.
        connection.Run("SELECT pg_advisory_xact_lock(hashtextextended(@tenant, 1146441044))", ("@tenant", tenant));
        var result = write(connection);
        transaction.Commit();
        return result;
    }

    private static IOException Unusable(DbException failure) => new($"The PostgreSQL database of --store cannot be used: {failure.Message}", failure);

    private static NpgsqlDataSource SourceOf(string store)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(store);
            settings.Options = $"{settings.Options} {Session}".Trim();
            settings.ApplicationName ??= "deutero";
            return NpgsqlDataSource.Create(settings);
        }
        catch (Exception mistake) when (mistake is ArgumentException or FormatException or InvalidCastException)
        {
            throw new ArgumentException($"The connection string of --store is not as Npgsql expects it: {mistake.Message}", mistake);
        }
    }
}
