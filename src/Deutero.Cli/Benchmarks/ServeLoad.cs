using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;

namespace Deutero.Cli.Benchmarks;

/// <summary>Requests of one kind, sent to a service over a number of connections, and what came of them.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="Errors">Answers other than those of success, and requests without an answer.</param>
/// <param name="Time">How long the answered ones took; those that had to wait for a connection are counted from when they were due.</param>
internal sealed record ServeLoad(double Seconds, int Errors, Latencies Time)
{
    internal double PerSecond => Time.Count / Seconds;

    /// <summary>Sends requests, on each connection the next one when the last was answered.</summary>
    internal static Task<ServeLoad> Closed(Func<Task<bool>> send, int connections, TimeSpan time, CancellationToken cancellation) =>
        Run(send, connections, time, perSecond: null, cancellation);

    /// <summary>Sends requests at a rate, whether or not earlier ones were answered, as long as a connection is free.</summary>
    internal static Task<ServeLoad> Open(Func<Task<bool>> send, int connections, TimeSpan time, double perSecond, CancellationToken cancellation) =>
        Run(send, connections, time, perSecond, cancellation);

    /// <summary>Posts a body, which is encoded once, to an address.</summary>
    internal static Func<Task<bool>> Post(HttpClient http, string path, object body)
    {
        var bytes = JsonContent.Create(body).ReadAsByteArrayAsync().GetAwaiter().GetResult();
        return async () =>
        {
            using var content = new ByteArrayContent(bytes);
            content.Headers.ContentType = new("application/json");
            using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content);
            await answer.Content.ReadAsByteArrayAsync();
            return answer.IsSuccessStatusCode;
        };
    }

    private static async Task<ServeLoad> Run(Func<Task<bool>> send, int connections, TimeSpan time, double? perSecond, CancellationToken cancellation)
    {
        var (next, errors, times) = (-1L, 0, new ConcurrentBag<double>());
        var began = Stopwatch.GetTimestamp();
        async Task Connection()
        {
            while (Stopwatch.GetElapsedTime(began) < time && !cancellation.IsCancellationRequested)
            {
                var due = perSecond is { } rate ? TimeSpan.FromSeconds(Interlocked.Increment(ref next) / rate) : Stopwatch.GetElapsedTime(began);
                if (due >= time)
                {
                    return;
                }

                // A sleep ends late, which is not the service's doing; a connection that was busy is.
                if (due - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } early)
                {
                    await Task.Delay(early, cancellation);
                    due = Stopwatch.GetElapsedTime(began);
                }

                if (await Answered(send))
                {
                    times.Add((Stopwatch.GetElapsedTime(began) - due).TotalMilliseconds);
                }
                else
                {
                    Interlocked.Increment(ref errors);
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(Connection, cancellation)));
        cancellation.ThrowIfCancellationRequested();
        return new(Stopwatch.GetElapsedTime(began).TotalSeconds, errors, Latencies.Of(times));
    }

    private static async Task<bool> Answered(Func<Task<bool>> send)
    {
        try
        {
            return await send();
        }
        catch (Exception lost) when (lost is HttpRequestException or IOException or TaskCanceledException)
        {
            return false;
        }
    }
}
