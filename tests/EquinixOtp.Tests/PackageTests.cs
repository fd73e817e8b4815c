using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;

namespace EquinixOtp.Tests;

/// <summary>The package that <c>dotnet pack</c> makes.</summary>
public sealed class PackageTests(PackageTests.Packages packages) : IClassFixture<PackageTests.Packages>
{
    [Fact]
    public void Package_contains_exactly_the_expected_files()
    {
        string[] files =
        [
            // Parts of the package format, which installers remove.
            "EquinixOtp.nuspec", "[Content_Types].xml", "_rels/.rels", "package/services/metadata/core-properties/nuget.psmdcp",
            // The manifest.
            "EquinixOtp.psd1",
            // The licence, the licences of the dependencies, and the icon that the nuspec names.
            "LICENSE", "THIRD-PARTY-NOTICES.txt", "icon.png",
            // The cmdlets, their views and their help.
            "bin/EquinixOtp.dll", "bin/EquinixOtp.Format.ps1xml", "en-US/EquinixOtp.dll-Help.xml", "en-US/about_EquinixOtp.help.txt",
            // For PowerShell 7: the client, HTTP, TOTP and retries. .NET 8 contains the other assemblies.
            .. "EquinixOtp.Client Flurl Flurl.Http Otp.NET Polly.Core".Split(' ').Select(name => $"bin/dependencies/core/{name}.dll"),
            // For Windows PowerShell: also JSON, a clock, and dependencies that .NET Framework lacks.
            .. """
                EquinixOtp.Client Flurl Flurl.Http Otp.NET Polly.Core Microsoft.Bcl.AsyncInterfaces Microsoft.Bcl.TimeProvider
                System.Buffers System.ComponentModel.Annotations System.Memory System.Numerics.Vectors
                System.Runtime.CompilerServices.Unsafe System.Text.Encodings.Web System.Text.Json System.Threading.Tasks.Extensions
                """.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(name => $"bin/dependencies/desktop/{name}.dll"),
        ];

        Assert.Equal(files.Order(StringComparer.Ordinal), packages.Names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Package_contains_the_built_files()
    {
        using ZipArchive archive = packages.Open();
        ZipArchiveEntry[] files = [.. archive.Entries.Where(entry => File.Exists(FileOf(entry)))];

        Assert.Equal(packages.Names.Length - 4, files.Length);
        Assert.All(files, entry => Assert.Equal(File.ReadAllBytes(FileOf(entry)), Packages.Read(entry)));

        static string FileOf(ZipArchiveEntry entry) =>
            Path.Combine(Checkout.Root, entry.FullName == "icon.png" ? "docs/icon.png" : entry.FullName);
    }

    [Fact]
    public void Package_is_smaller_than_a_megabyte() => Assert.InRange(packages.First.Length, 1, 1024 * 1024);

    [Fact]
    public void Package_is_reproducible()
    {
        using ZipArchive archive = packages.Open();

        Assert.Equal(packages.First, packages.Second);
        // A file's own date is that of its checkout or build.
        Assert.Single(archive.Entries.Select(entry => entry.LastWriteTime).Distinct());
    }

    [Fact]
    public void Nuspec_agrees_with_the_manifest()
    {
        using var shell = new Shell(import: false);
        var module = Assert.IsType<PSModuleInfo>(Assert.Single(shell.Run("Test-ModuleManifest $manifest").Success));
        string[] tags =
        [
            "PSModule", .. module.CompatiblePSEditions.Select(edition => "PSEdition_" + edition), "PSIncludes_Cmdlet",
            .. module.ExportedCmdlets.Keys.Select(name => "PSCmdlet_" + name), .. module.Tags,
        ];

        Assert.Equal($"EquinixOtp.{Checkout.PackageVersion}.nupkg", packages.FileName);
        Assert.Equal(module.Name, packages.Nuspec("id"));
        Assert.Equal(Checkout.PackageVersion, packages.Nuspec("version"));
        Assert.Equal(tags, packages.Nuspec("tags").Split(' '));
        Assert.Equal(module.Author, packages.Nuspec("authors"));
        Assert.Equal(module.Description, packages.Nuspec("description"));
        Assert.Equal(module.Copyright, packages.Nuspec("copyright"));
        Assert.Equal(module.ProjectUri.OriginalString, packages.Nuspec("projectUrl"));
        Assert.Equal(module.ReleaseNotes, packages.Nuspec("releaseNotes"));
        Assert.Equal("MIT", packages.Nuspec("license"));
        Assert.Equal("icon.png", packages.Nuspec("icon"));
        Assert.Equal(module.IconUri.OriginalString, packages.Nuspec("iconUrl"));
        Assert.All(
            new[] { module.ProjectUri, module.LicenseUri, module.IconUri, new Uri(module.ReleaseNotes) },
            uri => Assert.Equal(Uri.UriSchemeHttps, uri.Scheme));
    }

    [Fact]
    public void Package_has_no_dependencies() => Assert.Throws<InvalidOperationException>(() => packages.Nuspec("dependencies"));

    /// <summary>The package, packed twice from the build output, in a temporary folder.</summary>
    public sealed class Packages : IAsyncLifetime
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

        public string FileName { get; private set; } = string.Empty;

        internal byte[] First { get; private set; } = [];

        internal byte[] Second { get; private set; } = [];

        internal string[] Names { get; private set; } = [];

        public async ValueTask InitializeAsync()
        {
            First = await PackAsync("first");
            Second = await PackAsync("second");
            using ZipArchive archive = Open();
            Names = [.. archive.Entries.Select(entry => entry.FullName)];
        }

        public ValueTask DisposeAsync()
        {
            _folder.Delete(recursive: true);
            return ValueTask.CompletedTask;
        }

        internal static byte[] Read(ZipArchiveEntry entry)
        {
            using Stream stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }

        internal ZipArchive Open() => new(new MemoryStream(First));

        internal string Nuspec(string element)
        {
            using ZipArchive archive = Open();
            using Stream stream = archive.GetEntry("EquinixOtp.nuspec")!.Open();
            return XDocument.Load(stream).Descendants().Single(node => node.Name.LocalName == element).Value;
        }

        // Packing writes only to the temporary folder, because other tests use the checkout's module.
        private async Task<byte[]> PackAsync(string name)
        {
            string output = Path.Combine(_folder.FullName, name);
            var start = new ProcessStartInfo(
                "dotnet",
                [
                    "pack", "src/EquinixOtp", "--no-build", "--no-restore", "--nodereuse:false", "-o", output,
                    $"-p:NuspecOutputPath={output}/", $"-p:ModuleBin={output}/bin/",
                ])
            {
                WorkingDirectory = Checkout.Root,
                RedirectStandardOutput = true,
            };
            start.RemoveMSBuildVariables();
            using Process process = Process.Start(start)!;
            string text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, text);
            string package = Assert.Single(Directory.GetFiles(output, "*.nupkg"));
            FileName = Path.GetFileName(package);
            return await File.ReadAllBytesAsync(package, TestContext.Current.CancellationToken);
        }
    }
}
