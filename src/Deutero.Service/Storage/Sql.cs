using Microsoft.Data.Sqlite;

namespace Deutero.Service.Storage;

/// <summary>Statements with their values.</summary>
internal static class Sql
{
    /// <summary>Runs a statement and returns the number of rows that it changed.</summary>
    internal static int Run(this SqliteConnection connection, string text, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = Command(connection, text, values);
        return command.ExecuteNonQuery();
    }

    internal static List<T> Rows<T>(
        this SqliteConnection connection, Func<SqliteDataReader, T> read, string text, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = Command(connection, text, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    // Every text is a constant of this assembly; what users send is bound as a value.
    private static SqliteCommand Command(SqliteConnection connection, string text, ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}
