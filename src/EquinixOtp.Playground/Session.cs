using System.Diagnostics;
using System.Reflection;
using EquinixOtp.Emulator;

namespace EquinixOtp.Playground;

/// <summary>A temporary folder with the files that PowerShell uses: the module, the received SMS and a pwsh command.</summary>
internal sealed class Session : IDisposable
{
    private static readonly string s_pwsh = typeof(Session).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "Pwsh").Value!;

    private readonly MetalEmulator _emulator;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("equinixotp-");
    private readonly bool _showsSms;
    private readonly Lock _smsLock = new();

    /// <summary>Creates the folder.</summary>
    /// <param name="emulator">The emulator.</param>
    /// <param name="module">The folder of the module.</param>
    /// <param name="showsSms">Whether each received SMS is written to standard error.</param>
    public Session(MetalEmulator emulator, DirectoryInfo module, bool showsSms)
    {
        _emulator = emulator;
        _showsSms = showsSms;
        // A copy in a folder with the module's name: jobs and other runspaces find it by name, and a build can replace the original.
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

    public ProcessStartInfo CreateStartInfo(string[] arguments) =>
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
                // PowerShell sends no requests of its own.
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

    // The PowerShell package contains pwsh.dll but no executable that scripts could call.
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
