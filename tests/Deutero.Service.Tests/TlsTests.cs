using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Deutero.Client;

namespace Deutero.Service.Tests;

public sealed class TlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-tls-").FullName;
    private readonly X509Certificate2 _made = Made();

    public void Dispose()
    {
        _made.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(false, "secret")]
    [InlineData(true, "secret")]
    public async Task Serves_https_with_the_certificate_of_a_file(bool pem, string? password)
    {
        using var certificate = pem ? ServiceCertificate.Load(Pem(), PemKey(password), password) : ServiceCertificate.Load(Pfx(password), password: password);
        await using var service = await RunningService.Start(settings: settings => settings with { Urls = ["https://127.0.0.1:0"], Certificate = certificate });
        using var trusting = new HttpClientHandler
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown?.Thumbprint == _made.Thumbprint,
        };
        using var http = new HttpClient(trusting)
        {
            BaseAddress = new(service.Service.Urls[0]), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var client = new DeuteroClient(http);
        Assert.Equal("https", http.BaseAddress!.Scheme);
        Assert.Single(await client.Models(TestContext.Current.CancellationToken));
        using var answer = await http.GetAsync(new Uri("/health/live", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("max-age=31536000", Assert.Single(answer.Headers.GetValues("Strict-Transport-Security")));

        // Who does not know the certificate does not trust it.
        await Assert.ThrowsAsync<HttpRequestException>(() => service.Get("/health/live"));
    }

    [Fact]
    public async Task What_does_not_fit_together_is_refused_in_a_sentence()
    {
        Assert.Contains("password is wrong", Assert.Throws<ArgumentException>(() => ServiceCertificate.Load(Pfx("secret"), password: "other")).Message, StringComparison.Ordinal);
        Assert.Contains("private key", Assert.Throws<ArgumentException>(() => ServiceCertificate.Load(Pem())).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => ServiceCertificate.Load(Path.Combine(_folder, "none.pem")));
        var bare = await Assert.ThrowsAsync<ArgumentException>(() => RunningService.Start(_folder, settings => settings with { Urls = ["https://127.0.0.1:0"] }));
        Assert.Contains("--certificate", bare.Message, StringComparison.Ordinal);
        using var certificate = ServiceCertificate.Load(Pfx(null));
        var idle = await Assert.ThrowsAsync<ArgumentException>(() => RunningService.Start(_folder, settings => settings with { Certificate = certificate }));
        Assert.Contains("no address begins with https", idle.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_serves_https()
    {
        var run = Path.Combine(_folder, "run");
        Command.Train(run);
        using var process = Command.Serve(
            Path.Combine(_folder, "store"), "https://127.0.0.1:0", out var url, "--model", run, "--certificate", Pem(), "--certificate-key", PemKey(null));
        using var trusting = new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown?.Thumbprint == _made.Thumbprint };
        using var http = new HttpClient(trusting) { BaseAddress = url };
        Assert.Equal("ready", await http.GetStringAsync(new Uri("/health/ready", UriKind.Relative), TestContext.Current.CancellationToken));
        await Command.End(process);
    }

    private static X509Certificate2 Made()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
    }

    private string Pem() => Written("certificate.pem", _made.ExportCertificatePem());

    private string PemKey(string? password)
    {
        using var key = _made.GetECDsaPrivateKey()!;
        return Written("key.pem", password is null
            ? key.ExportPkcs8PrivateKeyPem()
            : key.ExportEncryptedPkcs8PrivateKeyPem(password, new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
    }

    private string Pfx(string? password)
    {
        var file = Path.Combine(_folder, "certificate.pfx");
        File.WriteAllBytes(file, _made.Export(X509ContentType.Pkcs12, password));
        return file;
    }

    private string Written(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        return file;
    }
}
