using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EquinixOtp.Tests;

internal static class Certificates
{
    public static X509Certificate2 CreateAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Test {Guid.NewGuid():n}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-100), DateTimeOffset.UtcNow.AddDays(100));
    }

    /// <summary>Makes a certificate for 127.0.0.1 that is valid for the 20 days around that many from now; without an authority, its own.</summary>
    public static X509Certificate2 Create(X509Certificate2? authority, int days = 0, IPAddress? address = null, string usage = "1.3.6.1.5.5.7.3.1")
    {
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(days < 0 ? days - 20 : days == 0 ? -10 : days);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=loopback", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address ?? IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (authority is null)
        {
            return request.CreateSelfSigned(from, from.AddDays(20));
        }

        using X509Certificate2 issued = request.Create(authority, from, from.AddDays(20), Guid.NewGuid().ToByteArray());
        return issued.CopyWithPrivateKey(key);
    }
}
