using Deutero.Testing;

namespace Deutero.Tests;

public sealed class CertificatesTests
{
    [Fact]
    public void Every_learner_descends_along_its_definition()
    {
        var certificates = Certificates.All();
        Assert.All(certificates, certificate => Assert.True(certificate.Holds, certificate.ToString()));
        foreach (var c in certificates)
        {
            TestContext.Current.SendDiagnosticMessage(c.ToString());
            Console.WriteLine(c);
        }
    }
}
