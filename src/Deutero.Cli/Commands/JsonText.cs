using System.Text.Encodings.Web;
using System.Text.Json;

namespace Deutero.Cli.Commands;

/// <summary>How results are written as JSON.</summary>
internal static class JsonText
{
    /// <summary>Indented, with every letter as itself: the output goes to a file or a program, never into a web page.</summary>
    internal static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
