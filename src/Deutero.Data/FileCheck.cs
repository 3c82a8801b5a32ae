namespace Deutero.Data;

/// <summary>The result of checking one file of a data set.</summary>
/// <param name="File">The entry of the catalogue.</param>
/// <param name="FoundAt">Where the file was found, or <see langword="null"/> if it is missing.</param>
/// <param name="State">What was found.</param>
public sealed record FileCheck(DataFile File, string? FoundAt, FileState State);
