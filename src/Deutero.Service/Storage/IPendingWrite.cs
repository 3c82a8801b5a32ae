using Microsoft.Data.Sqlite;

namespace Deutero.Service.Storage;

/// <summary>A write that waits for the next transaction.</summary>
internal interface IPendingWrite
{
    /// <summary>Writes within the transaction, all or nothing.</summary>
    void Run(SqliteConnection connection);

    /// <summary>Tells who waits how it ended, after the transaction has, with a failure where that failed.</summary>
    void Finish(Exception? failure);
}
