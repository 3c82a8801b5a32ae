namespace Deutero.Client;

/// <summary>One stored example.</summary>
/// <param name="Id">Its number within the adaptation; numbers are never used twice.</param>
/// <param name="Sha256">
/// The SHA-256, in hexadecimal, of its numbers as little-endian float32; of a text as UTF-8; of a row as JSON, the columns that are not null in order of their
/// names' UTF-16 and no space between.
/// </param>
/// <param name="Item">The text or the row, where an adaptation or a version of it is asked for; null for images and numbers.</param>
public sealed record ExampleState(long Id, string Sha256, Item? Item = null);
