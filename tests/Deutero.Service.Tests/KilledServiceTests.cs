using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Deutero.Client;
using Deutero.Service.Auditing;

namespace Deutero.Service.Tests;

/// <summary>The command as a process of its own, killed while it writes, and asked to end while it works.</summary>
[Collection(nameof(Alone))]
public sealed class KilledServiceTests(PostgresServer server) : IDisposable
{
    // What is done to an adaptation, in order; each adaptation is taken one to four of these steps far.
    private static readonly string[] s_steps = ["adaptation.create", "adaptation.change", "example.delete", "adaptation.delete"];

    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-service-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false, 4)]
    [InlineData(true, 3)]
    public async Task What_was_answered_is_there_after_kill_9_and_nothing_is_there_by_half(bool postgres, int usual)
    {
        var store = postgres ? server.Database() : Path.Combine(_folder, "store");
        Train();
        var lives = new ConcurrentBag<Life>();
        var kills = Figure.Of("DEUTERO_KILLS", usual);
        for (var kill = 0; kill < kills; kill++)
        {
            using var process = Serve(store, out var url);
            using var http = new HttpClient { BaseAddress = url };
            using var timer = new Timer(_ => process.Kill());
            var first = 0;
            void OnAnswer()
            {
                if (Interlocked.Exchange(ref first, 1) == 0)
                {
                    timer.Change(37 * kill % 150, Timeout.Infinite);
                }
            }

            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => LiveUntilItDies(http, lives, OnAnswer)));
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(137, process.ExitCode);
            Assert.Null(Assert.Single(AuditVerification.OfStore(store)).Mistake);
        }

        using var last = Serve(store, out var address);
        using var client = new HttpClient { BaseAddress = address };
        var reported = AuditVerification.Export(store, "local").Select(line => JsonNode.Parse(line)!).ToLookup(line => (string)line["adaptation"]!, line => (string)line["action"]!);
        var cut = 0;
        foreach (var life in lives)
        {
            var found = await StepsOf(client, life.Id);
            Assert.InRange(found, life.Acknowledged, life.Asked);
            Assert.Equal(s_steps[..found], reported[life.Id]);
            cut += life.Asked > life.Acknowledged ? 1 : 0;
        }

        // Adaptations whose creation was not answered any more: whole, and in the log, or not there at all.
        var known = lives.Select(life => life.Id).ToHashSet();
        foreach (var lines in reported.Where(lines => !known.Contains(lines.Key)))
        {
            Assert.Equal(1, await StepsOf(client, lines.Key));
            Assert.Equal(s_steps[..1], lines);
            cut++;
        }

        TestContext.Current.SendDiagnosticMessage($"{kills} kills{(postgres ? " on PostgreSQL" : "")}, {lives.Count} adaptations, {reported.Sum(lines => lines.Count())} changes, {cut} cut off");
        await Command.End(last);
    }

    [Fact]
    public async Task A_service_that_is_asked_to_end_answers_what_runs_and_what_waits()
    {
        Train();
        using var process = Serve(Path.Combine(_folder, "store"), out var url);
        using var http = new HttpClient { BaseAddress = url };
        var made = await Sent(http, HttpMethod.Post, "/v1/adaptations", new NewAdaptation("run", RunningService.Classes(10, 0, 20)));
        var asked = Enumerable.Range(0, 2 + (2 * Environment.ProcessorCount)).Select(_ => http.PostAsJsonAsync(
            $"/v1/adaptations/{made!["id"]}/predictions", new NewPredictions([.. RunningService.Items(0, 0, 20), .. RunningService.Items(37, 0, 20), .. RunningService.Items(74, 0, 20)]),
            TestContext.Current.CancellationToken)).ToArray();
        while (!(await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken)).Contains($"deutero_queue_waiting {2 + Environment.ProcessorCount}", StringComparison.Ordinal))
        {
            Assert.DoesNotContain(asked, one => one.IsCompleted);
        }

        await Command.End(process);
        foreach (var answer in await Task.WhenAll(asked))
        {
            Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
            answer.Dispose();
        }
    }

    private static async Task LiveUntilItDies(HttpClient http, ConcurrentBag<Life> lives, Action onAnswer)
    {
        for (var goal = 1; ; goal = (goal % s_steps.Length) + 1)
        {
            if (await Try(http, HttpMethod.Post, "/v1/adaptations", new NewAdaptation("run", RunningService.Classes(2, 0, 2))) is not { } made)
            {
                return;
            }

            var life = new Life((string)made["id"]!) { Asked = 1, Acknowledged = 1 };
            lives.Add(life);
            onAnswer();
            for (life.Asked = 2; life.Asked <= goal; life.Asked++)
            {
                var (method, path, body) = life.Asked switch
                {
                    2 => (HttpMethod.Post, "/versions", new Change([new("class0", [.. RunningService.Items(0, 3, 1)])])),
                    3 => (HttpMethod.Delete, "/examples/1", null),
                    _ => (HttpMethod.Delete, "", (object?)null),
                };
                if (await Try(http, method, $"/v1/adaptations/{life.Id}{path}", body) is null)
                {
                    return;
                }

                life.Acknowledged = life.Asked;
            }

            life.Asked = life.Acknowledged;
        }
    }

    // How many steps an adaptation has taken; anything between two steps fails.
    private static async Task<int> StepsOf(HttpClient http, string id)
    {
        using var answer = await http.GetAsync(new Uri($"/v1/adaptations/{id}/versions", UriKind.Relative), TestContext.Current.CancellationToken);
        if (answer.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return s_steps.Length;
        }

        var versions = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        var examples = string.Join(",", versions["versions"]!.AsArray().Select(version => (int)version!["examples"]!));
        var predictions = await Sent(http, HttpMethod.Post, $"/v1/adaptations/{id}/predictions", new NewPredictions([.. RunningService.Items(0, 5, 1)]));
        Assert.Equal((int)versions["current"]!, (int)predictions!["version"]!);
        return (examples, (int)versions["current"]!) switch
        {
            ("4", 1) => 1,
            ("4,5", 2) => 2,
            ("3,4", 2) => 3,
            var other => throw new InvalidOperationException($"Adaptation {id} was changed by half: {other}."),
        };
    }

    private static async Task<JsonNode?> Try(HttpClient http, HttpMethod method, string path, object? body)
    {
        try
        {
            return await Sent(http, method, path, body);
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException)
        {
            return null;
        }
    }

    private static async Task<JsonNode?> Sent(HttpClient http, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType()) };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text);
    }

    private void Train() => Command.Train(Path.Combine(_folder, "run"));

    private Process Serve(string store, out Uri url) => Command.Serve(store, out url, "--model", Path.Combine(_folder, "run"));

    /// <summary>An adaptation, how many steps were answered, and how many were asked for.</summary>
    private sealed class Life(string id)
    {
        internal string Id => id;

        internal int Acknowledged { get; set; }

        internal int Asked { get; set; }
    }
}
