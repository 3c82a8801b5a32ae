namespace Deutero.Data;

/// <summary>A table whose rows have classes: what a task of rows is drawn from.</summary>
/// <param name="Name">What it is called, for example <c>iris</c>.</param>
/// <param name="Columns">The names of its columns, without the class.</param>
/// <param name="Classes">
/// The classes' names with their rows, one number a column: its own, or the place of its category among the column's, in order of name; not a number where a cell is missing.
/// </param>
public sealed record ClassTable(string Name, IReadOnlyList<string> Columns, IReadOnlyList<(string Name, IReadOnlyList<float[]> Rows)> Classes);
