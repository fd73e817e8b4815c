namespace EquinixOtp.Tests;

/// <summary>The root of the repository that the tests were built in.</summary>
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
