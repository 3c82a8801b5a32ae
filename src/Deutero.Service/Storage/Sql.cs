using System.Data.Common;

namespace Deutero.Service.Storage;

/// <summary>Statements with their values.</summary>
internal static class Sql
{
    /// <summary>Runs a statement and returns the number of rows that it changed.</summary>
    internal static int Run(this DbConnection connection, string text, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = Command(connection, text, values);
        return command.ExecuteNonQuery();
    }

    internal static List<T> Rows<T>(
        this DbConnection connection, Func<DbDataReader, T> read, string text, params ReadOnlySpan<(string Name, object Value)> values)
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
    private static DbCommand Command(DbConnection connection, string text, ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, Storable(value));
            command.Parameters.Add(parameter);
        }

        return command;
    }

    // PostgreSQL's texts have no character 0, and nothing that is stored has one: who asks for it finds nothing.
    private static object Storable(object value) => value is string text ? text.Replace('\0', '\uFFFD') : value;
}
