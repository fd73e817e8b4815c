using System.Management.Automation;

namespace EquinixOtp;

/// <summary>What the cmdlets share that can go on as the user whom <c>Confirm-MetalOtp</c> confirmed.</summary>
public abstract class ConfirmedUserCmdlet : MetalCmdlet
{
    /// <summary>
    /// What <c>Confirm-MetalOtp</c> emitted: its session token and its API are used. Without a session token, the environment's
    /// token is, if it was what confirmed.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public OtpConfirmation? InputObject { get; set; }

    private protected sealed override OtpConfirmation? Confirmation => InputObject;
}
