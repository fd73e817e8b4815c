using System.Collections;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Runtime.CompilerServices;

namespace EquinixOtp.Tests;

/// <summary>
/// Listens to .NET's activities, events and diagnostic sources in this process, as a profiler or a logging library could, and keeps those
/// that contain a secret of <see cref="Canary"/> or an OTP.
/// </summary>
internal static class Telemetry
{
    private static readonly ConcurrentDictionary<string, int> s_heard = new();
    private static readonly ConcurrentQueue<string> s_leaks = new();
    private static readonly SecretHunt s_hunt = new();

    /// <summary>The texts that contain a secret.</summary>
    public static IReadOnlyCollection<string> Leaks => s_leaks;

    /// <summary>The number of texts from a source.</summary>
    public static int Heard(string source) => s_heard.GetValueOrDefault(source);

    [ModuleInitializer]
    internal static void Start()
    {
        ActivitySource.AddActivityListener(new ActivityListener
        {
            ShouldListenTo = source => !IsServers(source.Name),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                Hear(activity.Source.Name, activity.DisplayName);
                foreach (KeyValuePair<string, object?> tag in activity.TagObjects)
                {
                    Hear(activity.Source.Name, tag.Value);
                }
            },
        });
        DiagnosticListener.AllListeners.Subscribe(new Subscriber<DiagnosticListener>(listener =>
        {
            if (!IsServers(listener.Name))
            {
                listener.Subscribe(new Subscriber<KeyValuePair<string, object?>>(pair => Hear(listener.Name, pair.Value)));
            }
        }));
        GC.KeepAlive(new Listener());
    }

    // The activities of the emulator, which may run in this process.
    private static bool IsServers(string name) => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal);

    private static void Hear(string source, object? value)
    {
        s_heard.AddOrUpdate(source, 1, (_, count) => count + 1);
        string text = value switch
        {
            null => string.Empty,
            string s => s,
            IEnumerable items => string.Join('|', items.Cast<object?>()),
            _ => value.ToString() ?? string.Empty,
        };
        int otp = text.IndexOf("otp/verify/", StringComparison.OrdinalIgnoreCase);
        if (s_hunt.IsIn(text) || (otp >= 0 && !text[(otp + "otp/verify/".Length)..].StartsWith("******", StringComparison.Ordinal)))
        {
            s_leaks.Enqueue($"{source}: {text}");
        }
    }

    private sealed class Listener : EventListener
    {
        private static readonly ConcurrentBag<Listener> s_alive = [];

        public Listener() => s_alive.Add(this);

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            // Not Private.InternalDiagnostics.*, which contains whole requests.
            if (eventSource.Name.StartsWith("System.Net.", StringComparison.Ordinal))
            {
                EnableEvents(eventSource, EventLevel.LogAlways, EventKeywords.All);
            }
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) => Hear(eventData.EventSource.Name, eventData.Payload);
    }

    private sealed class Subscriber<T>(Action<T> onNext) : IObserver<T>
    {
        public void OnNext(T value) => onNext(value);

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
