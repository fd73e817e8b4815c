using System.Management.Automation;

namespace EquinixOtp;

/// <summary>The base of the cmdlets that can act as the user whom <c>Confirm-MetalOtp</c> confirmed.</summary>
public abstract class ConfirmedUserCmdlet : MetalCmdlet
{
    /// <summary>
    /// The output of <c>Confirm-MetalOtp</c>: the cmdlet acts as the confirmed user, at the API that confirmed, with the session
    /// token or, without one, with the token that confirmed. Does not combine with <c>-Token</c> or <c>-ApiUrl</c>.
    /// </summary>
    // No parameter set of its own: in another set, PowerShell would bind the ApiUrl property of a piped confirmation to -ApiUrl, and
    // the confirmed API would be called with an explicit or default -Token.
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    [ConfirmationTransformation]
    public OtpConfirmation? InputObject { get; set; }

    private protected sealed override MetalIdentity ResolveIdentity()
    {
        if (InputObject is null)
        {
            return base.ResolveIdentity();
        }

        if (HasExplicitIdentity)
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
