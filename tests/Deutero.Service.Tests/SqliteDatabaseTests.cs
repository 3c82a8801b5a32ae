using Deutero.Service.Storage;
using Microsoft.Data.Sqlite;

namespace Deutero.Service.Tests;

public sealed class SqliteDatabaseTests : IDisposable
{
    private static readonly byte[] s_content = [.. Enumerable.Range(0, 500).Select(i => (byte)((7 * i) + 3))];

    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-service-").FullName;

    private string File => Path.Combine(_folder, "deutero.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_deleted_leaves_the_log_as_soon_as_the_reader_in_the_way_has_gone()
    {
        using var database = new SqliteDatabase(_folder);
        Insert(database);
        using (var reader = new SqliteConnection($"Data Source={File};Mode=ReadOnly;Pooling=False"))
        {
            reader.Open();
            using var moment = reader.BeginTransaction(deferred: true);
            Assert.Equal([1L], reader.Rows(row => row.GetInt64(0), "SELECT id FROM examples"));
            Delete(database);
            database.Forget();
            Assert.True(IsInFiles());
        }

        for (var wait = 0; IsInFiles() && wait < 100; wait++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.False(IsInFiles());
    }

    [Fact]
    public void What_a_killed_process_had_deleted_leaves_the_log_at_the_next_start()
    {
        using (var database = new SqliteDatabase(_folder))
        {
            Insert(database);
            Delete(database);

            // As a process that is killed between a deletion and the checkpoint leaves them.
            foreach (var file in Directory.GetFiles(_folder))
            {
                System.IO.File.Copy(file, Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "killed")).FullName, Path.GetFileName(file)));
            }
        }

        var killed = Path.Combine(_folder, "killed");
        Assert.True(IsInFiles(killed));
        using var again = new SqliteDatabase(killed);
        Assert.False(IsInFiles(killed));
    }

    private static void Insert(SqliteDatabase database) => database.Write("a", connection => connection.Run(
        "INSERT INTO examples VALUES ('id', 1, 'hash', @content)", ("@content", s_content)));

    private static void Delete(SqliteDatabase database) => database.Write("a", connection => connection.Run("DELETE FROM examples"));

    private bool IsInFiles(string? folder = null) => Directory.EnumerateFiles(folder ?? _folder).Any(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes.AsSpan().IndexOf(s_content) >= 0;
    });
}
