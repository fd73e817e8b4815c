using EquinixOtp.Emulator;

namespace EquinixOtp.Tests;

internal static class Emulators
{
    /// <summary>Starts an emulator with one account, whose token is <see cref="Canary.Token"/>.</summary>
    public static Task<MetalEmulator> StartAsync(bool sessionTokens = false) => MetalEmulator.StartAsync(
        new EmulatorOptions { Port = 0, Tokens = [Canary.Token], TotpSecret = Canary.TotpSecret, SessionTokens = sessionTokens },
        cancellationToken: TestContext.Current.CancellationToken);
}
