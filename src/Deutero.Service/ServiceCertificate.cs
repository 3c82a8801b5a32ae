using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Deutero.Service;

/// <summary>The certificate that the service shows at https addresses, with its private key.</summary>
public sealed class ServiceCertificate : IDisposable
{
    private ServiceCertificate(X509Certificate2 own, IEnumerable<X509Certificate2> others) => (Own, Others) = (own, [.. others]);

    internal X509Certificate2 Own { get; }

    /// <summary>Certificates between the own one and the root, which are sent with it.</summary>
    internal X509Certificate2Collection Others { get; }

    /// <summary>Reads a certificate.</summary>
    /// <param name="file">A PKCS#12 file (.pfx, .p12), or a PEM file with the certificate and after it those that vouch for it.</param>
    /// <param name="keyFile">The PEM file of the private key; null where it is in <paramref name="file"/>.</param>
    /// <param name="password">What the private key is encrypted with; null where it is not.</param>
    /// <exception cref="ArgumentException">The files hold no certificate with its key, or the password is wrong.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static ServiceCertificate Load(string file, string? keyFile = null, string? password = null)
    {
        try
        {
            return Path.GetExtension(file).ToLowerInvariant() is ".pfx" or ".p12" ? OfPkcs12(file, password) : OfPem(file, keyFile ?? file, password);
        }
        catch (CryptographicException unusable)
        {
            throw new ArgumentException(
                $"{file} holds no certificate with its private key, or the password is wrong: a .pfx file, or a PEM file and the PEM file of its key, was expected.", unusable);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Own.Dispose();
        foreach (var other in Others)
        {
            other.Dispose();
        }
    }

    private static ServiceCertificate OfPkcs12(string file, string? password)
    {
        var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(file, password);
        var own = all.FirstOrDefault(one => one.HasPrivateKey) ?? throw new CryptographicException("There is no private key.");
        return new(own, all.Where(one => one != own));
    }

    private static ServiceCertificate OfPem(string file, string keyFile, string? password)
    {
        var own = password is null ? X509Certificate2.CreateFromPemFile(file, keyFile) : X509Certificate2.CreateFromEncryptedPemFile(file, password, keyFile);
        var all = new X509Certificate2Collection();
        all.ImportFromPemFile(file);
        return new(own, all.Where(one => one.Thumbprint != own.Thumbprint));
    }
}
