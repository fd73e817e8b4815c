using System.Collections;
using System.Management.Automation;
using System.Security;
using EquinixOtp.Client;

namespace EquinixOtp;

/// <summary>
/// What the module's cmdlets share: their parameters, where token and URL come from, how a call is made and stopped, and
/// how a failure becomes an error record.
/// </summary>
public abstract class MetalCmdlet : PSCmdlet, IDisposable
{
    // A product of the user agent, the same in each session of a process: making it anew costs a warm call 4 µs.
    private static string? s_powerShell;

    private static readonly string[] s_tokenVariables = ["METAL_AUTH_TOKEN", "METAL_API_TOKEN", "PACKET_AUTH_TOKEN"];

    private readonly CancellationTokenSource _stop = new();
    private Connection? _connection;

    /// <summary>The user's API token or a session token. Otherwise <c>METAL_AUTH_TOKEN</c>, <c>METAL_API_TOKEN</c> or <c>PACKET_AUTH_TOKEN</c> of the environment.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SessionToken")]
    [SecretInput]
    public SecureString? Token { get; set; }

    /// <summary>The API's base URL: https, or http to this machine. Otherwise <c>METAL_API_URL</c> of the environment, else the public API.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ApiUrlInput]
    public Uri? ApiUrl { get; set; }

    /// <summary>How long one attempt may take, in seconds: 1 to 86,400, 30 by default.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 30;

    /// <summary>How often a failed attempt is repeated where that is safe: 0 to 100, 3 by default.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int MaximumRetryCount { get; set; } = 3;

    /// <summary>The first wait before a retry, in seconds: 0 to 3,600, 1 by default. Then exponential up to a minute, with jitter.</summary>
    [Parameter]
    [ValidateRange(0, 3600)]
    public int RetryIntervalSec { get; set; } = 1;

    /// <summary>The proxy's URL, in place of the system's setting.</summary>
    [Parameter]
    public Uri? Proxy { get; set; }

    /// <summary>The credential for <see cref="Proxy"/>.</summary>
    [Parameter]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Use no proxy, whatever the system says.</summary>
    [Parameter]
    public SwitchParameter NoProxy { get; set; }

    /// <summary>What to know and do when an answer is lost though the API may have done what was asked.</summary>
    private protected abstract string LostAnswer { get; }

    /// <summary>What the item under way goes on from, or null.</summary>
    private protected virtual OtpConfirmation? Confirmation => null;

    /// <summary>The API that the item under way is for.</summary>
    private protected Uri UrlOfCall => _connection!.ApiUrl;

    /// <summary>Ends the cmdlet's connections that nobody else shares.</summary>
    public void Dispose()
    {
        // The cancellation source isn't disposed: a stop may come as late as this, and it holds nothing.
        _connection?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes the cmdlet's call for one item of the pipeline.</summary>
    protected sealed override void ProcessRecord()
    {
        try
        {
            Connect();
            ProcessCall(FindToken());
        }
        catch (MetalOtpException e)
        {
            ErrorRecord record = ErrorRecords.Create(e, _connection?.ApiUrl, LostAnswer);
            if (ErrorRecords.EndsPipeline(e.Kind))
            {
                ThrowTerminatingError(record);
            }

            WriteError(record);
        }
    }

    /// <summary>Stops the call under way. Called by PowerShell, on another thread.</summary>
    protected sealed override void StopProcessing() => _stop.Cancel();

    /// <summary>Does the cmdlet's own work for one item of the pipeline.</summary>
    private protected abstract void ProcessCall(string token);

    /// <summary>Makes a call of the client and waits for it.</summary>
    private protected T Call<T>(Func<MetalOtpClient, IMetalOtpObserver, CancellationToken, Task<T>> operation)
    {
        MetalOtpClient client = _connection!.Client;
        return ApiCall.Run(this, (observer, stop) => operation(client, observer, stop), _stop);
    }

    private void Connect()
    {
        Uri apiUrl = ApiUrl ?? UrlOfEnvironment() ?? new MetalOtpClientOptions().BaseUrl;
        if (_connection is null || apiUrl.OriginalString != _connection.ApiUrl.OriginalString)
        {
            _connection?.Dispose();
            _connection = null;
            _connection = new Connection(apiUrl, new MetalOtpClient(new MetalOtpClientOptions
            {
                BaseUrl = apiUrl,
                Timeout = TimeSpan.FromSeconds(TimeoutSec),
                MaxRetries = MaximumRetryCount,
                RetryInterval = TimeSpan.FromSeconds(RetryIntervalSec),
                Proxy = Proxy,
                ProxyCredential = ProxyCredential?.GetNetworkCredential(),
                NoProxy = NoProxy,
                HostProduct = s_powerShell ??= HostProduct(),
            }));
        }
    }

    private string? HostProduct() =>
        SessionState.PSVariable.GetValue("PSVersionTable") is IDictionary versions ? $"PowerShell/{versions["PSVersion"]}" : null;

    private static Uri? UrlOfEnvironment() =>
        Environment.GetEnvironmentVariable("METAL_API_URL") is { Length: > 0 } text ? ApiUrlInputAttribute.Parse(text) : null;

    private string FindToken()
    {
        // An empty one stands for null: a confirmation's, when the API sent none, else a mistake.
        string? token = Token is not null && (Token.Length > 0 || Confirmation is null) ? SecureText.ToPlain(Token)
            : Confirmation is null or { IsByEnvironmentsToken: true } ? TokenOfEnvironment()
            : null;
        if (token is null)
        {
            ThrowTerminatingError(ErrorRecords.TokenNotFound(_connection!.ApiUrl));
        }

        Credentials.ValidateToken(token!);
        return token!;
    }

    private static string? TokenOfEnvironment() =>
        s_tokenVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => !string.IsNullOrEmpty(value));

    // A class of its own, so that no field of a cmdlet names a type of the client.
    private sealed record Connection(Uri ApiUrl, MetalOtpClient Client) : IDisposable
    {
        public void Dispose() => Client.Dispose();
    }
}
