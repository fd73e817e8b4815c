using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using EquinixOtp.Benchmarks;
using EquinixOtp.Tests;

switch (args)
{
    case ["measure", .. string[] arguments]:
        return await Pwsh.RunAsync("Measure-EquinixOtp.ps1", arguments);

    // The other modes are processes that the script starts. Servers print their URL and run until their input ends.
    case ["serve"]:
        await using (LoopbackServer server = BenchmarkServer.Start())
        {
            Console.WriteLine(server.BaseUrl);
            await Console.In.ReadLineAsync();
        }

        return 0;
    case ["serve-kestrel"]:
        await using (EmptyKestrel kestrel = await EmptyKestrel.StartAsync())
        {
            Console.WriteLine(kestrel.Url);
            await Console.In.ReadLineAsync();
        }

        return 0;
    case ["load", string url, string token]:
        Console.WriteLine(RequestLoad.Measure(new Uri(url), token));
        return 0;
    default:
        // In process, because the repository's build settings do not suit the projects that BenchmarkDotNet generates.
        ManualConfig config = DefaultConfig.Instance
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .HideColumns(Column.Job, Column.Toolchain, Column.IterationCount, Column.LaunchCount, Column.WarmupCount);
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args is [] ? ["--filter", "*"] : args, config);
        return 0;
}
