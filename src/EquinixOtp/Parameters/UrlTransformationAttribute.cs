using System.Management.Automation;

namespace EquinixOtp;

/// <summary>
/// Makes a URL of text, and one that the client refuses of null. PowerShell would leave out a row's that it can't convert or
/// that is null, and the call would go to the environment's URL.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ApiUrlInputAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        ArgumentInput.Unwrap(inputData) is Uri ? inputData : Parse(inputData?.ToString());

    /// <summary>The URL. What is no absolute one goes on as a relative one, which the client refuses.</summary>
    public static Uri Parse(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) ? url : new Uri("invalid", UriKind.Relative);
}
