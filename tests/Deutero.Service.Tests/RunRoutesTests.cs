using Deutero.Cli.Runs;

namespace Deutero.Service.Tests;

public sealed class RunRoutesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-runs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_run_is_shown_while_it_grows()
    {
        Write("maml", """{"learner":{"type":"maml"},"data":{"name":"glyphs"},"training":{"iterations":30}}""");
        Append("maml", """{"iteration":10,"loss":1.5,"accuracy":0.5,"seconds":1,"tasksPerSecond":40,"memoryMiB":300}""");
        await using var service = await RunningService.Start(settings: settings => settings with { Runs = new RunsFolder(_folder) });
        var run = Assert.Single((await service.Get("/v1/runs")).Body["runs"]!.AsArray())!;
        Assert.Equal("maml maml glyphs 10 30 running", $"{run["name"]} {run["learner"]} {run["data"]} {run["iteration"]} {run["iterations"]} {run["status"]}");

        Append("maml", """{"iteration":20,"loss":1.2,"validation":0.6,"validationHalfWidth":0.01,"seconds":2,"tasksPerSecond":41}""", """{"iteration":30,"lo""");
        var rows = (await service.Get("/v1/runs/maml/metrics?after=10")).Body["rows"]!.AsArray();
        Assert.Equal("20 1.2 0.6 0.01", string.Join(' ', Assert.Single(rows)!.AsObject().Where(pair => pair.Key is "iteration" or "loss" or "validation" or "validationHalfWidth").Select(pair => pair.Value)));

        File.SetLastWriteTimeUtc(Path.Combine(_folder, "maml", "metrics.jsonl"), new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal("interrupted", (string)(await service.Get("/v1/runs/maml")).Body["summary"]!["status"]!);
        File.WriteAllText(Path.Combine(_folder, "maml", "metrics.jsonl"), """{"iteration":30,"loss":1}""");
        File.WriteAllText(Path.Combine(_folder, "maml", "model.safetensors"), "");
        File.WriteAllText(Path.Combine(_folder, "maml", "evaluation.json"), """{"metric":"accuracy","mean":0.9,"halfWidth95":0.01,"episodes":600,"source":"glyphs/test","curve":[0.2,0.9]}""");
        var state = (await service.Get("/v1/runs/maml")).Body;
        Assert.Equal("finished", (string)state["summary"]!["status"]!);
        Assert.Equal("[0.2,0.9]", state["summary"]!["score"]!["curve"]!.ToJsonString());
        Assert.Equal(30, (int)state["configuration"]!["training"]!["iterations"]!);
    }

    [Fact]
    public async Task Episodes_are_drawn_as_the_learner_sees_them()
    {
        Write("glyphs", """{"data":{"name":"glyphs"},"episodes":{"ways":3,"shots":2,"queries":4,"trainWays":5}}""");
        Write("waves", """{"data":{"name":"sinusoid"},"episodes":{"shots":10,"queries":10},"model":{"type":"mlp"},"learner":{"type":"maml"}}""");
        await using var service = await RunningService.Start(settings: settings => settings with { Runs = new RunsFolder(_folder) });
        var test = (await service.Get("/v1/runs/glyphs/episode?seed=7&split=test")).Body;
        Assert.Equal((6, 12, 3), (test["support"]!.AsArray().Count, test["query"]!.AsArray().Count, (int)test["ways"]!));
        var pixels = Convert.FromBase64String((string)test["support"]![0]!["pixels"]!);
        Assert.Equal(28 * 28, pixels.Length);
        Assert.Contains(pixels, value => value > 200);
        Assert.Equal(test.ToJsonString(), (await service.Get("/v1/runs/glyphs/episode?seed=7&split=test")).Body.ToJsonString());
        Assert.Equal(5, (int)(await service.Get("/v1/runs/glyphs/episode?seed=7")).Body["ways"]!);

        var waves = (await service.Get("/v1/runs/waves/episode")).Body;
        Assert.Equal(10, waves["support"]!.AsArray().Count);
        Assert.InRange((double)waves["query"]![0]!["values"]![0]!, -5, 5);
        Assert.InRange((double)waves["query"]![0]!["target"]!, -5, 5);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("%2e%2e")]
    [InlineData("..%2foutside")]
    [InlineData("..%5coutside")]
    [InlineData("%2fetc")]
    [InlineData("glyphs%2f..%2f..%2foutside")]
    [InlineData("nested")]
    [InlineData("glyphs%20")]
    public async Task No_name_leads_out_of_the_folder_of_runs(string name)
    {
        Write("runs/glyphs", "{}");
        Write("outside", "{}");
        Directory.CreateDirectory(Path.Combine(_folder, "runs", "nested", "run"));
        File.WriteAllText(Path.Combine(_folder, "configuration.json"), "{}");
        await using var service = await RunningService.Start(settings: settings => settings with { Runs = new RunsFolder(Path.Combine(_folder, "runs")) });
        foreach (var what in (string[])["", "/metrics", "/episode"])
        {
            var (status, body) = await service.Get($"/v1/runs/{name}{what}");
            Assert.True(status is 400 or 404, $"{name}{what}: {status} {body.ToJsonString()}");
        }
    }

    [Fact]
    public async Task What_cannot_be_shown_is_said_in_a_sentence()
    {
        Write("gone", """{"data":{"name":"folder:/nowhere"}}""");
        Write("wrong", """{"data":{"nome":"glyphs"}}""");
        Write("written", "{");
        await using var service = await RunningService.Start(settings: settings => settings with { Runs = new RunsFolder(_folder) });
        Assert.Equal(409, (await service.Get("/v1/runs/gone/episode")).Status);
        var (status, body) = await service.Get("/v1/runs/wrong/episode");
        Assert.Equal(409, status);
        Assert.Contains("nome", (string)body["detail"]!, StringComparison.Ordinal);
        Assert.Equal(404, (await service.Get("/v1/runs/written")).Status);
        Assert.Equal(400, (await service.Get("/v1/runs/gone/episode?split=all")).Status);
        Assert.Equal(400, (await service.Get("/v1/runs/gone/episode?seed=-1")).Status);
        Assert.Throws<DirectoryNotFoundException>(() => new RunsFolder(Path.Combine(_folder, "absent")));
    }

    [Fact]
    public async Task Without_a_folder_of_runs_there_are_none()
    {
        await using var service = await RunningService.Start();
        Assert.Equal("""{"runs":[]}""", (await service.Get("/v1/runs")).Body.ToJsonString());
        Assert.Equal(404, (await service.Get("/v1/runs/first")).Status);
    }

    private void Write(string run, string configuration)
    {
        Directory.CreateDirectory(Path.Combine(_folder, run));
        File.WriteAllText(Path.Combine(_folder, run, "configuration.json"), configuration);
    }

    private void Append(string run, params string[] lines) => File.AppendAllText(Path.Combine(_folder, run, "metrics.jsonl"), string.Join('\n', lines) + "\n");
}
