namespace Deutero.Cli.Packages;

/// <summary>An entry of a package, as its manifest lists it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its SHA-256, in lower-case hexadecimal.</param>
public sealed record PackageEntry(string Name, long Bytes, string Sha256);
