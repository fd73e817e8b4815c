using System.Management.Automation;

namespace EquinixOtp;

/// <summary>
/// Converts an argument to a URL, which the client validates. Without this attribute, PowerShell ignores a pipeline property that is
/// null or cannot be converted, and the cmdlet would call the environment's URL.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UrlTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) => ToUrl(inputData);

    /// <summary>Returns the URL; a relative one, which the client refuses, for null and for text that is not an absolute URL.</summary>
    public static Uri ToUrl(object? input) => ParameterInput.Unwrap(input) switch
    {
        Uri url => url,
        var other => Uri.TryCreate(other?.ToString(), UriKind.Absolute, out Uri? url) ? url : new Uri(string.Empty, UriKind.Relative),
    };
}
