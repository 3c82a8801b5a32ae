using Deutero.Cli.Runs;

namespace Deutero.Cli.Packages;

/// <summary>The files of a model, from a run folder or from a package, which was verified.</summary>
/// <param name="Source">The folder or the package.</param>
/// <param name="Contents">The files' contents by name.</param>
/// <param name="Signer">The public key of whoever signed the package; null for a run folder or an unsigned package.</param>
public sealed record ModelFiles(string Source, IReadOnlyDictionary<string, byte[]> Contents, byte[]? Signer)
{
    internal const string Weights = "model.safetensors";
    internal const string Configuration = "configuration.json";
    internal const string Calibration = "calibration.json";
    internal const string CardText = "model-card.md";
    internal const string Card = "card.json";
    internal const string Contract = "contract.json";
    internal const string TextFeatures = "text-features.safetensors";

    /// <summary>The files that a model can have, in the order in which they are packed.</summary>
    internal static IReadOnlyList<string> Known { get; } = [Configuration, Card, CardText, Contract, TextFeatures, Calibration, Weights];

    /// <summary>Whether a package was read.</summary>
    public bool IsPackage => File.Exists(Source);

    /// <summary>Reads a model's files.</summary>
    /// <param name="path">A run folder, or a package.</param>
    /// <param name="trusted">The only key whose packages are taken; null takes every package that is whole.</param>
    /// <exception cref="FileNotFoundException">The folder is no run folder, or has no model.</exception>
    /// <exception cref="InvalidDataException">The package was changed, or was not signed by the trusted key.</exception>
    public static ModelFiles Open(string path, PackageKey? trusted = null)
    {
        if (!File.Exists(path))
        {
            return trusted is null ? OfRun(path) : throw new ArgumentException($"{path} is no package, but only packages signed by {trusted.Fingerprint} are trusted.");
        }

        var (contents, signer) = PackageFile.Read(path);
        if (trusted is not null && (signer is null || !signer.AsSpan().SequenceEqual(trusted.PublicKey)))
        {
            throw new InvalidDataException(
                $"{path} is {(signer is null ? "unsigned" : $"signed by {PackageKey.FingerprintOf(signer)}")}, but only packages signed by {trusted.Fingerprint} are trusted.");
        }

        return contents.ContainsKey(Weights) && contents.ContainsKey(Configuration)
            ? new(path, contents, signer)
            : throw new InvalidDataException($"{path} is not a package of a model: it lacks {Weights} or {Configuration}.");
    }

    /// <summary>Whose the files are, for people.</summary>
    public string Origin => !IsPackage ? "run folder" : Signer is null ? "package, unsigned" : $"package, signed by {PackageKey.FingerprintOf(Signer)}";

    /// <summary>Writes the files into a folder that serves as a run folder: whole or not at all.</summary>
    /// <param name="folder">The folder, which must not exist.</param>
    /// <exception cref="IOException">The folder exists, or cannot be written.</exception>
    public void WriteTo(string folder)
    {
        var target = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar);
        if (Directory.Exists(target) || File.Exists(target))
        {
            throw new IOException($"{folder} exists already: a package is unpacked into a folder that does not.");
        }

        var parent = Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var temporary = Path.Combine(parent.FullName, $".deutero-{Path.GetRandomFileName()}.tmp");
        Directory.CreateDirectory(temporary);
        try
        {
            foreach (var (name, content) in Contents)
            {
                using var file = new FileStream(Path.Combine(temporary, name), FileMode.CreateNew);
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            Directory.Move(temporary, target);
        }
        catch
        {
            Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    private static ModelFiles OfRun(string path)
    {
        var folder = new RunFolder(path);
        if (!File.Exists(folder.ConfigurationFile))
        {
            throw new FileNotFoundException($"{path} is not a run folder: it has no configuration.json.");
        }

        if (!File.Exists(folder.ModelFile))
        {
            throw folder.NoModel();
        }

        var files = Known.Select(name => (Name: name, Path: Path.Combine(path, name))).Where(file => File.Exists(file.Path));
        return new(path, files.ToDictionary(file => file.Name, file => File.ReadAllBytes(file.Path)), null);
    }
}
