namespace EquinixOtp.Playground;

/// <summary>The folder of the module to import: that of the manifest in EQUINIXOTP_MANIFEST, else that of the checkout.</summary>
internal static class ModuleFolder
{
    private const string ManifestVariable = "EQUINIXOTP_MANIFEST";
    private const string ManifestName = "EquinixOtp.psd1";

    private static readonly string[] s_folders = ["bin", "en-US"];

    /// <summary>Returns the folder, or <see langword="null"/> with the reason in <paramref name="problem"/>.</summary>
    public static DirectoryInfo? Find(out string problem)
    {
        if (Environment.GetEnvironmentVariable(ManifestVariable) is { Length: > 0 } manifest)
        {
            problem = $"The manifest {Path.GetFullPath(manifest)} in {ManifestVariable} does not exist.";
            return File.Exists(manifest) ? new FileInfo(manifest).Directory : null;
        }

        problem = $"The module was not found in any folder above {AppContext.BaseDirectory}. Build it: dotnet build.";
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null
            && !(File.Exists(Path.Combine(folder.FullName, ManifestName))
                && File.Exists(Path.Combine(folder.FullName, "bin", "EquinixOtp.dll"))))
        {
            folder = folder.Parent;
        }

        return folder;
    }

    /// <summary>Copies the files of the module, without the other files of a checkout.</summary>
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
