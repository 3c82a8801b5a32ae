namespace Deutero.Client;

/// <summary>Makes an earlier version current.</summary>
/// <param name="Version">The version.</param>
public sealed record Rollback(int Version);
