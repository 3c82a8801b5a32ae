using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Deutero.Cli.Terminal;

namespace Deutero.Cli.Commands;

/// <summary>How results are written as JSON.</summary>
internal static class JsonText
{
    /// <summary>Indented, with every letter as itself: the output goes to a file or a program, never into a web page.</summary>
    internal static JsonSerializerOptions Indented { get; } = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A table as a list of objects, whose keys are the columns.</summary>
    /// <param name="table">The table.</param>
    internal static JsonArray Of(TextTable table) =>
        [.. table.Rows.Select(row => new JsonObject(table.Columns.Zip(row, (column, cell) => KeyValuePair.Create(column, (JsonNode?)cell))))];
}
