using System.Security;

namespace EquinixOtp;

/// <summary>
/// One recovery code (<c>RecoveryCodeList</c>). Its default view is masked. Outside Windows, <c>Export-Clixml</c> writes the code
/// in readable form.
/// </summary>
public sealed class RecoveryCode
{
    internal RecoveryCode(int index, SecureString code)
    {
        Index = index;
        Code = code;
    }

    /// <summary>The code's position in the API's list, from 1.</summary>
    public int Index { get; }

    /// <summary>The code.</summary>
    public SecureString Code { get; }
}
