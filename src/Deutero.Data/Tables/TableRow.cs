namespace Deutero.Data;

/// <summary>A row of a table as it stands in its file.</summary>
/// <param name="Number">Its number there, for messages.</param>
/// <param name="Cells">Its cells; null where one is missing.</param>
internal sealed record TableRow(int Number, string?[] Cells);
