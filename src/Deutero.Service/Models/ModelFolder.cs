using Deutero.Service.Web;

namespace Deutero.Service.Models;

/// <summary>Where models may be loaded from while the service runs.</summary>
/// <param name="Root">The folder; nothing outside of it is opened, not through links either.</param>
/// <param name="Open">Opens the model at a full path under a name.</param>
public sealed record ModelFolder(string Root, Func<string, string, ServedModel> Open)
{
    private const int LongestPath = 300;

    private const string UploadFolder = "uploaded";

    /// <summary>Opens a model of the folder.</summary>
    /// <param name="name">The name to serve it under.</param>
    /// <param name="path">Where it is, relative to the folder.</param>
    /// <exception cref="ArgumentException">The path leads out of the folder or to nothing, or what is there is no model.</exception>
    internal ServedModel OpenInside(string name, string path) => Opened(
        name, "path", Inside(path) ?? throw new ArgumentException(
            "path must lead to a model in the folder that the operator allowed, relative to it and without '..' and links, nor with links in it."));

    /// <summary>Opens a package that was uploaded, before it is kept.</summary>
    /// <param name="name">The name to serve it under.</param>
    /// <param name="file">Its full path.</param>
    /// <exception cref="ArgumentException">It is no model, or was changed.</exception>
    internal ServedModel OpenUploaded(string name, string file) => Opened(name, "the package", file);

    /// <summary>Where uploaded packages are kept: a folder that is the service's own.</summary>
    internal string Uploads => Path.Combine(Path.GetFullPath(Root), UploadFolder);

    /// <summary>Makes the folder of uploaded packages where there is none.</summary>
    /// <exception cref="ServiceProblem">There is a link in its place.</exception>
    internal string MadeUploads()
    {
        var folder = Directory.CreateDirectory(Uploads);
        return folder.LinkTarget is null ? folder.FullName : throw ServiceProblem.Conflict($"The folder '{UploadFolder}' of the operator's folder is a link: models are not loaded through links.");
    }

    /// <summary>Where an uploaded package is, as the path of a model of the folder.</summary>
    internal static string PathOf(string upload) => $"{UploadFolder}/{upload}";

    /// <summary>The full path of an uploaded package; null where the path is that of another model of the folder.</summary>
    internal string? UploadAt(string path) => path.StartsWith(PathOf(""), StringComparison.Ordinal) ? Inside(path) : null;

    private ServedModel Opened(string name, string called, string full)
    {
        try
        {
            return Open(name, full);
        }
        catch (Exception mistake) when (mistake is not OutOfMemoryException)
        {
            throw new ArgumentException($"The model cannot be opened: {mistake.Message.Replace(full, called, StringComparison.Ordinal)}", mistake);
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
