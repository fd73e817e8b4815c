using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EquinixOtp.Benchmarks;

/// <summary>Kestrel with one endpoint that responds with an empty 200: the minimum cost of a server on ASP.NET Core.</summary>
internal sealed class EmptyKestrel : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EmptyKestrel()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port: 0));
        builder.Services.AddRoutingCore();
        _app = builder.Build();
        _app.MapGet("/", (HttpContext _) => Task.CompletedTask);
    }

    public string Url => _app.Urls.Single();

    public static async Task<EmptyKestrel> StartAsync()
    {
        var kestrel = new EmptyKestrel();
        await kestrel._app.StartAsync();
        return kestrel;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
