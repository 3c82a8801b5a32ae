namespace Deutero.Cli.Packages;

/// <summary>What a package consists of. The signature is of the manifest's bytes, and the manifest vouches for the entries.</summary>
/// <param name="Format">The format's name and version.</param>
/// <param name="Signer">The public key of whoever signed it, SubjectPublicKeyInfo in base64; null where nobody did.</param>
/// <param name="Entries">The entries.</param>
public sealed record PackageManifest(string Format, string? Signer, IReadOnlyList<PackageEntry> Entries)
{
    /// <summary>The format that is written and read.</summary>
    public const string Current = "deutero-package-1";
}
