namespace Deutero.Torch.Serialization;

/// <summary>Writes files that are whole or absent: half a file is never seen under its name.</summary>
public static class AtomicFile
{
    private const int BufferSize = 1 << 16;

    /// <summary>Writes a temporary file beside the target, flushes it to disk, and renames it over the target.</summary>
    /// <remarks>
    /// If writing fails, the target is as it was and the temporary file is removed. If the process is killed, the target is as it was and a
    /// file named <c>.deutero-*.tmp</c> may stay. A symbolic link is replaced, not followed. A file that is replaced passes its Unix
    /// permissions on.
    /// </remarks>
    /// <param name="path">The target; its folder must exist.</param>
    /// <param name="write">Writes the content; it must leave the stream open.</param>
    /// <exception cref="DirectoryNotFoundException">The target's folder does not exist.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written to.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var target = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(target);
        if (Directory.Exists(target))
        {
            throw new IOException($"'{path}' is a folder; expected the path of a file.");
        }

        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"The folder of '{path}' does not exist; expected '{folder}'.");
        }

        // The same folder, because a rename is atomic only within one file system.
        var temporary = Path.Combine(folder, $".deutero-{Path.GetRandomFileName()}.tmp");
        try
        {
            WriteThrough(temporary, target, write);
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void WriteThrough(string temporary, string target, Action<Stream> write)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = BufferSize };
        if (!OperatingSystem.IsWindows() && File.Exists(target))
        {
            options.UnixCreateMode = File.GetUnixFileMode(target);
        }

        using var stream = new FileStream(temporary, options);
        write(stream);
        // Without this, a crash of the machine could leave the new name with an empty file.
        stream.Flush(flushToDisk: true);
    }
}
