using System.Management.Automation;
using Flurl.Http;

namespace EquinixOtp.Benchmarks.Baseline;

/// <summary>The same as <see cref="GetBareHttpCommand"/> with Flurl, whose cost the module has, too.</summary>
[Cmdlet(VerbsCommon.Get, "BareFlurl")]
[OutputType(typeof(string))]
public sealed class GetBareFlurlCommand : Cmdlet
{
    private static readonly FlurlClient s_client =
        new(new HttpClient(new HttpClientHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }));

    [Parameter(Mandatory = true, Position = 0)]
    public Uri Uri { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1)]
    public string Token { get; set; } = null!;

    protected override void ProcessRecord()
    {
        using IFlurlResponse response = s_client.Request(Uri).WithHeader("X-Auth-Token", Token).GetAsync().GetAwaiter().GetResult();
        WriteObject(response.GetStringAsync().GetAwaiter().GetResult());
    }
}
