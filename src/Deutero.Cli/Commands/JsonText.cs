using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Deutero.Cli.Terminal;

namespace Deutero.Cli.Commands;

/// <summary>How results are written as JSON.</summary>
internal static partial class JsonText
{
    /// <summary>Indented, with every letter as itself: the output goes to a file or a program, never into a web page.</summary>
    internal static JsonSerializerOptions Indented { get; } = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Indented, but each list of numbers on one line.</summary>
    /// <param name="node">What to write.</param>
    internal static string Compact(JsonNode node) =>
        LongList().Replace(node.ToJsonString(Indented), list => "[" + LineBreak().Replace(list.Groups[1].Value, " ") + "]");

    /// <summary>A table as a list of objects, whose keys are the columns.</summary>
    /// <param name="table">The table.</param>
    internal static JsonArray Of(TextTable table) =>
        [.. table.Rows.Select(row => new JsonObject(table.Columns.Zip(row, (column, cell) => KeyValuePair.Create(column, (JsonNode?)cell))))];

    // A line break is never inside of a JSON text, so that what follows one is structure.
    [GeneratedRegex("""\[\r?\n\s*([^\[\]{}"]*?)\s*\]""")]
    private static partial Regex LongList();

    [GeneratedRegex("""\r?\n\s*""")]
    private static partial Regex LineBreak();
}
