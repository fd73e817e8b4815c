namespace EquinixOtp.Tests;

/// <summary>The connections that belong to one cmdlet.</summary>
public class ConnectionTests
{
    [Fact]
    public async Task Connection_with_a_proxy_credential_closes_with_the_pipeline()
    {
        await using var proxy = new LoopbackServer(connection => connection.RespondToAllAsync(_ => Response.Good), asksForPassword: true);
        using var shell = new Shell(new Uri("http://127.0.0.1:9/metal/v1"));
        shell.SetSecrets();
        shell["proxy"] = proxy.BaseUrl.GetLeftPart(UriPartial.Authority);

        _ = shell.Run("Get-MetalRecoveryCode @api -Proxy $proxy -ProxyCredential $credential").Success;

        Assert.Equal(2, proxy.Requests.Count);
        await Condition.IsTrueAsync(() => proxy.OpenConnectionCount == 0);
    }
}
