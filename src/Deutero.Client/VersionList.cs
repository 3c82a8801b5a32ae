namespace Deutero.Client;

/// <summary>All versions of an adaptation.</summary>
/// <param name="Id">The adaptation.</param>
/// <param name="Current">The current version.</param>
/// <param name="Versions">The versions, the first one first.</param>
public sealed record VersionList(string Id, int Current, IReadOnlyList<VersionState> Versions);
