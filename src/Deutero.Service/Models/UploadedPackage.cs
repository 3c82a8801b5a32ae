using System.Security.Cryptography;

namespace Deutero.Service.Models;

/// <summary>A package that came with a request: a temporary file in the model folder, which is deleted unless it is kept.</summary>
internal sealed class UploadedPackage : IDisposable
{
    private const string Temporary = ".deutero-upload-";

    private static readonly TimeSpan s_abandoned = TimeSpan.FromHours(1); // younger ones may be coming in, by another service on the same folder

    private readonly ModelFolder _folder;
    private readonly string _file;

    private UploadedPackage(ModelFolder folder) => (_folder, _file) = (folder, Path.Combine(folder.MadeUploads(), Temporary + Path.GetRandomFileName()));

    /// <summary>The SHA-256 of the package, in lower-case hexadecimal.</summary>
    internal string Sha256 { get; private set; } = "";

    /// <summary>Writes what comes in to the disk.</summary>
    internal static async Task<UploadedPackage> Receive(ModelFolder folder, Stream content, CancellationToken cancellation)
    {
        var package = new UploadedPackage(folder);
        try
        {
            await using var file = new FileStream(package._file, FileMode.CreateNew, FileAccess.ReadWrite);
            await content.CopyToAsync(file, cancellation);
            file.Flush(flushToDisk: true);
            file.Position = 0;
            package.Sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
            return package;
        }
        catch
        {
            package.Dispose();
            throw;
        }
    }

    /// <summary>Verifies the package, and opens the model.</summary>
    /// <exception cref="ArgumentException">It is no model, or was changed.</exception>
    internal ServedModel Open(string name) => _folder.OpenUploaded(name, _file);

    /// <summary>Gives the package its lasting place, named by its content so that it replaces nothing else.</summary>
    /// <returns>Its path as a model of the folder.</returns>
    internal string Keep(string name)
    {
        var upload = $"{name}.{Sha256}.deutero";
        File.Move(_file, Path.Combine(_folder.Uploads, upload), overwrite: true);
        return ModelFolder.PathOf(upload);
    }

    /// <summary>Deletes what a service left that was killed while a package came in.</summary>
    internal static void DropAbandoned(ModelFolder folder, DateTimeOffset now)
    {
        if (!Directory.Exists(folder.Uploads))
        {
            return;
        }

        foreach (var file in Directory.EnumerateFiles(folder.Uploads, Temporary + "*").Where(file => now - File.GetLastWriteTimeUtc(file) > s_abandoned))
        {
            File.Delete(file);
        }
    }

    public void Dispose() => File.Delete(_file);
}
