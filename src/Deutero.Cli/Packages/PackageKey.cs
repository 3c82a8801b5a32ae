using System.Security.Cryptography;

namespace Deutero.Cli.Packages;

/// <summary>A key of ECDSA on P-256: private to sign packages, or public to say whose are trusted.</summary>
public sealed class PackageKey : IDisposable
{
    private readonly ECDsa _key;

    private PackageKey(ECDsa key) => _key = key;

    /// <summary>The public key as SubjectPublicKeyInfo.</summary>
    public byte[] PublicKey => _key.ExportSubjectPublicKeyInfo();

    /// <summary>What people compare: the beginning of the SHA-256 of the public key.</summary>
    public string Fingerprint => FingerprintOf(PublicKey);

    /// <summary>Makes a key pair: the private key in a file that its owner alone may read, the public one beside it as <c>NAME.public.pem</c>.</summary>
    /// <param name="path">The private key's file, which must not exist; nor may that of the public key.</param>
    /// <exception cref="IOException">A file exists, or cannot be written.</exception>
    public static PackageKey Create(string path)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        if (File.Exists(path))
        {
            throw new IOException($"{path} exists already: a key is never overwritten; use it with --key {path}.");
        }

        if (File.Exists(PublicFileOf(path)))
        {
            throw new IOException($"{PublicFileOf(path)} exists already: the public key of {path} would overwrite it; give the new key another name.");
        }

        using (var writer = new StreamWriter(path, options))
        {
            writer.WriteLine(key.ExportPkcs8PrivateKeyPem());
        }

        File.WriteAllText(PublicFileOf(path), key.ExportSubjectPublicKeyInfoPem() + "\n");
        return new(key);
    }

    /// <summary>Where <see cref="Create"/> puts the public key.</summary>
    /// <param name="path">The private key's file.</param>
    public static string PublicFileOf(string path) => Path.ChangeExtension(path, ".public.pem");

    /// <summary>Reads a private key.</summary>
    /// <param name="path">A PEM file.</param>
    /// <exception cref="InvalidDataException">It holds no private key of P-256.</exception>
    public static PackageKey Private(string path) => Read(path, "PRIVATE KEY");

    /// <summary>Reads a public key.</summary>
    /// <param name="path">A PEM file.</param>
    /// <exception cref="InvalidDataException">It holds no public key of P-256.</exception>
    public static PackageKey Public(string path) => Read(path, "PUBLIC KEY");

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    internal static string FingerprintOf(byte[] publicKey) => Convert.ToHexStringLower(SHA256.HashData(publicKey))[..16];

    internal byte[] Sign(byte[] data) => _key.SignData(data, HashAlgorithmName.SHA256);

    internal static bool Verifies(byte[] publicKey, byte[] data, byte[] signature)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey, out _);
            return IsP256(key) && key.VerifyData(data, signature, HashAlgorithmName.SHA256);
        }
        catch (Exception wrong) when (wrong is CryptographicException or PlatformNotSupportedException or ArgumentException) // not a point of the curve, or another curve
        {
            return false;
        }
    }

    private static PackageKey Read(string path, string label)
    {
        var text = File.ReadAllText(path);
        var key = ECDsa.Create();
        try
        {
            if (text.Contains($"-----BEGIN {label}-----", StringComparison.Ordinal))
            {
                key.ImportFromPem(text);
                if (IsP256(key))
                {
                    return new(key);
                }
            }
        }
        catch (Exception mistake) when (mistake is ArgumentException or CryptographicException or PlatformNotSupportedException)
        {
            // Said below.
        }

        key.Dispose();
        throw new InvalidDataException($"{path} holds no {label.ToLowerInvariant()} of ECDSA on P-256 in PEM: one made by 'deutero pack --new-key' was expected.");
    }

    private static bool IsP256(ECDsa key) => key.KeySize == 256 && key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == "1.2.840.10045.3.1.7";
}
