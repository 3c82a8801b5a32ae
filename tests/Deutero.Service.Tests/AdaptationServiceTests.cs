using System.Runtime.InteropServices;
using System.Text;
using Deutero.Client;
using Deutero.Torch.Imaging;

namespace Deutero.Service.Tests;

public sealed class AdaptationServiceTests
{
    [Fact]
    public async Task Images_and_their_numbers_give_the_same_prediction()
    {
        await using var service = await RunningService.Start();
        var numbers = await service.Create(3, 2);
        static Item Png(Item item) =>
            Item.Of(new Image(28, 28, 1, [.. item.Values!.Select(value => (byte)Math.Round(255 * value))]).EncodePng());
        var classes = RunningService.Classes(3, 0, 2).Select(one => one with { Examples = [.. one.Examples.Select(Png)] }).ToArray();
        var (status, images) = await service.Post("/v1/adaptations", new NewAdaptation("glyphs", classes, "letters"));
        Assert.Equal(201, status);
        Assert.Equal("letters", (string?)images["name"]);
        Assert.Equal(await service.Ask(numbers), await service.Ask((string)images["id"]!));
    }

    [Fact]
    public async Task A_change_makes_a_version_and_the_old_one_can_be_asked_and_made_current_again()
    {
        await using var service = await RunningService.Start();
        var id = await service.Create(3, 2);
        var first = await service.Ask(id);
        var (status, changed) = await service.Post(
            $"/v1/adaptations/{id}/versions", new Change([new("class1", [.. RunningService.Items(37, 5, 1)]), new("new", [.. RunningService.Items(200, 0, 2)])], [1], ["class2"]));
        Assert.Equal(201, status);
        Assert.Equal(2, (int)changed["version"]!);
        Assert.Equal(["class0", "class1", "new"], changed["classes"]!.AsArray().Select(one => (string)one!["name"]!));
        Assert.Equal([2, 3, 4, 7, 8, 9], changed["classes"]!.AsArray().SelectMany(one => one!["examples"]!.AsArray()).Select(one => (long)one!["id"]!));

        var second = await service.Ask(id);
        Assert.NotEqual(first, second);
        Assert.Equal(first, await service.Ask(id, version: 1));
        Assert.Equal(200, (await service.Post($"/v1/adaptations/{id}/rollback", new Rollback(1))).Status);
        Assert.Equal(first, await service.Ask(id));
        Assert.Equal(second, await service.Ask(id, version: 2));
        var versions = (await service.Get($"/v1/adaptations/{id}/versions")).Body;
        Assert.Equal(1, (int)versions["current"]!);
        Assert.Equal([0, 1], versions["versions"]!.AsArray().Select(one => (int)one!["parent"]!));
    }

    [Fact]
    public async Task A_deleted_example_leaves_the_state_of_an_adaptation_that_never_saw_it_and_no_trace_in_the_files()
    {
        await using var service = await RunningService.Start();
        var never = await service.Create(3, 2);
        var (_, seen) = await service.Post("/v1/adaptations", new NewAdaptation("glyphs", RunningService.Classes(3, 0, 3)));
        var id = (string)seen["id"]!;
        await service.Post($"/v1/adaptations/{id}/versions", new Change(RemoveExamples: [1]));
        await service.Post($"/v1/adaptations/{id}/rollback", new Rollback(1));
        Assert.NotEqual(await service.Ask(never), await service.Ask(id));
        foreach (var example in (int[])[3, 6, 9])
        {
            Assert.Equal(204, (await service.Send(HttpMethod.Delete, $"/v1/adaptations/{id}/examples/{example}")).Status);
        }

        Assert.Equal(await service.Ask(never), await service.Ask(id));
        var old = (await service.Get($"/v1/adaptations/{id}/versions/2")).Body["classes"]!.AsArray();
        Assert.Equal([2, 4, 5, 7, 8], old.SelectMany(one => one!["examples"]!.AsArray()).Select(one => (long)one!["id"]!));
        Assert.Equal(404, (await service.Send(HttpMethod.Delete, $"/v1/adaptations/{id}/examples/3")).Status);
        Assert.True(Holds(service.Folder, Small.Glyph(0, 1)));
        Assert.False(Holds(service.Folder, Small.Glyph(0, 2)));
    }

