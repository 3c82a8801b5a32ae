namespace Deutero.Service.Models;

/// <summary>Where models may be loaded from while the service runs.</summary>
/// <param name="Root">The folder; nothing outside of it is opened, not through links either.</param>
/// <param name="Open">Opens the model at a full path under a name.</param>
public sealed record ModelFolder(string Root, Func<string, string, ServedModel> Open)
{
    private const int LongestPath = 300;

    /// <summary>Opens a model of the folder.</summary>
    /// <param name="name">The name to serve it under.</param>
    /// <param name="path">Where it is, relative to the folder.</param>
    /// <exception cref="ArgumentException">The path leads out of the folder or to nothing, or what is there is no model.</exception>
    internal ServedModel OpenInside(string name, string path)
    {
        var full = Inside(path) ?? throw new ArgumentException(
            "path must lead to a model in the folder that the operator allowed, relative to it and without '..' and links, nor with links in it.");
        try
        {
            return Open(name, full);
        }
        catch (Exception mistake) when (mistake is not OutOfMemoryException)
        {
            throw new ArgumentException($"The model cannot be opened: {mistake.Message.Replace(full, "path", StringComparison.Ordinal)}", mistake);
        }
    }

    private string? Inside(string? path)
    {
        if (path is null || path.Length is 0 or > LongestPath || path.Any(char.IsControl) || Path.IsPathRooted(path))
        {
            return null;
        }

        var at = Path.GetFullPath(Root);
        foreach (var part in path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar))
        {
            at = Path.Combine(at, part);
            if (part is "" or "." or ".." || !Path.Exists(at) || new FileInfo(at).LinkTarget is not null)
            {
                return null;
            }
        }

        return HoldsLinks(at) ? null : at;
    }

    // A run folder of somebody else could hold a link to a file that the service may read, but its users may not.
    private static bool HoldsLinks(string path) => Directory.Exists(path)
        && new DirectoryInfo(path).EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }).Any(entry => entry.LinkTarget is not null);
}
