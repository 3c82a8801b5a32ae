using System.Net;
using Deutero.Client;
using Deutero.Service.Keys;

namespace Deutero.Service.Tests;

public sealed class ClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Teaches_asks_changes_rolls_back_and_deletes()
    {
        await using var service = await RunningService.Start();
        using var client = Client(service);
        Assert.True(await client.IsReady(Cancellation));
        var model = Assert.Single(await client.Models(Cancellation));
        Assert.Equal(model.Version, (await client.Model("glyphs", Cancellation)).Version);

        var made = await client.Create(new("glyphs", RunningService.Classes(3, 0, 2), "letters"), Cancellation);
        Assert.Equal((1, 1, "letters"), (made.Version, made.Current, made.Name));
        Item[] items = [.. RunningService.Items(37, 10, 3)];
        var first = await client.Predict(made.Id, new(items), Cancellation);
        Assert.Equal((made.Id, 1, 3), (first.Adaptation, first.Version, first.Results.Count));
        Assert.All(first.Results, one => Assert.Equal(1, one.Probabilities.Values.Sum(), 1e-9));

        var changed = await client.Change(made.Id, new(RemoveClasses: ["class2"], Base: 1), Cancellation);
        Assert.Equal((2, 2), (changed.Version, changed.Classes.Count));
        Assert.Equal(1, (await client.RollBack(made.Id, 1, Cancellation)).Current);
        Assert.Equal([0, 1], (await client.Versions(made.Id, Cancellation)).Versions.Select(one => one.Parent));
        Assert.Equal(2, (await client.Adaptation(made.Id, 2, Cancellation)).Classes.Count);
        Assert.Equal(first.Results[0].Probabilities, (await client.Predict(made.Id, new(items), Cancellation)).Results[0].Probabilities);
        Assert.Equal(6, (await client.Explain(made.Id, new(items[0]), Cancellation)).Examples.Count);

        await client.DeleteExample(made.Id, 1, Cancellation);
        Assert.Equal([2L, 3, 4, 5, 6], (await client.Adaptation(made.Id, cancellation: Cancellation)).Classes.SelectMany(one => one.Examples).Select(one => one.Id));
        await client.Delete(made.Id, Cancellation);
        var gone = await Assert.ThrowsAsync<DeuteroException>(() => client.Adaptation(made.Id, cancellation: Cancellation));
        Assert.Equal((404, "not-found", gone.Message), (gone.Status, gone.Kind, gone.Detail));
        Assert.Contains(made.Id[..10], gone.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_and_logs_are_read_page_by_page()
    {
        await using var service = await RunningService.Start();
        using var client = Client(service);
        var ids = new List<string>();
        for (var i = 0; i < 101; i++)
        {
            ids.Add((await client.Create(new("glyphs", RunningService.Classes(2, i % 10, 1)), Cancellation)).Id);
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal), await Ids(client));
        var lines = new List<string>();
        await foreach (var line in client.Audit(1, Cancellation))
        {
            lines.Add(line);
        }

        Assert.Equal(Auditing.AuditVerification.Export(service.Folder, "local").Skip(1), lines);
    }

    [Fact]
    public async Task Progress_is_told_and_a_refusal_is_an_exception()
    {
        await using var service = await RunningService.Start(models: Small.Served("glyphs") with { Model = Small.Maml(3) });
        using var client = Client(service);
        var events = await Events(client.WatchCreate(new("glyphs", RunningService.Classes(3, 0, 2)), Cancellation));
        Assert.Equal(["examples", "steps", "steps", "steps", "adapted"], events[..^1].Select(one => one.Progress!.Stage));
        var made = events[^1].Result!;
        var changes = await Events(client.WatchChange(made.Id, new(RemoveExamples: [1]), Cancellation));
        Assert.Equal(2, changes[^1].Result!.Version);
        var refused = await Assert.ThrowsAsync<DeuteroException>(() => Events(client.WatchCreate(new("glyphs", RunningService.Classes(2, 0, 1)), Cancellation)));
        Assert.Equal((400, "invalid-request"), (refused.Status, refused.Kind));
    }

    [Fact]
    public async Task A_key_opens_a_service_that_has_keys()
    {
        var folder = Directory.CreateTempSubdirectory("deutero-service-").FullName;
        var key = ApiKeys.Create(folder, "anna", "laptop", [Scopes.Read], TimeProvider.System);
        await using (var service = await RunningService.Start(folder))
        {
            using var stranger = Client(service);
            Assert.Equal(401, (await Assert.ThrowsAsync<DeuteroException>(() => stranger.Models(Cancellation))).Status);
            using var anna = Client(service, key);
            Assert.Single(await anna.Models(Cancellation));
            Assert.Equal(403, (await Assert.ThrowsAsync<DeuteroException>(() => anna.RetireModel("glyphs", Cancellation))).Status);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_busy_service_is_asked_again_when_it_says_and_as_often_as_wanted()
    {
        using var busy = new Canned(
            (429, "0", Problem), (429, "1", Problem), (200, null, """{"models":[]}"""),
            (429, "0", Problem), (429, "0", Problem),
            (429, "31", Problem));
        using var http = new HttpClient(busy) { BaseAddress = new("http://service/prefix") };
        using var client = new DeuteroClient(http) { Retries = 2 };
        var started = TimeProvider.System.GetTimestamp();
        Assert.Empty(await client.Models(Cancellation));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0.99, 30);
        Assert.Equal("http://service/prefix/v1/models", $"{busy.Asked[^1]}");

        using var impatient = new DeuteroClient(http) { Retries = 1 };
        var refused = await Assert.ThrowsAsync<DeuteroException>(() => impatient.Models(Cancellation));
        Assert.Equal((429, "busy", 5), (refused.Status, refused.Kind, busy.Asked.Count));
        await Assert.ThrowsAsync<DeuteroException>(() => impatient.Models(Cancellation));
        Assert.Equal(6, busy.Asked.Count); // half a minute and more is too long to wait
    }

    [Fact]
    public async Task An_answer_that_is_no_problem_document_is_told_shortened()
    {
        using var proxy = new Canned((502, null, "<html>" + new string('x', 1000)));
        using var http = new HttpClient(proxy) { BaseAddress = new("http://service") };
        using var client = new DeuteroClient(http);
        var refused = await Assert.ThrowsAsync<DeuteroException>(() => client.Models(Cancellation));
        Assert.Equal((502, ""), (refused.Status, refused.Kind));
        Assert.InRange(refused.Detail.Length, 200, 300);
    }

    [Fact]
    public async Task A_cancelled_request_ends_at_once()
    {
        using var busy = new Canned((429, "20", Problem));
        using var http = new HttpClient(busy) { BaseAddress = new("http://service") };
        using var client = new DeuteroClient(http);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.Models(soon.Token));
    }

    [Fact]
    public async Task The_sample_teaches_two_folders_and_names_a_picture()
    {
        var folder = Directory.CreateTempSubdirectory("deutero-sample-").FullName;
        await using (var service = await RunningService.Start())
        {
            foreach (var (name, index) in ((string, int)[])[("alpha", 0), ("beta", 74)])
            {
                Directory.CreateDirectory(Path.Combine(folder, name));
                for (var i = 0; i < 3; i++)
                {
                    await File.WriteAllBytesAsync(Path.Combine(folder, name, $"{i}.png"), Small.Png(index, i), Cancellation);
                }
            }

            await File.WriteAllBytesAsync(Path.Combine(folder, "question.png"), Small.Png(74, 0), Cancellation);
            var (exit, output) = Command.Run(
                Command.Of("Deutero.Samples.Teach"), service.Service.Urls[0], "glyphs", Path.Combine(folder, "alpha"), Path.Combine(folder, "beta"),
                Path.Combine(folder, "question.png"));
            Assert.True(exit == 0, output);
            Assert.Contains("It is beta.", output, StringComparison.Ordinal);
            var (refused, sentence) = Command.Run(Command.Of("Deutero.Samples.Teach"), service.Service.Urls[0], "nothing", Path.Combine(folder, "alpha"), Path.Combine(folder, "beta"), Path.Combine(folder, "question.png"));
            Assert.Equal((1, "There is no model 'nothing'."), (refused, sentence.Trim()));
        }

        Directory.Delete(folder, recursive: true);
    }

    private const string Problem = """{"type":"urn:deutero:problem:busy","title":"The service is busy","status":429,"detail":"As many requests wait as may wait."}""";

    private static DeuteroClient Client(RunningService service, string? key = null) => new(new Uri(service.Service.Urls[0]), key);

    private static async Task<List<string>> Ids(DeuteroClient client)
    {
        var ids = new List<string>();
        await foreach (var one in client.Adaptations(Cancellation))
        {
            ids.Add(one.Id);
        }

        return ids;
    }

    private static async Task<AdaptationEvent[]> Events(IAsyncEnumerable<AdaptationEvent> stream)
    {
        var events = new List<AdaptationEvent>();
        await foreach (var one in stream)
        {
            events.Add(one);
        }

        return [.. events];
    }

    /// <summary>Gives answers that were made beforehand, one after the other.</summary>
    private sealed class Canned(params (int Status, string? RetryAfter, string Body)[] answers) : HttpMessageHandler
    {
        internal List<Uri> Asked { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var (status, wait, body) = answers[Asked.Count];
            Asked.Add(request.RequestUri!);
            var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
            if (wait is not null)
            {
                answer.Headers.Add("Retry-After", wait);
            }

            return Task.FromResult(answer);
        }
    }
}
