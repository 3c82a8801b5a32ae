namespace Deutero.Client;

/// <summary>A column of the rows that a model takes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Categories">The texts that it had in training, of which any other is none; null for a column of numbers.</param>
public sealed record ColumnState(string Name, IReadOnlyList<string>? Categories);
