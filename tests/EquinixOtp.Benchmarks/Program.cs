using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using EquinixOtp.Benchmarks;
using EquinixOtp.Tests;

// "serve" is for Measure-EquinixOtp.ps1: the same server as the benchmarks', as a process, until its input ends.
if (args is ["serve"])
{
    await using LoopbackServer server = BenchmarkServer.Start();
    Console.WriteLine(server.BaseUrl);
    await Console.In.ReadLineAsync();
    return;
}

// In process, as the repository's build settings aren't for the projects that BenchmarkDotNet would generate.
ManualConfig config = DefaultConfig.Instance
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
    .HideColumns(Column.Job, Column.Toolchain, Column.IterationCount, Column.LaunchCount, Column.WarmupCount);
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args is [] ? ["--filter", "*"] : args, config);
