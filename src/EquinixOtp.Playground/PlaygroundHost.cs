using System.Globalization;
using System.Management.Automation.Host;

namespace EquinixOtp.Playground;

/// <summary>What the PowerShell engine runs in: a console that shows and never asks.</summary>
internal sealed class PlaygroundHost : PSHost
{
    /// <summary>The exit code that the script ended with by <c>exit</c>, or <see langword="null"/>.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Where everything is shown.</summary>
    public HostConsole Console { get; } = new();

    public override PSHostUserInterface UI => Console;
    public override string Name => "EquinixOtp.Playground";
    public override Version Version { get; } = typeof(PlaygroundHost).Assembly.GetName().Version!;
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;
    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw HostConsole.NotInteractive();

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
