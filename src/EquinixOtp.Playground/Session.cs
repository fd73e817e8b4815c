using System.Diagnostics;
using System.Reflection;
using EquinixOtp.Emulator;

namespace EquinixOtp.Playground;

/// <summary>A temporary folder with all that a PowerShell of the playground reads: the module, SMS received, a pwsh to call.</summary>
internal sealed class Session : IDisposable
{
    private static readonly string s_pwsh = typeof(Session).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "Pwsh").Value!;

    private readonly MetalEmulator _emulator;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("equinixotp-");
    private readonly bool _showsSms;
    private readonly Lock _smsLock = new();

    /// <param name="emulator">The emulator.</param>
    /// <param name="module">The folder with the module.</param>
    /// <param name="showsSms">Whether each SMS is written to the standard error stream when it arrives.</param>
    public Session(MetalEmulator emulator, DirectoryInfo module, bool showsSms)
    {
        _emulator = emulator;
        _showsSms = showsSms;
        // A copy under the module's name: jobs and other runspaces find it as an installed module, and a build may replace the original.
        ModuleFolder.Copy(module, PathOf("modules", "EquinixOtp"));
        File.Create(PathOf("sms.txt")).Dispose();
        emulator.SmsSent += (_, sms) => ReceiveSms(sms.Code);

        File.Copy(Path.Combine(AppContext.BaseDirectory, "Session.ps1"), PathOf("Session.ps1"));
        File.WriteAllText(
            PathOf("session.pssc"),
            $$"""
            @{
                SchemaVersion    = '2.0.0.0'
                SessionType      = 'Default'
                ScriptsToProcess = '{{PathOf("Session.ps1").Replace("'", "''", StringComparison.Ordinal)}}'
            }
            """);
        WritePwsh();
    }

    public ProcessStartInfo Start(string[] arguments) =>
        new(
            "dotnet",
            [
                s_pwsh, "-NoLogo", "-NoProfile", "-ExecutionPolicy", "Bypass",
                "-ConfigurationFile", PathOf("session.pssc"), .. arguments,
            ])
        {
            Environment =
            {
                ["METAL_API_URL"] = _emulator.Url.AbsoluteUri,
                ["METAL_AUTH_TOKEN"] = _emulator.Accounts[0].Token,
                ["METAL_TOTP_SECRET"] = _emulator.Accounts[0].TotpSecret,
                ["PATH"] = PathOf("bin") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH"),
                // Nothing leaves this machine.
                ["POWERSHELL_TELEMETRY_OPTOUT"] = "1",
                ["POWERSHELL_UPDATECHECK"] = "Off",
            },
        };

    public void Dispose() => _folder.Delete(recursive: true);

    private string PathOf(params string[] names) => Path.Combine([_folder.FullName, .. names]);

    private void ReceiveSms(string code)
    {
        lock (_smsLock)
        {
            File.AppendAllText(PathOf("sms.txt"), $"{code}\n");
        }

        if (_showsSms)
        {
            Console.Error.WriteLine($"SMS: {code}");
        }
    }

    // The package has no executable, and scripts call one.
    private void WritePwsh()
    {
        Directory.CreateDirectory(PathOf("bin"));
        if (OperatingSystem.IsWindows())
        {
            File.WriteAllText(PathOf("bin", "pwsh.cmd"), $"@dotnet \"{s_pwsh}\" %*\r\n");
            return;
        }

        File.WriteAllText(PathOf("bin", "pwsh"), $"#!/bin/sh\nexec dotnet '{s_pwsh}' \"$@\"\n");
        File.SetUnixFileMode(PathOf("bin", "pwsh"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
