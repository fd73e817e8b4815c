using System.IO.Compression;
using System.Xml.Linq;

namespace EquinixOtp.Emulator.Tests;

/// <summary>The package of the .NET tool, and the tool installed from it.</summary>
[Collection(typeof(InstalledToolTests))]
public sealed class ToolPackageTests(InstalledTool tool)
{
    [Fact]
    public async Task Installed_tool_has_the_version_of_the_package()
    {
        string version = (await tool.RunAsync(tool.CreateWorkingFolder(), tool.Command, "--version")).Trim();

        Assert.EndsWith($"EquinixOtp.Emulator.{version}.nupkg", PackagePath, StringComparison.Ordinal);
    }

    [Fact]
    public void Package_contains_the_listed_files_and_metadata()
    {
        using ZipArchive archive = ZipFile.OpenRead(PackagePath);

        Assert.Equal(
            [
                "EquinixOtp.Emulator.nuspec", "LICENSE", "THIRD-PARTY-NOTICES.txt", "[Content_Types].xml", "_rels/.rels",
                "emulator.md", "icon.png", "package/services/metadata/core-properties/nuget.psmdcp",
                "tools/net10.0/any/DotnetToolSettings.xml", "tools/net10.0/any/EquinixOtp.Emulator.deps.json",
                "tools/net10.0/any/EquinixOtp.Emulator.dll",
                "tools/net10.0/any/EquinixOtp.Emulator.runtimeconfig.json", "tools/net10.0/any/Microsoft.AspNetCore.OpenApi.dll",
                "tools/net10.0/any/Microsoft.OpenApi.dll", "tools/net10.0/any/Otp.NET.dll", "tools/net10.0/any/System.CommandLine.dll",
            ],
            archive.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        using Stream nuspec = archive.GetEntry("EquinixOtp.Emulator.nuspec")!.Open();
        XElement metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        Dictionary<string, string> values = metadata.Elements().ToDictionary(element => element.Name.LocalName, element => element.Value);
        Assert.Equal("EquinixOtp.Emulator", values["id"]);
        Assert.Equal("MIT", values["license"]);
        Assert.Equal("emulator.md", values["readme"]);
        Assert.Equal("icon.png", values["icon"]);
        Assert.NotEmpty(values["description"]);
        Assert.Contains(metadata.Descendants(), element =>
            element.Name.LocalName == "packageType" && element.Attribute("name")?.Value == "DotnetTool");
    }

    private string PackagePath => Assert.Single(Directory.GetFiles(tool.Feed, "*.nupkg"));
}
