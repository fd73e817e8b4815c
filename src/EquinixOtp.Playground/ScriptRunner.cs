using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace EquinixOtp.Playground;

/// <summary>Runs a script's commands one after the other, as if they were typed at a prompt, and checks what is expected of each.</summary>
internal sealed class ScriptRunner(Runspace runspace, PlaygroundHost host)
{
    // What a shell reports of a process that SIGINT ended.
    private const int StoppedExitCode = 130;

    private readonly HostConsole _console = host.Console;

    /// <summary>Runs the script and returns the process's exit code: the script's own, or 0 when every step did what it should.</summary>
    public async Task<int> RunAsync(string path, CancellationToken cancellationToken)
    {
        IReadOnlyList<Step> steps;
        try
        {
            steps = Script.Parse(path);
        }
        catch (ParseException exception)
        {
            await ShowAsync(exception.ErrorRecord).ConfigureAwait(false);
            return 1;
        }

        int commands = steps.Count(step => step.Command.Length > 0);
        int succeeded = 0;
        foreach (Step step in steps)
        {
            ShowStep(step);
            if (step.Command.Length == 0)
            {
                continue;
            }

            Outcome outcome = await RunAsync(step, cancellationToken).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested)
            {
                return StoppedExitCode;
            }

            if (host.ExitCode is { } exitCode)
            {
                return exitCode;
            }

            succeeded += outcome == Outcome.Succeeded ? 1 : 0;
            if (outcome == Outcome.Ended)
            {
                break;
            }
        }

        bool all = succeeded == commands;
        _console.WriteBlankLine();
        string style = all ? PSStyle.Instance.Foreground.BrightGreen : PSStyle.Instance.Formatting.Error;
        _console.WriteLine(style, $"{succeeded} of {commands} steps did what they should.");
        return all ? 0 : 1;
    }

    private void ShowStep(Step step)
    {
        _console.WriteBlankLine();
        foreach (string line in step.Narration)
        {
            _console.WriteLine(PSStyle.Instance.Foreground.Green, line);
        }

        string prompt = "PS> ";
        foreach (string line in step.Command.Length == 0 ? [] : step.Command.ReplaceLineEndings("\n").Split('\n'))
        {
            _console.Write(PSStyle.Instance.Foreground.BrightBlack, prompt);
            _console.WriteLine(PSStyle.Instance.Bold, line);
            prompt = ">> ";
        }
    }

    private async Task<Outcome> RunAsync(Step step, CancellationToken cancellationToken)
    {
        int errorsBefore = _console.ErrorLines;
        using var command = PowerShell.Create(runspace);
        _ = step.Script is null ? command.AddScript(step.Command) : command.AddScript("& $args[0]").AddArgument(step.Script);
        command.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        if (step.Expectations.Count > 0)
        {
            // Lets everything through as it is, and keeps it for the expectations.
            command.AddCommand("Where-Object")
                .AddParameter("FilterScript", ScriptBlock.Create("$true"))
                .AddParameter("OutVariable", "Output");
        }

        command.AddCommand("Out-Default");
        bool threw = false;
        try
        {
            Task running = command.InvokeAsync();
            // Only now: PowerShell refuses to start what has been stopped.
            using (cancellationToken.Register(() => command.BeginStop(null, null)))
            {
                await running.ConfigureAwait(false);
            }
        }
        catch (RuntimeException exception)
        {
            threw = true;
            if (!cancellationToken.IsCancellationRequested)
            {
                await ShowAsync(exception.ErrorRecord).ConfigureAwait(false);
            }
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return Outcome.Ended;
        }

        bool failed = threw || _console.ErrorLines > errorsBefore;
        bool succeeded = !failed || step.Expectations.Exists(e => e.Contains("$Error", StringComparison.OrdinalIgnoreCase));
        foreach (string expectation in step.Expectations)
        {
            if (!await IsTrueAsync(expectation).ConfigureAwait(false))
            {
                succeeded = false;
                _console.WriteLine(PSStyle.Instance.Formatting.Error, $"Expected: {expectation}");
            }
        }

        return succeeded ? Outcome.Succeeded : threw ? Outcome.Ended : Outcome.Failed;
    }

    private async Task<bool> IsTrueAsync(string expression)
    {
        using var check = PowerShell.Create(runspace);
        try
        {
            PSDataCollection<PSObject> result = await check.AddScript(expression).InvokeAsync().ConfigureAwait(false);
            return check.Streams.Error.Count == 0 && LanguagePrimitives.IsTrue(result);
        }
        catch (RuntimeException)
        {
            return false;
        }
    }

    private async Task ShowAsync(ErrorRecord error)
    {
        using var show = PowerShell.Create(runspace);
        await show.AddCommand("Out-Default").AddParameter("InputObject", error).InvokeAsync().ConfigureAwait(false);
    }

    private enum Outcome
    {
        Succeeded,
        Failed,
        Ended,
    }
}
