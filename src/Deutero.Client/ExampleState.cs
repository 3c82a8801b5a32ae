namespace Deutero.Client;

/// <summary>One stored example.</summary>
/// <param name="Id">Its number within the adaptation; numbers are never used twice.</param>
/// <param name="Sha256">The SHA-256 of its numbers as little-endian float32, in hexadecimal.</param>
public sealed record ExampleState(long Id, string Sha256);
