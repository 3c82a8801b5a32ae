using System.Security.Cryptography;
using System.Text;

namespace Deutero.Data;

/// <summary>One file of a data set, with what identifies its content.</summary>
/// <param name="Path">Where it is below the data folder, for example <c>omniglot/vinyals_test.txt</c>.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">The SHA-256 of its content, 64 lower-case hexadecimal digits.</param>
public sealed record DataFile(string Path, long Bytes, string Sha256)
{
    /// <summary>Where the original can be downloaded, or <see langword="null"/> if it does not exist as one file.</summary>
    public Uri? Url { get; init; }

    /// <summary>
    /// For an original that is packed differently: its git object id (SHA-1) in its author's repository, which is accepted instead of
    /// <see cref="Sha256"/>. The images inside are the same.
    /// </summary>
    public string? UpstreamGitBlob { get; init; }

    /// <summary>The package that the file is made from, where it cannot be downloaded as it is; the package is not kept.</summary>
    public DataFile? Package { get; init; }

    /// <summary>The name without the folder.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Reads a file and compares its content with this entry.</summary>
    /// <param name="path">The file on disk.</param>
    /// <returns>Whether it is this file, or missing, or another one.</returns>
    /// <exception cref="IOException">The file is there but cannot be read.</exception>
    public FileState Check(string path)
    {
        if (!File.Exists(path))
        {
            return FileState.Missing;
        }

        using var content = File.OpenRead(path);
        return Matches(content) ? FileState.Ok : FileState.WrongChecksum;
    }

    private bool Matches(Stream content)
    {
        if (content.Length == Bytes && Convert.ToHexStringLower(SHA256.HashData(content)) == Sha256)
        {
            return true;
        }

        content.Position = 0;
        return UpstreamGitBlob is not null && GitBlob(content) == UpstreamGitBlob;
    }

    private static string GitBlob(Stream content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {content.Length}\0"));
        var buffer = new byte[64 * 1024];
        for (int read; (read = content.Read(buffer)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
