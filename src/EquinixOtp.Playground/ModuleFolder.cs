namespace EquinixOtp.Playground;

/// <summary>The folder with the module to import: of the manifest that the environment names, or of the checkout.</summary>
internal static class ModuleFolder
{
    private const string ManifestVariable = "EQUINIXOTP_MANIFEST";
    private const string ManifestName = "EquinixOtp.psd1";

    private static readonly string[] s_folders = ["bin", "en-US"];

    /// <summary>Returns the folder, or <see langword="null"/> and what is missing.</summary>
    public static DirectoryInfo? Find(out string problem)
    {
        if (Environment.GetEnvironmentVariable(ManifestVariable) is { Length: > 0 } manifest)
        {
            problem = $"The manifest {Path.GetFullPath(manifest)}, which {ManifestVariable} names, does not exist.";
            return File.Exists(manifest) ? new FileInfo(manifest).Directory : null;
        }

        problem = $"No folder above the playground has {ManifestName} with its bin folder. Build the module: dotnet build.";
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null
            && !(File.Exists(Path.Combine(folder.FullName, ManifestName))
                && File.Exists(Path.Combine(folder.FullName, "bin", "EquinixOtp.dll"))))
        {
            folder = folder.Parent;
        }

        return folder;
    }

    /// <summary>Copies the module's files, and nothing else that lies beside them in a checkout.</summary>
    public static void Copy(DirectoryInfo module, string destination)
    {
        IEnumerable<FileInfo> files = s_folders
            .Select(name => new DirectoryInfo(Path.Combine(module.FullName, name)))
            .Where(folder => folder.Exists)
            .SelectMany(folder => folder.EnumerateFiles("*", SearchOption.AllDirectories));
        foreach (FileInfo file in files.Prepend(new FileInfo(Path.Combine(module.FullName, ManifestName))))
        {
            string copy = Path.Combine(destination, Path.GetRelativePath(module.FullName, file.FullName));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            file.CopyTo(copy);
        }
    }
}
