using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Deutero.Client;
using Deutero.Service.Auditing;

namespace Deutero.Service.Tests;

/// <summary>The command as a process of its own, killed while it writes.</summary>
public sealed class KilledServiceTests : IDisposable
{
    private const int Kills = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-service-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_answered_is_there_after_kill_9_and_nothing_is_there_by_half()
    {
        Train();
        var acknowledged = new List<(string Id, int Version)>();
        for (var kill = 0; kill < Kills; kill++)
        {
            using var process = Serve(out var url);
            using var http = new HttpClient { BaseAddress = url };
            using var timer = new Timer(_ => process.Kill());
            await WriteUntilItDies(http, acknowledged, onFirst: () => timer.Change(7 * kill, Timeout.Infinite));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(137, process.ExitCode);
            Assert.Null(Assert.Single(AuditVerification.OfStore(Store)).Mistake);
        }

        Assert.NotEmpty(acknowledged);
        using var last = Serve(out var address);
        using var client = new HttpClient { BaseAddress = address };
        var reported = AuditVerification.Export(Store, "local").Select(line => JsonNode.Parse(line)!).Select(line => ((string)line["adaptation"]!, (int)line["version"]!)).ToHashSet();
        foreach (var (id, version) in acknowledged)
        {
            Assert.Contains((id, version), reported);
            var state = (await client.GetFromJsonAsync<JsonObject>($"/v1/adaptations/{id}/versions/{version}", TestContext.Current.CancellationToken))!;
            Assert.Equal(version == 1 ? 2 : 3, state["classes"]!.AsArray().Sum(one => one!["examples"]!.AsArray().Count));
        }

        Process.Start("kill", ["-TERM", $"{last.Id}"]).WaitForExit();
        await last.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, last.ExitCode);
    }

    private string Store => Path.Combine(_folder, "store");

    private static async Task WriteUntilItDies(HttpClient http, List<(string Id, int Version)> acknowledged, Action onFirst)
    {
        try
        {
            for (var first = true; ; first = false)
            {
                var made = await Post(http, "/v1/adaptations", new NewAdaptation("run", RunningService.Classes(2, 0, 1)));
                acknowledged.Add(((string)made["id"]!, 1));
                if (first)
                {
                    onFirst();
                }

                await Post(http, $"/v1/adaptations/{made["id"]}/versions", new Change([new("class0", [.. RunningService.Items(0, 3, 1)])]));
                acknowledged.Add(((string)made["id"]!, 2));
            }
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException)
        {
            // The process is dead.
        }
    }

    private static async Task<JsonNode> Post(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)answer.StatusCode == 201, text);
        return JsonNode.Parse(text)!;
    }

    private void Train()
    {
        using var process = Start(
            "train", "-o", Path.Combine(_folder, "run"), "--set", "model.filters=8", "--set", "training.iterations=2", "--set", "training.metaBatch=1",
            "--set", "training.validateEvery=0", "--set", "evaluation.episodes=2", "--set", "training.threads=1");
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private Process Serve(out Uri url)
    {
        var process = Start("serve", "--model", Path.Combine(_folder, "run"), "--store", Store, "--urls", "http://127.0.0.1:0");
        var line = process.StandardOutput.ReadLine();
        Assert.StartsWith("listening at ", line, StringComparison.Ordinal);
        url = new(line!["listening at ".Length..]);
        return process;
    }

    private static Process Start(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Deutero.Cli.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }
}
