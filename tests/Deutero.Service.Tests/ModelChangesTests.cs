using System.Text.Json.Nodes;
using Deutero.Client;
using Deutero.Service.Auditing;
using Deutero.Service.Models;

namespace Deutero.Service.Tests;

[Collection(nameof(Alone))]
public sealed class ModelChangesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("deutero-models-").FullName;

    public ModelChangesTests()
    {
        foreach (var seed in (int[])[1, 2, 3])
        {
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_root, "inner", $"{seed}")).FullName, "seed"), $"{seed}");
        }

        Directory.CreateDirectory(Path.Combine(_root, "empty"));
        Directory.CreateSymbolicLink(Path.Combine(_root, "link"), Path.Combine(_root, "inner"));
        File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(Path.Combine(_root, "linked")).FullName, "seed"), Path.Combine(_root, "inner", "1", "seed"));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Models_are_replaced_under_load_and_no_request_fails_and_memory_stays()
    {
        var swaps = Figure.Of("DEUTERO_SWAPS", 100);
        await using var service = await Start();
        var id = await service.Create(3, 1);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var seen = new HashSet<string>();
            while (!stop.IsCancellationRequested)
            {
                var (status, body) = await service.Post($"/v1/adaptations/{id}/predictions", new NewPredictions([.. RunningService.Items(37, 10, 1)]));
                Assert.True(status == 200, body.ToJsonString());
                seen.Add($"{body["modelVersion"]} {body["results"]}");
            }

            return seen;
        })).ToArray();
        var resident = 0L;
        for (var swap = 0; swap < swaps; swap++)
        {
            Assert.Equal(200, (await service.Send(HttpMethod.Put, "/v1/models/glyphs", new NewModel($"inner/{(swap % 3) + 1}"))).Status);
            resident = swap == swaps / 5 ? Environment.WorkingSet : resident;
        }

        await stop.CancelAsync();
        var answers = (await Task.WhenAll(load)).SelectMany(seen => seen).ToHashSet();
        Assert.InRange(answers.Count, 2, 3); // each version of the model has one answer
        var growth = (Environment.WorkingSet - resident) / 1e6;
        Assert.True(growth < 60, $"{growth:F0} MB more after {swaps} swaps"); // each model is half a megabyte
        TestContext.Current.SendDiagnosticMessage($"{swaps} swaps, {growth:F0} MB");
        Assert.Null(Assert.Single(AuditVerification.OfStore(service.Folder)).Mistake);
    }

    [Fact]
    public async Task A_model_is_loaded_replaced_and_retired_and_the_log_tells()
    {
        await using var service = await Start();
        var (status, loaded) = await service.Send(HttpMethod.Put, "/v1/models/letters", new NewModel("inner/2"));
        Assert.Equal((201, "letters", $"{2:x64}"), (status, (string?)loaded["name"], (string?)loaded["version"]));
        Assert.Equal(["glyphs", "letters"], Names(await service.Get("/v1/models")));
        var (_, made) = await service.Post("/v1/adaptations", new NewAdaptation("letters", RunningService.Classes(2, 0, 1)));
        Assert.Equal(200, (await service.Send(HttpMethod.Put, "/v1/models/letters", new NewModel("inner/3"))).Status);
        Assert.Equal($"{3:x64}", (string?)(await service.Get($"/v1/adaptations/{made["id"]}")).Body["modelVersion"]);
        Assert.Equal(204, (await service.Send(HttpMethod.Delete, "/v1/models/letters")).Status);
        Assert.Equal(404, (await service.Send(HttpMethod.Delete, "/v1/models/letters")).Status);
        Assert.Equal(404, (await service.Post($"/v1/adaptations/{made["id"]}/predictions", new NewPredictions([.. RunningService.Items(0, 0, 1)]))).Status);
        var lines = AuditVerification.Export(service.Folder, "local").Select(line => JsonNode.Parse(line)!).Where(line => ((string)line["action"]!).StartsWith("model.", StringComparison.Ordinal));
        Assert.Equal(
            [$"model.load letters {2:x64}", $"model.load letters {3:x64}", $"model.retire letters {3:x64}"],
            lines.Select(line => $"{line["action"]} {line["model"]} {line["modelVersion"]}"));
    }

    [Fact]
    public async Task What_was_loaded_and_retired_is_so_after_a_restart()
    {
        var folder = Path.Combine(_root, "store");
        await using (var service = await Start(folder))
        {
            await service.Send(HttpMethod.Put, "/v1/models/letters", new NewModel("inner/2"));
            await service.Send(HttpMethod.Delete, "/v1/models/glyphs");
        }

        await using (var service = await Start(folder))
        {
            Assert.Equal(["letters"], Names(await service.Get("/v1/models")));
        }

        Directory.Delete(Path.Combine(_root, "inner", "2"), recursive: true);
        var lost = await Assert.ThrowsAsync<ArgumentException>(() => Start(folder));
        Assert.Contains("'letters', which was loaded from 'inner/2'", lost.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("letters", "../other")]
    [InlineData("letters", "inner/../inner/1")]
    [InlineData("letters", "/etc")]
    [InlineData("letters", "")]
    [InlineData("letters", "link/1")]
    [InlineData("letters", "linked")]
    [InlineData("letters", "inner//1")]
    [InlineData("letters", "inner/9")]
    [InlineData("letters", "empty")]
    [InlineData("two words", "inner/1")]
    public async Task What_is_not_a_model_of_the_folder_is_refused(string name, string path)
    {
        await using var service = await Start();
        var (status, problem) = await service.Send(HttpMethod.Put, $"/v1/models/{Uri.EscapeDataString(name)}", new NewModel(path));
        Assert.Equal(400, status);
        Assert.DoesNotContain(_root, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.Equal(["glyphs"], Names(await service.Get("/v1/models")));
    }

    [Fact]
    public async Task Without_a_folder_that_the_operator_allowed_models_stay_as_they_are()
    {
        await using var service = await RunningService.Start();
        Assert.Equal(409, (await service.Send(HttpMethod.Put, "/v1/models/glyphs", new NewModel("inner/1"))).Status);
        Assert.Equal(409, (await service.Send(HttpMethod.Delete, "/v1/models/glyphs")).Status);
    }

    private static IEnumerable<string?> Names((int Status, JsonNode Body) answer) => answer.Body["models"]!.AsArray().Select(model => (string?)model!["name"]);

    private Task<RunningService> Start(string? folder = null) => RunningService.Start(folder, settings => settings with
    {
        RequestsPerSecond = 100_000,
        ModelFolder = new ModelFolder(_root, Open),
    }, Open("glyphs", Path.Combine(_root, "inner", "1")));

    private static ServedModel Open(string name, string path)
    {
        var seed = ulong.Parse(File.ReadAllText(Path.Combine(path, "seed")));
        return Small.Served(name, seed) with { Model = Small.WithStatistics(seed: seed) };
    }
}
