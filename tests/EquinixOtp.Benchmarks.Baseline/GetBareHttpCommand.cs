using System.Management.Automation;

namespace EquinixOtp.Benchmarks.Baseline;

/// <summary>The alternative that a user could write: a cmdlet that calls a bare HttpClient and returns the body as text.</summary>
[Cmdlet(VerbsCommon.Get, "BareHttp")]
[OutputType(typeof(string))]
public sealed class GetBareHttpCommand : Cmdlet
{
    private static readonly HttpClient s_client = new(new HttpClientHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false });

    [Parameter(Mandatory = true, Position = 0)]
    public Uri Uri { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1)]
    public string Token { get; set; } = null!;

    protected override void ProcessRecord()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Uri);
        request.Headers.Add("X-Auth-Token", Token);
        using HttpResponseMessage response = s_client.SendAsync(request).GetAwaiter().GetResult();
        WriteObject(response.EnsureSuccessStatusCode().Content.ReadAsStringAsync().GetAwaiter().GetResult());
    }
}
