using System.Collections;
using System.Management.Automation;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security;
using EquinixOtp.Client;

namespace EquinixOtp;

/// <summary>The base of the module's cmdlets: shared parameters, identity, the call and its cancellation, and errors.</summary>
public abstract class MetalCmdlet : PSCmdlet, IDisposable
{
    // The same in every session of a process.
    private static string? s_hostProduct;

    private readonly CancellationTokenSource _stop = new();
    private Connection? _connection;
    private PipelineBridge? _bridge;

    /// <summary>
    /// The user's API token or a session token. Default: the first of the environment variables <c>METAL_AUTH_TOKEN</c>,
    /// <c>METAL_API_TOKEN</c> and <c>PACKET_AUTH_TOKEN</c> that is set.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SessionToken")]
    [SecretTransformation]
    public SecureString? Token { get; set; }

    /// <summary>
    /// The API's base URL: https, or http to this machine. Default: the environment variable <c>METAL_API_URL</c>, else the public API.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [UrlTransformation]
    public Uri? ApiUrl { get; set; }

    /// <summary>The limit of one attempt, in seconds: 1 to 86,400. Default: 30.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 30;

    /// <summary>The maximum number of retries, which are made only where they are safe: 0 to 100. Default: 3.</summary>
    [Parameter]
    [ValidateRange(0, 100)]
    public int MaximumRetryCount { get; set; } = 3;

    /// <summary>The first wait before a retry, in seconds: 0 to 3,600, then exponential up to a minute, with jitter. Default: 1.</summary>
    [Parameter]
    [ValidateRange(0, 3600)]
    public int RetryIntervalSec { get; set; } = 1;

    /// <summary>The proxy's URL, in place of the system's setting.</summary>
    [Parameter]
    [UrlTransformation]
    public Uri? Proxy { get; set; }

    /// <summary>The credential for <see cref="Proxy"/>.</summary>
    [Parameter]
    [ValidateNotNull]
    [Credential]
    public PSCredential? ProxyCredential { get; set; }

    /// <summary>Use no proxy, regardless of the system's setting.</summary>
    [Parameter]
    public SwitchParameter NoProxy { get; set; }

    /// <summary>The advice after a failed POST that may have taken effect.</summary>
    private protected abstract string UnknownOutcome { get; }

    /// <summary>The API and the user of the current record.</summary>
    private protected MetalIdentity Identity { get; private set; } = null!;

    /// <summary>Disposes the client, which closes connections that no other cmdlet shares.</summary>
    public void Dispose()
    {
        // The cancellation source is not disposed: StopProcessing can race with Dispose, and this source owns no timer.
        _connection?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Refuses default parameter values that PowerShell did not bind.</summary>
    protected override void BeginProcessing()
    {
        if (DefaultParameterValues.FindUnbound(this) is { } parameter)
        {
            ThrowTerminatingError(ErrorRecords.DefaultValueNotBound(parameter));
        }
    }

    /// <summary>Calls the API for one record of the pipeline.</summary>
    protected sealed override void ProcessRecord()
    {
        try
        {
            ProcessRecordCore();
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException or TypeLoadException)
        {
            ThrowTerminatingError(ErrorRecords.ClientNotLoaded(e));
        }
    }

    /// <summary>Stops the call in progress. PowerShell calls this on another thread.</summary>
    protected sealed override void StopProcessing() => _stop.Cancel();

    /// <summary>Resolves the API and the user of the current record; ends the pipeline if there is no token.</summary>
    private protected virtual MetalIdentity ResolveIdentity()
    {
        MetalIdentity? identity = MetalIdentity.FromParameters(Token, ApiUrl);
        if (identity is null)
        {
            ThrowTerminatingError(ErrorRecords.TokenNotFound(MetalIdentity.ResolveApiUrl(ApiUrl).Url));
        }

        return identity!;
    }

    /// <summary>Makes the cmdlet's call, if <c>ShouldProcess</c> allows it, and emits the result.</summary>
    private protected abstract void ProcessCall();

    /// <summary>Runs an operation of the client and waits for its result.</summary>
    private protected T Call<T>(Func<MetalOtpClient, IMetalOtpObserver, CancellationToken, Task<T>> operation) =>
        _bridge!.Run(_connection!.Client, operation, _stop);

    // Not inlined: compiling it loads the client's assembly, and ProcessRecord reports a missing one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ProcessRecordCore()
    {
        using var bridge = new PipelineBridge(this);
        _bridge = bridge;
        try
        {
            Identity = ResolveIdentity();
            Connect();
            ProcessCall();
        }
        catch (MetalOtpException e)
        {
            ErrorRecord record = ErrorRecords.Create(e, Identity, UnknownOutcome);
            if (ErrorRecords.EndsPipeline(e.Kind))
            {
                ThrowTerminatingError(record);
            }

            WriteError(record);
        }
    }

    private void Connect()
    {
        if (_connection?.Identity.IsSameCaller(Identity) == true)
        {
            return;
        }

        var connection = new Connection(Identity, new MetalOtpClient(new MetalOtpClientOptions
        {
            BaseUrl = Identity.ApiUrl,
            Token = Identity.Token,
            Timeout = TimeSpan.FromSeconds(TimeoutSec),
            MaxRetries = MaximumRetryCount,
            RetryInterval = TimeSpan.FromSeconds(RetryIntervalSec),
            Proxy = Proxy,
            ProxyCredential = ReadProxyCredential(),
            NoProxy = NoProxy,
            HostProduct = s_hostProduct ??= ReadHostProduct(),
        }));
        _connection?.Dispose();
        _connection = connection;
    }

    private NetworkCredential? ReadProxyCredential()
    {
        try
        {
            return ProxyCredential?.GetNetworkCredential();
        }
        catch (Exception e) when (e is ObjectDisposedException or PSArgumentException)
        {
            ThrowTerminatingError(ErrorRecords.InvalidProxyCredential(e));
            throw;
        }
    }

    private string? ReadHostProduct() =>
        SessionState.PSVariable.GetValue("PSVersionTable") is IDictionary versions ? $"PowerShell/{versions["PSVersion"]}" : null;

    // A separate class: no field of a cmdlet names a type of the client.
    private sealed record Connection(MetalIdentity Identity, MetalOtpClient Client) : IDisposable
    {
        public void Dispose() => Client.Dispose();
    }
}
