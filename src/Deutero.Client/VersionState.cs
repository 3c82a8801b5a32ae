namespace Deutero.Client;

/// <summary>One version of an adaptation.</summary>
/// <param name="Version">Its number, from 1.</param>
/// <param name="Parent">The version that it was made from; 0 for the first.</param>
/// <param name="Created">When it was made.</param>
/// <param name="ModelVersion">The SHA-256 of the model that was loaded when it was made.</param>
/// <param name="Classes">Its classes.</param>
/// <param name="Examples">Its examples.</param>
public sealed record VersionState(int Version, int Parent, DateTimeOffset Created, string ModelVersion, int Classes, int Examples);
