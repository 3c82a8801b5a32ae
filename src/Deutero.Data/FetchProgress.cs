namespace Deutero.Data;

/// <summary>How far the download of one file is.</summary>
/// <param name="File">The file.</param>
/// <param name="Bytes">Bytes received so far.</param>
/// <param name="Total">Bytes in all, or <see langword="null"/> if the server did not say.</param>
public readonly record struct FetchProgress(DataFile File, long Bytes, long? Total);
