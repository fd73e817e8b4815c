using System.Management.Automation;
using EquinixOtp.Client;

namespace EquinixOtp;

/// <summary>The base of the cmdlets that emit recovery codes.</summary>
public abstract class RecoveryCodeCmdlet : ConfirmedUserCmdlet
{
    /// <summary>Emit the codes as plain strings.</summary>
    [Parameter]
    public SwitchParameter AsPlainText { get; set; }

    private protected void EmitCodes(Func<MetalOtpClient, IMetalOtpObserver, CancellationToken, Task<IReadOnlyList<string>>> operation)
    {
        IReadOnlyList<string> codes = Call(operation);
        for (int i = 0; i < codes.Count; i++)
        {
            WriteObject(AsPlainText ? codes[i] : new RecoveryCode(i + 1, codes[i].ToSecureString()));
        }
    }
}
