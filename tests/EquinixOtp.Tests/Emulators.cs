using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

internal static class Emulators
{
    /// <summary>Starts an emulator with one account, whose token is <see cref="Secret.Token"/>.</summary>
    public static Task<MetalEmulator> StartAsync(bool sessionTokens = false) => MetalEmulator.StartAsync(
        new EmulatorOptions { Port = 0, Tokens = [Secret.Token], TotpSecret = Secret.Totp, SessionTokens = sessionTokens },
        cancellationToken: TestContext.Current.CancellationToken);
}
