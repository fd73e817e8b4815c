namespace EquinixOtp.Tests;

/// <summary>The connections that belong to one cmdlet.</summary>
public class ConnectionTests
{
    [Fact]
    public async Task Pipeline_with_a_proxy_credential_opens_a_connection_per_user_and_closes_it_at_its_end()
    {
        await using var proxy = new LoopbackServer(connection => connection.RespondToAllAsync(_ => Response.Good), asksForPassword: true);
        using var shell = new Shell(new Uri("http://127.0.0.1:9/metal/v1"));
        shell.SetSecrets();
        shell["proxy"] = proxy.BaseUrl.GetLeftPart(UriPartial.Authority);

        _ = shell.Run("""
            $api.Remove('Token')
            'first', 'first', 'second' |
                ForEach-Object { [pscustomobject]@{ Token = [System.Net.NetworkCredential]::new('', $_).SecurePassword } } |
                Get-MetalRecoveryCode @api -Proxy $proxy -ProxyCredential $credential
            """).Success;

        Assert.Equal(2, proxy.ConnectionCount);
        await Condition.IsTrueAsync(() => proxy.OpenConnectionCount == 0);
    }
}
