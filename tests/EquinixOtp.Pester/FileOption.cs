using Microsoft.Testing.Platform.CommandLine;
using Microsoft.Testing.Platform.Extensions;
using Microsoft.Testing.Platform.Extensions.CommandLine;

namespace EquinixOtp.Pester;

/// <summary>The option that runs only some of the files.</summary>
internal sealed class FileOption : ICommandLineOptionsProvider
{
    private const string Name = "file";

    public string Uid => nameof(FileOption);
    public string Version => "1.0.0";
    public string DisplayName => "Pester files";
    public string Description => "Selects files of the Pester suite.";

    /// <summary>Returns the pattern of file names that was given, or one that selects all.</summary>
    public static string Read(ICommandLineOptions options) =>
        options.TryGetOptionArgumentList(Name, out string[]? arguments) ? arguments[0] : "*";

    public Task<bool> IsEnabledAsync() => Task.FromResult(true);

    public IReadOnlyCollection<CommandLineOption> GetCommandLineOptions() =>
        [new(Name, "Runs only the files tests/Pester/<pattern>.Tests.ps1.", ArgumentArity.ExactlyOne, isHidden: false)];

    public Task<ValidationResult> ValidateOptionArgumentsAsync(CommandLineOption commandOption, string[] arguments) =>
        ValidationResult.ValidTask;

    public Task<ValidationResult> ValidateCommandLineOptionsAsync(ICommandLineOptions commandLineOptions) => ValidationResult.ValidTask;
}
