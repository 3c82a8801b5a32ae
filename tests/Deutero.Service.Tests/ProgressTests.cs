using System.Data.Common;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Deutero.Client;
using Deutero.Service.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Deutero.Service.Tests;

public sealed class ProgressTests
{
    [Fact]
    public async Task An_adaptation_tells_of_its_steps_and_ends_with_its_result()
    {
        await using var service = await RunningService.Start(models: Small.Served("glyphs") with { Model = Small.Maml(3) });
        var events = await Events(service, "/v1/adaptations", new NewAdaptation("glyphs", RunningService.Classes(3, 0, 2)));
        Assert.Equal(
            ["examples 6/6", "steps 1/3", "steps 2/3", "steps 3/3", "adapted 6/6"],
            events[..^1].Select(one => $"{one.Body["stage"]} {one.Body["done"]}/{one.Body["of"]}"));
        Assert.All(events[..^1], one => Assert.Equal("progress", one.Type));
        Assert.Equal("result", events[^1].Type);
        var shown = (await service.Get($"/v1/adaptations/{events[^1].Body["id"]}")).Body;
        Assert.Equal(shown.ToJsonString(), events[^1].Body.ToJsonString());
        var changed = await Events(service, $"/v1/adaptations/{shown["id"]}/versions", new Change(RemoveExamples: [1]));
        Assert.Equal(("result", 2), (changed[^1].Type, (int)changed[^1].Body["version"]!));
    }

    [Fact]
    public async Task What_is_refused_before_it_begins_is_refused_by_its_status()
    {
        await using var service = await RunningService.Start();
        using var request = Request("/v1/adaptations", new NewAdaptation("glyphs", [new("a", [Item.Of([1f, 2])]), new("b", [Item.Of([1f, 2])])]));
        Assert.Equal(400, (await service.Send(request)).Status);
    }

    [Fact]
    public async Task A_support_set_that_the_learner_cannot_take_is_refused_before_the_stream_begins()
    {
        await using var service = await RunningService.Start(models: Small.Served("glyphs") with { Model = Small.Maml(3) });
        using var request = Request("/v1/adaptations", new NewAdaptation("glyphs", RunningService.Classes(2, 0, 1)));
        Assert.Equal(400, (await service.Send(request)).Status);
        Assert.Empty((await service.Get("/v1/adaptations")).Body["adaptations"]!.AsArray());
    }

    [Theory]
    [InlineData("refused", 409, "An example was deleted.")]
    [InlineData("lost", 503, "cannot be reached")]
    [InlineData("defect", 500, "a defect of the service")]
    public async Task What_fails_after_it_began_ends_the_stream_with_a_problem(string failure, int status, string said)
    {
        await using var services = new ServiceCollection().AddLogging().BuildServiceProvider();
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = services, Response = { Body = body } };
        http.Request.Headers.Accept = "text/event-stream";
        var answer = await AdaptationStream.Answer(http, progress =>
        {
            progress!(new("steps", 1, 2));
            return Task.FromException<AdaptationState>(failure switch
            {
                "refused" => ServiceProblem.Conflict("An example was deleted."),
                "lost" => new LostStore(),
                _ => new InvalidOperationException("secret"),
            });
        }, made => made.Id);
        await answer.ExecuteAsync(http);
        body.Position = 0;
        var events = SseParser.Create(body).Enumerate().Select(one => (one.EventType, Body: JsonNode.Parse(one.Data)!)).ToArray();
        Assert.Equal(["progress", "problem"], events.Select(one => one.EventType));
        Assert.Equal(status, (int)events[1].Body["status"]!);
        Assert.Contains(said, (string?)events[1].Body["detail"], StringComparison.Ordinal);
    }

    private sealed class LostStore : DbException
    {
        public override bool IsTransient => true;
    }

    internal static HttpRequestMessage Request(string path, object body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Accept.Add(new("text/event-stream"));
        return request;
    }

    private static async Task<(string Type, JsonNode Body)[]> Events(RunningService service, string path, object body)
    {
        using var request = Request(path, body);
        using var answer = await service.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.MediaType);
        var events = new List<(string, JsonNode)>();
        await foreach (var one in SseParser.Create(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)).EnumerateAsync(TestContext.Current.CancellationToken))
        {
            events.Add((one.EventType, JsonNode.Parse(one.Data)!));
        }

        return [.. events];
    }
}
