using System.Management.Automation.Runspaces;

namespace EquinixOtp.Tests;

/// <summary>A runspace of a hosted engine, with the module imported by its manifest's path.</summary>
internal sealed class Shell : IDisposable
{
    public Shell(Action<InitialSessionState>? configure = null, bool import = true)
    {
        InitialSessionState state = InitialSessionState.CreateDefault2();
        // A pwsh on the machine must not provide modules.
        state.Variables.Add(
            new SessionStateVariableEntry("PSModuleAutoLoadingPreference", PSModuleAutoLoadingPreference.None, string.Empty));
        state.Variables.Add(new SessionStateVariableEntry("manifest", Checkout.Manifest, string.Empty));
        configure?.Invoke(state);
        Runspace = RunspaceFactory.CreateRunspace(Host, state);
        Runspace.Open();
        if (import)
        {
            _ = Run("Import-Module $manifest -ErrorAction Stop").Success;
        }
    }

    /// <summary>Creates a shell with the parameters of <see cref="SetApi"/>.</summary>
    public Shell(Uri url, string token = Canary.Token)
        : this()
    {
        SetApi(url, token);
    }

    public RecordingHost Host { get; } = new();

    public Runspace Runspace { get; }

    public object? this[string variable]
    {
        get
        {
            object? value = Runspace.SessionStateProxy.GetVariable(variable);
            return value is PSObject wrapped ? wrapped.BaseObject : value;
        }

        set => Runspace.SessionStateProxy.SetVariable(variable, value);
    }

    /// <summary>Sets <c>$api</c>, parameters to splat.</summary>
    public void SetApi(Uri url, string token, bool retry = false) => this["api"] = new System.Collections.Hashtable
    {
        ["ApiUrl"] = url,
        ["Token"] = Secret.Secure(token),
        ["MaximumRetryCount"] = retry ? 3 : 0,
        ["RetryIntervalSec"] = 0,
    };

    /// <summary>Sets <c>$otp</c>, <c>$totp</c> and a proxy's <c>$credential</c>.</summary>
    public void SetSecrets()
    {
        this["otp"] = Canary.Otp;
        this["totp"] = Secret.Secure(Canary.TotpSecret);
        this["credential"] = new PSCredential(Canary.ProxyUser, Secret.Secure(Canary.ProxyPassword));
    }

    public PowerShell Create(string script)
    {
        var powerShell = PowerShell.Create(Runspace);
        powerShell.AddScript(script);
        return powerShell;
    }

    public Outcome Run(string script)
    {
        using PowerShell powerShell = Create(script);
        try
        {
            return new Outcome(powerShell.Invoke(), powerShell, null);
        }
        catch (RuntimeException e)
        {
            return new Outcome([], powerShell, e);
        }
    }

    /// <summary>Runs a script that has no terminating error, without blocking the calling thread.</summary>
    public async Task<Outcome> RunAsync(string script)
    {
        using PowerShell powerShell = Create(script);
        return new Outcome(await powerShell.InvokeAsync(), powerShell, null);
    }

    /// <summary>Runs a script like a console: the host shows formatted output and errors.</summary>
    public Outcome RunInConsole(string script)
    {
        using PowerShell powerShell = Create(script);
        powerShell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        powerShell.AddCommand("Out-Default");
        try
        {
            return new Outcome(powerShell.Invoke(), powerShell, null);
        }
        catch (RuntimeException e)
        {
            using PowerShell show = PowerShell.Create(Runspace).AddCommand("Out-Default");
            show.Invoke(new[] { e.ErrorRecord });
            return new Outcome([], powerShell, e);
        }
    }

    public void Dispose() => Runspace.Dispose();
}
