namespace Deutero.Data;

/// <summary>A data file or folder is there but does not hold what it should.</summary>
/// <param name="message">One sentence that names the file, what was found and what was expected.</param>
/// <param name="inner">The cause, or <see langword="null"/>.</param>
public sealed class DataFormatException(string message, Exception? inner = null) : Exception(message, inner);
