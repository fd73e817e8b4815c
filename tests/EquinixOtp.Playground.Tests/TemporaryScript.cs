namespace EquinixOtp.Playground.Tests;

/// <summary>A script file in a temporary folder.</summary>
internal sealed class TemporaryScript : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public TemporaryScript(string text)
    {
        Path = System.IO.Path.Combine(_folder.FullName, "my script.ps1");
        File.WriteAllText(Path, text);
    }

    public string Path { get; }

    public void Dispose() => _folder.Delete(recursive: true);
}
