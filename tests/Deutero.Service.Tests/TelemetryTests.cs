using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Deutero.Client;

namespace Deutero.Service.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Figures_are_told_as_Prometheus_reads_them()
    {
        await using var service = await RunningService.Start();
        var id = await service.Create(3, 1);
        await service.Ask(id);
        await service.Get("/v1/adaptations/nothing");
        var lines = ((string)(await service.Get("/metrics")).Body["text"]!).Split('\n');
        void Says(string line) => Assert.Contains(line, lines);
        Says("# TYPE deutero_request_duration_seconds histogram");
        Says("deutero_request_duration_seconds_count{http_request_method=\"POST\",http_route=\"/v1/adaptations/\",http_response_status_code=\"201\"} 1");
        Says("deutero_request_duration_seconds_bucket{http_request_method=\"GET\",http_route=\"/v1/adaptations/{id}\",http_response_status_code=\"404\",le=\"+Inf\"} 1");
        Says("deutero_adaptation_duration_seconds_count{deutero_model=\"glyphs\"} 1");
        Says("# TYPE deutero_predictions_total counter");
        Says("deutero_predictions_total 3");
        Says("deutero_models 1");
        Says("deutero_classifiers 1");
        Says("deutero_queue_waiting 0");
    }

    [Fact]
    public async Task Metrics_and_traces_are_sent_to_a_collector()
    {
        using var collector = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort()}/";
        collector.Prefixes.Add(address);
        collector.Start();
        var received = new ConcurrentBag<string>();
        var receiving = Task.Run(
            async () =>
            {
                while (collector.IsListening)
                {
                    try
                    {
                        var context = await collector.GetContextAsync();
                        using var reader = new StreamReader(context.Request.InputStream, Encoding.Latin1);
                        received.Add($"{context.Request.Url!.AbsolutePath} {await reader.ReadToEndAsync()}");
                        context.Response.Close();
                    }
                    catch (Exception ended) when (ended is HttpListenerException or ObjectDisposedException)
                    {
                        return;
                    }
                }
            },
            TestContext.Current.CancellationToken);
        await using (var service = await RunningService.Start(settings: settings => settings with { Otlp = new(address) }))
        {
            await service.Ask(await service.Create(3, 1));
        }

        collector.Stop();
        await receiving;
        Assert.Contains(received, one => one.StartsWith("/v1/traces", StringComparison.Ordinal) && one.Contains("predict", StringComparison.Ordinal) && one.Contains("adapt", StringComparison.Ordinal));
        Assert.Contains(received, one => one.StartsWith("/v1/metrics", StringComparison.Ordinal) && one.Contains("deutero.request.duration", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Predictions_beyond_what_may_wait_are_refused_and_the_service_goes_on()
    {
        await using var service = await RunningService.Start(settings: settings => settings with { Workers = 1, QueueLength = 3, RequestsPerSecond = 100_000 });
        var id = await service.Create(5, 5);
        var expected = await service.Ask(id);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            using var content = System.Net.Http.Json.JsonContent.Create(new NewPredictions([.. RunningService.Items(37, 10, 3)]));
            using var answer = await service.Http.PostAsync(new Uri($"/v1/adaptations/{id}/predictions", UriKind.Relative), content, TestContext.Current.CancellationToken);
            return ((int)answer.StatusCode, answer.Headers.RetryAfter?.Delta?.TotalSeconds);
        }));
        Assert.All(statuses, status => Assert.True(status is (200, null) or (429, 1), $"{status}"));
        Assert.Contains((429, 1), statuses);
        Assert.Contains((200, null), statuses);
        Assert.Equal(expected, await service.Ask(id));
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
