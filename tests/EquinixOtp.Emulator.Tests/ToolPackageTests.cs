using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Xml.Linq;

namespace EquinixOtp.Emulator.Tests;

/// <summary>The package as NuGet and its users see it.</summary>
public sealed class ToolPackageTests(InstalledTool tool)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_installed_tool_starts_and_serves()
    {
        using Process process = tool.Start(tool.CreateWorkingFolder(), tool.Command, "--port", "0", "--token", "token");
        string? line = await process.StandardOutput.ReadLineAsync(Stop);

        Assert.StartsWith("URL: http://127.0.0.1:", line, StringComparison.Ordinal);
        Answer answer = await TestEmulator.SendAsync(HttpMethod.Get, new(line!["URL: ".Length..]), "/user/otp/recovery-codes", "token");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        process.Kill();
    }

    [Fact]
    public async Task The_installed_tool_has_the_version_of_the_package()
    {
        string version = (await tool.RunAsync(tool.CreateWorkingFolder(), tool.Command, "--version")).Trim();

        Assert.EndsWith($"EquinixOtp.Emulator.{version}.nupkg", PackagePath, StringComparison.Ordinal);
    }

    [Fact]
    public void The_package_has_what_is_needed_and_nothing_else()
    {
        using ZipArchive archive = ZipFile.OpenRead(PackagePath);

        Assert.Equal(
            [
                "EquinixOtp.Emulator.nuspec", "LICENSE", "THIRD-PARTY-NOTICES.txt", "[Content_Types].xml", "_rels/.rels",
                "emulator.md", "icon.png", "package/services/metadata/core-properties/nuget.psmdcp", "tools/net10.0/any/DotnetToolSettings.xml",
                "tools/net10.0/any/EquinixOtp.Emulator.deps.json", "tools/net10.0/any/EquinixOtp.Emulator.dll",
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
