using Microsoft.Data.Sqlite;

namespace Deutero.Service.Storage;

/// <summary>A write with a result. A mistake in it undoes what it wrote, and nothing else of the transaction.</summary>
internal sealed class PendingWrite<T>(Func<SqliteConnection, T> write) : IPendingWrite
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _mistake;

    internal Task<T> Done => _done.Task;

    public void Run(SqliteConnection connection)
    {
        connection.Run("SAVEPOINT write;");
        try
        {
            _result = write(connection);
        }
        catch (Exception mistake)
        {
            _mistake = mistake;
            connection.Run("ROLLBACK TO write;");
        }

        connection.Run("RELEASE write;");
    }

    public void Finish(Exception? failure)
    {
        if ((_mistake ?? failure) is { } reason)
        {
            _done.SetException(reason);
        }
        else
        {
            _done.SetResult(_result!);
        }
    }
}
