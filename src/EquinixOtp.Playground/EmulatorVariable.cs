using System.Net;
using System.Security;
using EquinixOtp.Emulator;

namespace EquinixOtp.Playground;

/// <summary>What scripts see as <c>$Emulator</c>: the emulator with its first account, in the types that the cmdlets take.</summary>
/// <param name="emulator">The emulator.</param>
public sealed class EmulatorVariable(MetalEmulator emulator)
{
    private readonly EmulatedAccount _account = emulator.Accounts[0];

    /// <summary>The base URL of the API.</summary>
    public Uri Url { get; } = emulator.Url;

    /// <summary>The API token.</summary>
    public SecureString Token => Secure(_account.Token);

    /// <summary>The TOTP secret, in base32.</summary>
    public SecureString TotpSecret => Secure(_account.TotpSecret);

    /// <summary>The codes that have arrived by SMS, oldest first.</summary>
    // An array, as a script's Sms[-1] wants a collection that PowerShell can count from the end of.
    public IReadOnlyList<string> Sms => _account.SmsCodes.ToArray();

    private static SecureString Secure(string text) => new NetworkCredential(string.Empty, text).SecurePassword;
}
