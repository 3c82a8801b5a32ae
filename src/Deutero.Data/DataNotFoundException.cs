namespace Deutero.Data;

/// <summary>A data set, or a file of it, is in none of the places where it was looked for.</summary>
/// <param name="message">One sentence that names the data set, the places, and what to do.</param>
public sealed class DataNotFoundException(string message) : Exception(message);
