using System.Text;
using EquinixOtp.Tests;

namespace EquinixOtp.Benchmarks;

/// <summary>
/// The server of the benchmarks, at the lowest cost per request: it parses and records nothing. <c>/stats</c> returns the number of
/// connections and requests; below <c>/hang</c> no request gets a response.
/// </summary>
internal static class BenchmarkServer
{
    private static readonly byte[] s_verified =
        Encoding.ASCII.GetBytes("HTTP/1.1 204 No Content\r\nX-Request-Id: 0123456789abcdef\r\n\r\n");

    private static readonly byte[] s_codes = CreateResponse(
        "{\"recovery_codes\":[" + string.Join(",", Enumerable.Range(0, 10).Select(i => $"\"aaaaa-{i}{i}{i}{i}{i}\"")) + "]}");

    public static LoopbackServer Start()
    {
        int connections = 0;
        int requests = 0;
        return new LoopbackServer(async connection =>
        {
            bool isCounted = false;
            while (await connection.ReadHeadAsync() is { Count: > 0 } head)
            {
                if (Contains(head, "/stats "u8))
                {
                    await connection.WriteAsync(CreateResponse($$"""{"connections":{{connections}},"requests":{{requests}}}"""));
                    continue;
                }

                if (!isCounted)
                {
                    isCounted = true;
                    Interlocked.Increment(ref connections);
                }

                Interlocked.Increment(ref requests);
                if (!Contains(head, "/hang/"u8))
                {
                    await connection.WriteAsync(Contains(head, "/verify/"u8) ? s_verified : s_codes);
                }
            }
        });
    }

    private static bool Contains(ReadOnlySpan<byte> head, ReadOnlySpan<byte> text) => head.IndexOf(text) >= 0;

    private static byte[] CreateResponse(string json) =>
        Encoding.ASCII.GetBytes(Response.Json(200, json, "X-Request-Id: 0123456789abcdef"));
}
