using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace EquinixOtp.Emulator;

/// <summary>The middleware that applies faults to requests.</summary>
internal sealed class FaultInjector(FaultList faults, TimeProvider time)
{
    private static readonly TimeSpan s_closeTimeout = TimeSpan.FromSeconds(1);

    internal async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        ApiRequest request = context.Features.GetRequiredFeature<ApiRequest>();
        if (request.Entry.Operation is not { } operation
            || faults.Take(operation, request.Owner is { IsSession: true }) is not { } fault)
        {
            await next(context).ConfigureAwait(false);
            return;
        }

        request.Entry.Fault = fault.Summary;
        BufferedResponse? response = fault.When == FaultTiming.After ? await BufferAsync(context, next).ConfigureAwait(false) : null;
        if (fault.Delay is { } delay)
        {
            await Task.Delay(delay, time, context.RequestAborted).ConfigureAwait(false);
        }

        if (fault.Status is { } status)
        {
            response = CreateResponse(status, fault, context.Response.Headers["X-Request-Id"].ToString());
        }

        if (fault.Connection is { } end)
        {
            await EndConnectionAsync(context, request, end, fault.At ?? ConnectionPoint.BeforeHeaders, response).ConfigureAwait(false);
        }
        else if (response is not null)
        {
            await WriteAsync(context, response, fault.Truncate ?? int.MaxValue).ConfigureAwait(false);
        }
        else
        {
            await next(context).ConfigureAwait(false);
        }
    }

    private static async Task<BufferedResponse> BufferAsync(HttpContext context, RequestDelegate next)
    {
        Stream body = context.Response.Body;
        using var buffer = new MemoryStream();
        context.Response.Body = buffer;
        try
        {
            await next(context).ConfigureAwait(false);
        }
        finally
        {
            context.Response.Body = body;
        }

        return new(
            context.Response.StatusCode,
            [.. context.Response.Headers.Select(header => (header.Key, header.Value.ToString()))],
            buffer.ToArray());
    }

    private static BufferedResponse CreateResponse(int status, Fault fault, string requestId)
    {
        List<(string Name, string Value)> headers = [("X-Request-Id", requestId)];
        if (fault.Body is not null)
        {
            headers.Add(("Content-Type", "application/json; charset=utf-8"));
        }

        foreach ((string name, string value) in fault.Headers ?? new Dictionary<string, string>())
        {
            headers.RemoveAll(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            headers.Add((name, value));
        }

        return new(status, headers, Encoding.UTF8.GetBytes(fault.Body ?? string.Empty));
    }

    private static async Task WriteAsync(HttpContext context, BufferedResponse response, int length)
    {
        context.Response.Headers.Clear();
        context.Response.StatusCode = response.Status;
        foreach ((string name, string value) in response.Headers)
        {
            context.Response.Headers[name] = value;
        }

        ReadOnlyMemory<byte> body = response.Body.AsMemory(0, Math.Min(length, response.Body.Length));
        if (response.HasBody)
        {
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
    }

    // Kestrel sends only complete responses, so partial ones are written to the socket.
    private static async Task EndConnectionAsync(
        HttpContext context, ApiRequest request, ConnectionEnd end, ConnectionPoint point, BufferedResponse? response)
    {
        request.IsConnectionEnded = true;
        Socket socket = context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket;
        if (response is not null && point != ConnectionPoint.BeforeHeaders)
        {
            byte[] head = response.FormatHead();
            byte[] bytes = point switch
            {
                ConnectionPoint.InHeaders => head[..(head.Length / 2)],
                ConnectionPoint.AfterHeaders => head,
                ConnectionPoint.InBody => [.. head, .. response.Body.AsSpan(0, response.Body.Length / 2)],
                _ => [.. head, .. response.Body],
            };
            request.Entry.Status = point == ConnectionPoint.InHeaders ? null : response.Status;
            await socket.SendAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        }

        if (end == ConnectionEnd.Reset)
        {
            socket.LingerState = new(enable: true, seconds: 0);
        }
        else
        {
            socket.Shutdown(SocketShutdown.Send);

            // Abort resets the connection: first give the client time to read and to close its side.
            await Task.Delay(s_closeTimeout, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        context.Abort();
    }

    private sealed record BufferedResponse(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body)
    {
        internal bool HasBody => Status is not (204 or 205 or 304);

        internal byte[] FormatHead()
        {
            var head = new StringBuilder($"HTTP/1.1 {Status} {ReasonPhrases.GetReasonPhrase(Status)}\r\n")
                .Append(null, $"Date: {DateTimeOffset.UtcNow:R}\r\n");
            if (HasBody)
            {
                head.Append(null, $"Content-Length: {Body.Length}\r\n");
            }

            foreach ((string name, string value) in Headers)
            {
                head.Append(null, $"{name}: {value}\r\n");
            }

            return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
        }
    }
}
