using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Deutero.Client;
using Deutero.Data;
using Deutero.Tasks;
using Deutero.Torch.Imaging;

namespace Deutero.Cli.Benchmarks;

/// <summary>Measures the adaptation service: in this process without the web, and as a process of its own, to which this one sends the load.</summary>
/// <param name="Run">A run folder of a model of 28x28 grey images.</param>
/// <param name="Connections">Requests under way at the same time.</param>
/// <param name="Rate">Predictions a second that shall be held.</param>
/// <param name="Hold">For how long.</param>
internal sealed record ServeBench(string Run, int Connections, double Rate, TimeSpan Hold) : IDisposable
{
    private const int Ways = 5;
    private const int Shots = 5;
    private const int Classes = 37; // far enough apart to be of several scripts

    private static readonly TimeSpan s_phase = TimeSpan.FromSeconds(10);

    private readonly IClassPool _glyphs = Glyphs.Open("test");
    private readonly string _store = Directory.CreateTempSubdirectory("deutero-bench-").FullName;

    public void Dispose() => Directory.Delete(_store, recursive: true);

    /// <summary>Everything that is measured over HTTP.</summary>
    internal async Task<JsonObject> OverHttp(CancellationToken cancellation)
    {
        using var server = Serve(out var address);
        try
        {
            using var http = new HttpClient { BaseAddress = address };
            return await Measure(http, server, cancellation);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(CancellationToken.None);
        }
    }

    internal static JsonObject Json(Latencies time) => new() { ["count"] = time.Count, ["p50Ms"] = time.P50, ["p99Ms"] = time.P99, ["longestMs"] = time.Longest };

    private static JsonObject Json(ServeLoad load, double? offered = null)
    {
        var json = Json(load.Time);
        (json["seconds"], json["perSecond"], json["errors"], json["offeredPerSecond"]) = (load.Seconds, load.PerSecond, load.Errors, offered);
        return json;
    }

    private async Task<JsonObject> Measure(HttpClient http, Process server, CancellationToken cancellation)
    {
        var creation = new NewAdaptation("bench", [.. Enumerable.Range(0, Ways).Select(way =>
            new ClassExamples($"class{way}", [.. Enumerable.Range(0, Shots).Select(shot => Png(way, shot))]))]);
        using var made = await http.PostAsJsonAsync("/v1/adaptations", creation, cancellation);
        var id = (string)JsonNode.Parse(await made.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellation))!["id"]!;
        var adapt = ServeLoad.Post(http, "/v1/adaptations", creation);
        var predict = ServeLoad.Post(http, $"/v1/adaptations/{id}/predictions", new NewPredictions([Png(0, Shots)]));

        async Task<JsonObject> Kind(string name, Func<Task<bool>> send)
        {
            Console.Error.WriteLine($"{name} over HTTP ...");
            await ServeLoad.Closed(send, Connections, TimeSpan.FromSeconds(3), cancellation); // warms up
            var alone = await ServeLoad.Closed(send, 1, s_phase, cancellation);
            var highest = await ServeLoad.Closed(send, Connections, s_phase, cancellation);
            var half = await ServeLoad.Open(send, Connections, 2 * s_phase, highest.PerSecond / 2, cancellation);
            return new() { ["alone"] = Json(alone), ["highest"] = Json(highest), ["half"] = Json(half, highest.PerSecond / 2) };
        }

        var figures = new JsonObject { ["predict"] = await Kind("predict", predict), ["adapt"] = await Kind("adapt", adapt) };
        figures["held"] = await Held(predict, server, cancellation);
        return figures;
    }

    // Memory is looked at ten times; what it grew is counted from the second look on.
    private async Task<JsonObject> Held(Func<Task<bool>> predict, Process server, CancellationToken cancellation)
    {
        Console.Error.WriteLine($"{Rate:F0} predictions a second for {Hold.TotalSeconds:F0} s ...");
        var memory = new List<double>();
        var load = ServeLoad.Open(predict, Connections, Hold, Rate, cancellation);
        while (!load.IsCompleted)
        {
            await Task.WhenAny(load, Task.Delay(Hold / 10, cancellation));
            server.Refresh();
            memory.Add(server.WorkingSet64 / 1e6);
        }

        var json = Json(await load, Rate);
        json["residentMB"] = new JsonArray([.. memory.Select(value => (JsonNode)Math.Round(value, 1))]);
        json["grewMB"] = Math.Round(memory[^1] - memory[Math.Min(1, memory.Count - 1)], 1);
        return json;
    }

    private Process Serve(out Uri address)
    {
        string[] command =
        [
            .. BenchProcess.Deutero, "serve", "--model", $"bench={Run}", "--store", _store, "--urls", "http://127.0.0.1:0", "--requests-per-second", "1000000",
        ];
        var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        const string Listening = "listening at ";
        address = process.StandardOutput.ReadLine() is { } line && line.StartsWith(Listening, StringComparison.Ordinal)
            ? new(line[Listening.Length..])
            : throw new InvalidDataException($"'deutero serve' did not start with {Run}.");
        return process;
    }

    private float[] Glyph(int way, int item)
    {
        var values = new float[28 * 28];
        _glyphs.Write(Classes * way, item, values);
        return values;
    }

    private Item Png(int way, int item) => Item.Of(new Image(28, 28, 1, [.. Glyph(way, item).Select(value => (byte)Math.Round(255 * value))]).EncodePng());
}