    [Fact]
    public async Task A_deleted_adaptation_is_gone_from_answers_and_files()
    {
        await using var service = await RunningService.Start();
        var id = await service.Create(2, 2);
        Assert.True(Holds(service.Folder, Small.Glyph(37, 1)));
        Assert.Equal(204, (await service.Send(HttpMethod.Delete, $"/v1/adaptations/{id}")).Status);
        Assert.False(Holds(service.Folder, Small.Glyph(37, 1)));
        Assert.Equal(404, (await service.Get($"/v1/adaptations/{id}")).Status);
        Assert.Equal(404, (await service.Send(HttpMethod.Delete, $"/v1/adaptations/{id}")).Status);
        Assert.Empty((await service.Get("/v1/adaptations")).Body["adaptations"]!.AsArray());
    }

    [Fact]
    public async Task Adaptations_survive_a_restart_with_every_version_to_the_last_bit()
    {
        var folder = Directory.CreateTempSubdirectory("deutero-service-").FullName;
        string id, first, second;
        await using (var service = await RunningService.Start(folder))
        {
            id = await service.Create(3, 2);
            first = await service.Ask(id);
            await service.Post($"/v1/adaptations/{id}/versions", new Change(RemoveExamples: [2]));
            second = await service.Ask(id);
        }

        await using (var service = await RunningService.Start(folder))
        {
            Assert.Equal(second, await service.Ask(id));
            Assert.Equal(first, await service.Ask(id, version: 1));
            Assert.Single((await service.Get("/v1/adaptations")).Body["adaptations"]!.AsArray());
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_model_is_shown_with_its_contract()
    {
        await using var service = await RunningService.Start();
        var model = Assert.Single((await service.Get("/v1/models")).Body["models"]!.AsArray())!;
        Assert.Equal(("glyphs", "ProtoNet", 0), ((string?)model["name"], (string?)model["learner"], (int)model["ways"]!));
        Assert.Equal([1, 28, 28], model["input"]!["shape"]!.AsArray().Select(side => (int)side!));
        Assert.Equal(model.ToJsonString(), (await service.Get("/v1/models/glyphs")).Body.ToJsonString());
        Assert.Equal(200, (await service.Get("/health/live")).Status);
        Assert.Equal(200, (await service.Get("/health/ready")).Status);
    }

    [Theory]
    [InlineData("", "at $")]
    [InlineData("{", "at $")]
    [InlineData("null", "is null")]
    [InlineData("[]", "at $")]
    [InlineData("{}", "missing")]
    [InlineData("""{"model":"glyphs","classes":[],"extra":1}""", "extra")]
    [InlineData("""{"model":"glyphs","model":"glyphs","classes":[]}""", "model")]
    [InlineData("""{"model":"glyphs","classes":[]}""", "at least 2 classes")]
    [InlineData("""{"model":"glyphs","classes":null}""", "classes")]
    [InlineData("""{"model":"glyphs","classes":[null,null]}""", "Class 1 is null")]
    [InlineData("""{"model":"glyphs","classes":[{"name":"","examples":[]}]}""", "name of class 1")]
    [InlineData("""{"model":"glyphs","classes":[{"name":"a","examples":[]},{"name":"b","examples":[]}]}""", "'a' has no example")]
    [InlineData("""{"model":"glyphs","classes":[{"name":"a","examples":[null]}]}""", "null")]
    [InlineData("""{"model":"glyphs","classes":[{"name":"a","examples":[[1,2]]}]}""", "2 numbers, but this model takes 784")]
    [InlineData("""{"model":"glyphs","classes":[{"name":"a","examples":["not base64!"]}]}""", "$.classes[0].examples[0]")]
    [InlineData("""{"model":"glyphs","classes":[{"name":"a","examples":["AAAA"]}]}""", "neither a PNG nor a JPEG")]
    [InlineData("""{"model":"glyphs","classes":[{"name":"a","examples":[["x"]]}]}""", "nothing but numbers")]
    [InlineData("""{"model":"glyphs","classes":[{"name":"a","examples":[[1e99]]}]}""", "number")]
    [InlineData("""{"model":"glyphs","classes":[],"invert":"perhaps"}""", "invert is 'perhaps'")]
    public async Task A_mistake_is_answered_by_a_problem_document_that_names_it(string body, string said)
    {
        await using var service = await RunningService.Start();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/adaptations") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        var (status, problem) = await service.Send(request);
        Assert.Equal(400, status);
        Assert.Equal((400, "urn:deutero:problem:invalid-request"), ((int)problem["status"]!, (string?)problem["type"]));
        Assert.Contains(said, (string?)problem["detail"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_mistakes_have_a_status_of_their_own()
    {
        await using var service = await RunningService.Start(settings: settings => settings with { MaxBodyBytes = 100_000, MaxItems = 2 });
        var id = await service.Create(2, 1);
        Assert.Equal(404, (await service.Get("/nowhere")).Status);
        Assert.Equal(404, (await service.Get("/v1/models/other")).Status);
        Assert.Equal(404, (await service.Get($"/v1/adaptations/{id}/versions/7")).Status);
        Assert.Equal(404, (await service.Post("/v1/adaptations", new NewAdaptation("other", RunningService.Classes(2, 0, 1)))).Status);
        Assert.Equal(405, (await service.Send(HttpMethod.Put, "/v1/models")).Status);
        Assert.Equal(409, (await service.Post($"/v1/adaptations/{id}/versions", new Change(RemoveExamples: [1], Base: 4))).Status);
        Assert.Equal(400, (await service.Post($"/v1/adaptations/{id}/versions", new Change())).Status);
        Assert.Equal(400, (await service.Post($"/v1/adaptations/{id}/versions", new Change(RemoveExamples: [99]))).Status);
        Assert.Equal(400, (await service.Post($"/v1/adaptations/{id}/predictions", new NewPredictions([.. RunningService.Items(0, 0, 3)]))).Status);
        using var large = new HttpRequestMessage(HttpMethod.Post, "/v1/adaptations")
        {
            Content = new StringContent(new string(' ', 101_000), Encoding.UTF8, "application/json"),
        };
        Assert.Equal(413, (await service.Send(large)).Status);
        using var text = new HttpRequestMessage(HttpMethod.Post, "/v1/adaptations") { Content = new StringContent("{}") };
        Assert.Equal(415, (await service.Send(text)).Status);
    }

    [Fact]
    public async Task A_full_queue_refuses_with_a_time_to_try_again_after()
    {
        await using var service = await RunningService.Start(settings: settings => settings with { Workers = 1, QueueLength = 1 });
        var many = Enumerable.Range(0, 40).Select(async _ =>
        {
            using var content = System.Net.Http.Json.JsonContent.Create(new NewAdaptation("glyphs", RunningService.Classes(10, 0, 5)));
            using var answer = await service.Http.PostAsync(new Uri("/v1/adaptations", UriKind.Relative), content, TestContext.Current.CancellationToken);
            return ((int)answer.StatusCode, answer.Headers.RetryAfter?.Delta?.TotalSeconds);
        }).ToArray();
        var answers = await Task.WhenAll(many);
        Assert.All(answers, answer => Assert.True(answer is (201, null) or (429, 1), $"{answer}"));
        Assert.Contains(answers, answer => answer.Item1 == 429);
        Assert.Equal(answers.Count(answer => answer.Item1 == 201), (await service.Get("/v1/adaptations")).Body["adaptations"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_service_without_a_model_is_not_ready()
    {
        await using var service = await RunningService.Start();
        Assert.True(service.Service.Retire("glyphs"));
        Assert.False(service.Service.Retire("glyphs"));
        Assert.Equal(503, (await service.Get("/health/ready")).Status);
        service.Service.Load(Small.Served("glyphs"));
        Assert.Equal(200, (await service.Get("/health/ready")).Status);
    }

    private static bool Holds(string folder, float[] values)
    {
        var wanted = MemoryMarshal.AsBytes(values.AsSpan(0, 784)[196..392]).ToArray(); // the middle, which has ink; fits in one page
        return Directory.EnumerateFiles(folder).Any(file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content.AsSpan().IndexOf(wanted) >= 0;
        });
    }
}
