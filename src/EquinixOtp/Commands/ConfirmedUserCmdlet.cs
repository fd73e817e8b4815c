using System.Management.Automation;

namespace EquinixOtp;

/// <summary>The base of the cmdlets that can act as the user whom <c>Confirm-MetalOtp</c> confirmed.</summary>
public abstract class ConfirmedUserCmdlet : MetalCmdlet
{
    private bool _hasExplicitToken;

    /// <summary>
    /// The output of <c>Confirm-MetalOtp</c>: the cmdlet acts as the confirmed user, at the API that confirmed, with the session
    /// token or, without one, with the token that confirmed. Does not combine with <c>-Token</c>, <c>-ApiUrl</c> or other piped input.
    /// </summary>
    // No parameter set of its own: in another set, PowerShell would bind the ApiUrl property of a piped confirmation to -ApiUrl, and
    // the confirmed API would be called with an explicit or default -Token.
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    [ConfirmationTransformation]
    public OtpConfirmation? InputObject { get; set; }

    /// <summary>Refuses arguments and default values that would compete with piped input.</summary>
    protected sealed override void BeginProcessing()
    {
        base.BeginProcessing();

        // PowerShell binds parameters from the pipeline later, and only those without an argument or a default value.
        Dictionary<string, object> bound = MyInvocation.BoundParameters;
        _hasExplicitToken = bound.ContainsKey(nameof(Token)) || bound.ContainsKey(nameof(ApiUrl));
        if (MyInvocation.ExpectingInput
            && (bound.ContainsKey(nameof(InputObject))
                || DefaultParameterValues.Find(this).Any(parameter => parameter is nameof(Token) or nameof(ApiUrl))))
        {
            ThrowTerminatingError(ErrorRecords.AmbiguousIdentity());
        }
    }

    private protected sealed override MetalIdentity ResolveIdentity()
    {
        if (InputObject is null)
        {
            return base.ResolveIdentity();
        }

        if (_hasExplicitToken)
        {
            ThrowTerminatingError(ErrorRecords.AmbiguousIdentity());
        }

        MetalIdentity? identity = MetalIdentity.FromConfirmation(InputObject);
        if (identity is null)
        {
            ThrowTerminatingError(ErrorRecords.ConfirmationWithoutToken());
        }

        return identity!;
    }
}
