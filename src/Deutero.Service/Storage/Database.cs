using System.Data.Common;

namespace Deutero.Service.Storage;

/// <summary>Where everything is kept: one writer at a time for each tenant, readers beside it; what was committed survives the end of the process and of the machine.</summary>
internal abstract class Database : IDisposable
{
    /// <summary>Opens a database, and makes its tables where there are none.</summary>
    /// <param name="store">A folder, or a connection string of PostgreSQL.</param>
    internal static Database Open(string store) => PostgresDatabase.IsMeant(store) ? new PostgresDatabase(store) : new SqliteDatabase(store);

    /// <summary>Reads a database that running services may write to; all that is read is of one moment.</summary>
    /// <exception cref="FileNotFoundException">There is no database in the folder.</exception>
    /// <exception cref="IOException">The server cannot be reached, or its database holds no tables of a service.</exception>
    internal static T ReadOnly<T>(string store, Func<DbConnection, T> read) =>
        PostgresDatabase.IsMeant(store) ? PostgresDatabase.ReadOnly(store, read) : SqliteDatabase.ReadOnly(store, read);

    internal abstract T Read<T>(Func<DbConnection, T> read);

    /// <summary>Writes all or nothing, while nobody else writes for the tenant, and waits until that has come to the disk.</summary>
    internal T Write<T>(string tenant, Func<DbConnection, T> write) => WriteLater(tenant, write).GetAwaiter().GetResult();

    /// <summary>Writes all or nothing, while nobody else writes for the tenant; the task ends when that has come to the disk.</summary>
    internal abstract Task<T> WriteLater<T>(string tenant, Func<DbConnection, T> write);

    /// <summary>Removes what was deleted from the files, where this process can.</summary>
    internal abstract void Forget();

    public abstract void Dispose();
}
