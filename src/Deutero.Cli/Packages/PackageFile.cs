using System.Buffers.Text;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Deutero.Torch.Serialization;

namespace Deutero.Cli.Packages;

/// <summary>A package's file: a zip of stored entries, a manifest of their hashes, and the manifest's signature.</summary>
internal static class PackageFile
{
    internal const string Manifest = "manifest.json";
    internal const string Signature = "manifest.signature";

    private static readonly DateTimeOffset s_epoch = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // the same content gives the same bytes
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Strict) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>Writes a package atomically.</summary>
    internal static void Write(string path, IReadOnlyDictionary<string, byte[]> entries, PackageKey? key)
    {
        var manifest = JsonSerializer.SerializeToUtf8Bytes(
            new PackageManifest(
                PackageManifest.Current, key is null ? null : Convert.ToBase64String(key.PublicKey),
                [.. entries.Select(entry => new PackageEntry(entry.Key, entry.Value.Length, HashOf(entry.Value)))]),
            s_json);
        AtomicFile.Write(path, stream =>
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            Add(archive, Manifest, manifest);
            if (key is not null)
            {
                Add(archive, Signature, Encoding.ASCII.GetBytes(Convert.ToBase64String(key.Sign(manifest))));
            }

            foreach (var (name, content) in entries)
            {
                Add(archive, name, content);
            }
        });
    }

    /// <summary>Reads a package, and refuses one that differs from its manifest, or whose manifest differs from what was signed.</summary>
    /// <returns>The entries that the manifest lists, and the public key of the signer, null where nobody signed.</returns>
    /// <exception cref="InvalidDataException">It is no whole package, or was changed; the message names what differs.</exception>
    internal static (IReadOnlyDictionary<string, byte[]> Entries, byte[]? Signer) Read(string path)
    {
        var contents = Contents(path);
        if (!contents.Remove(Manifest, out var manifest))
        {
            throw new InvalidDataException($"{path} is not a package: it has no {Manifest}.");
        }

        contents.Remove(Signature, out var signature);
        var listed = Parse(path, manifest);
        var signer = Signer(path, listed, manifest, signature);
        var whole = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var entry in listed.Entries)
        {
            if (!contents.Remove(entry.Name, out var content))
            {
                throw new InvalidDataException($"{path} was changed: its manifest lists {entry.Name}, which is missing.");
            }

            if (content.Length != entry.Bytes || HashOf(content) != entry.Sha256)
            {
                throw new InvalidDataException($"{path} was changed: {entry.Name} differs from the SHA-256 that its manifest has.");
            }

            whole.Add(entry.Name, content);
        }

        return contents.Keys.FirstOrDefault() is { } extra
            ? throw new InvalidDataException($"{path} was changed: it holds {extra}, which its manifest does not list.")
            : (whole, signer);
    }

    internal static string HashOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static void Add(ZipArchive archive, string name, byte[] content)
    {
        var entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = s_epoch;
        using var stream = entry.Open();
        stream.Write(content);
    }

    private static PackageManifest Parse(string path, byte[] json)
    {
        try
        {
            if (JsonSerializer.Deserialize<PackageManifest>(json, s_json) is { Format: PackageManifest.Current, Entries: not null } manifest)
            {
                return !manifest.Entries.Contains(null!) ? manifest : throw new InvalidDataException($"{path} is not a package, or was changed: {Manifest} lists an entry that is null.");
            }
        }
        catch (JsonException mistake)
        {
            throw new InvalidDataException($"{path} is not a package, or was changed: {Manifest} is not as expected ({mistake.Message})", mistake);
        }

        throw new InvalidDataException($"{path} is not a package that this version reads: the format in {Manifest} is not '{PackageManifest.Current}'.");
    }

    private static byte[]? Signer(string path, PackageManifest manifest, byte[] signed, byte[]? signature)
    {
        if (manifest.Signer is null)
        {
            return signature is null ? null : throw new InvalidDataException($"{path} was changed: it holds {Signature}, but {Manifest} names no signer.");
        }

        return signature is null ? throw new InvalidDataException($"{path} was changed: {Manifest} names a signer, but {Signature} is missing.")
            : FromBase64(manifest.Signer) is { } key && FromBase64(Encoding.ASCII.GetString(signature)) is { } bytes && PackageKey.Verifies(key, signed, bytes) ? key
            : throw new InvalidDataException($"{path} was changed: {Signature} is not the signer's signature of {Manifest}.");
    }

    // One file on disk holds every entry, uncompressed, so that no more can be read than it has bytes.
    private static Dictionary<string, byte[]> Contents(string path)
    {
        try
        {
            using var archive = ZipFile.OpenRead(path);
            var contents = new Dictionary<string, byte[]>(StringComparer.Ordinal);
            foreach (var entry in archive.Entries)
            {
                if (!ModelFiles.Known.Contains(entry.FullName) && entry.FullName is not Manifest and not Signature)
                {
                    throw new InvalidDataException($"it holds an entry '{Shown(entry.FullName)}', which no package has");
                }

                if (entry.CompressedLength != entry.Length || entry.Length > Array.MaxLength || !contents.TryAdd(entry.FullName, Bytes(entry)))
                {
                    throw new InvalidDataException($"{entry.FullName} is compressed, too long or there twice");
                }
            }

            return contents;
        }
        catch (Exception damage) when (damage is InvalidDataException or EndOfStreamException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"{path} is not a whole package, or was changed: {damage.Message.TrimEnd('.')}.", damage);
        }
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        try
        {
            using var stream = entry.Open();
            var content = new byte[entry.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception damage) when (damage is InvalidDataException or EndOfStreamException or IOException)
        {
            throw new InvalidDataException($"{entry.FullName} is damaged ({damage.Message.TrimEnd('.')})", damage);
        }
    }

    private static string Shown(string name) => string.Concat(name.Take(40).Select(character => char.IsControl(character) ? '?' : character));

    private static byte[]? FromBase64(string text) => Base64.IsValid(text) ? Convert.FromBase64String(text) : null;
}
