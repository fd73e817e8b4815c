using EquinixOtp.Pester;
using Microsoft.Testing.Platform.Builder;
using Microsoft.Testing.Platform.Capabilities.TestFramework;
using Microsoft.Testing.Platform.Services;

ITestApplicationBuilder builder = await TestApplication.CreateBuilderAsync(args);
builder.CommandLine.AddProvider(() => new FileOption());
builder.RegisterTestFramework(
    _ => new TestFrameworkCapabilities(),
    (_, services) => new PesterFramework(FileOption.Read(services.GetCommandLineOptions())));
using ITestApplication application = await builder.BuildAsync();
return await application.RunAsync();
