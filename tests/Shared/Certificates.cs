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

    /// <summary>Creates a server certificate for an address, valid for 20 days that include, precede or follow today.</summary>
    /// <param name="authority">The issuer; null for a self-signed certificate.</param>
    /// <param name="days">0 for valid today; negative for days since it expired, positive for days until it is valid.</param>
    /// <param name="address">The address; 127.0.0.1 by default.</param>
    /// <param name="usage">The extended key usage; server authentication by default.</param>
    public static X509Certificate2 Create(
        X509Certificate2? authority, int days = 0, IPAddress? address = null, string usage = "1.3.6.1.5.5.7.3.1")
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
