namespace EquinixOtp.Tests;

/// <summary>The folder of the checkout that the tests were built in: the one with the manifest.</summary>
internal static class CheckoutRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "EquinixOtp.psd1")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests must run within the checkout.");
    }
}
