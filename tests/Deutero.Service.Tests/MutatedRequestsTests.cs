using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Deutero.Client;
using Deutero.Torch;

namespace Deutero.Service.Tests;

/// <summary>Right requests with wrong bytes in their bodies, paths and headers.</summary>
[Collection(nameof(Alone))]
public sealed class MutatedRequestsTests(PostgresServer server)
{
    private const int Longest = 400;

    private static readonly byte[][] s_fragments = [.. ((string[])
    [
        "null", "[]", "{}", "\"", "\\u0000", "\\ud800", "-1", "1e999", "9223372036854775808", "NaN", "[[[[[[[[[[[[[[[[[[[[", "{\"a\":", ",", "\r\n", "%00", "../", "';--",
        "data:image/png;base64,", "AAAA", "true", "\u00ff", "\u202e", "0x", "\t", "//", "?version=1",
    ]).Select(Encoding.UTF8.GetBytes)];

    private static readonly string[] s_headers =
        ["Content-Type", "Accept", "Authorization", "Content-Encoding", "Accept-Encoding", "If-Match", "Range", "Origin", "Cookie", "Expect", "X-Forwarded-For", "traceparent"];

    [Theory]
    [InlineData(false, 600)]
    [InlineData(true, 200)]
    public async Task Whatever_is_sent_is_answered_by_a_problem_document_and_never_by_a_failure(bool postgres, int usual)
    {
        var count = Figure.Of("DEUTERO_MUTATIONS", usual);
        await using var service = await RunningService.Start(postgres ? server.Database() : null, settings => settings with { RequestsPerSecond = 1_000_000, MaxBodyBytes = 1 << 20 });
        var id = await service.Create(2, 2);
        var valid = Valid(id);
        using var http = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1 }) { BaseAddress = service.Http.BaseAddress };
        using var random = Generator.Seed(20_000);
        var statuses = new SortedDictionary<int, int>();
        var resident = 0L;
        for (var i = 0; i < count; i++)
        {
            var (method, path, body) = valid[Below(random, valid.Length)];
            using var request = Mutated(random, method, path, body);
            var sent = $"{i}: {request.Method} {request.RequestUri}";
            var (status, text, type) = await Answer(http, request);
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            Assert.True(status is >= 200 and < 300 or >= 400 and < 500, $"{sent}: {status} {text}");
            if (status >= 400)
            {
                Assert.True(type == "application/problem+json", $"{sent}: {status} {type}");
                Assert.Equal(status, (int)JsonNode.Parse(text)!["status"]!);
            }

            resident = i == count / 5 ? Environment.WorkingSet : resident;
        }

        var growth = (Environment.WorkingSet - resident) / 1e6;
        TestContext.Current.SendDiagnosticMessage($"{count} mutated requests{(postgres ? " on PostgreSQL" : "")}: {string.Join(", ", statuses.Select(pair => $"{pair.Value} x {pair.Key}"))}; {growth:F0} MB");
        Assert.True(growth < 60, $"{growth:F0} MB more");
        Assert.True(statuses.Where(pair => pair.Key >= 400).Sum(pair => pair.Value) > count / 2);
        Assert.Equal(200, (await service.Get($"/v1/adaptations/{id}")).Status);
    }

    [Fact]
    public async Task What_is_no_HTTP_is_refused_without_a_failure()
    {
        await using var service = await RunningService.Start();
        using var random = Generator.Seed(1);
        var right = Encoding.ASCII.GetBytes("POST /v1/adaptations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        for (var i = 0; i < Figure.Of("DEUTERO_MUTATIONS", 600) / 20; i++)
        {
            using var socket = new System.Net.Sockets.TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, service.Http.BaseAddress!.Port, TestContext.Current.CancellationToken);
            socket.ReceiveTimeout = 500;
            var stream = socket.GetStream();
            await stream.WriteAsync(Mutated(random, right), TestContext.Current.CancellationToken);
            socket.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            var answer = await AnswerOf(stream);
            Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 4", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 505", StringComparison.Ordinal), answer);
        }

        Assert.Equal(200, (await service.Get("/health/ready")).Status);
    }

    private static async Task<string> AnswerOf(Stream stream)
    {
        try
        {
            return await new StreamReader(stream, Encoding.Latin1).ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            return ""; // the service closed the connection
        }
    }

    private static (HttpMethod Method, string Path, byte[]? Body)[] Valid(string id)
    {
        static byte[] Json(object body) => JsonContent.Create(body, body.GetType()).ReadAsByteArrayAsync().GetAwaiter().GetResult();
        var png = Item.Of(new Deutero.Torch.Imaging.Image(28, 28, 1, [.. Small.Glyph(0, 0).Select(value => (byte)(255 * value))]).EncodePng());
        return
        [
            (HttpMethod.Post, "/v1/adaptations", Json(new NewAdaptation("glyphs", [new("a", [png]), new("b", [png])], "name"))),
            (HttpMethod.Post, $"/v1/adaptations/{id}/versions", Json(new Change([new("c", [png])], [1], ["class1"], 1))),
            (HttpMethod.Post, $"/v1/adaptations/{id}/rollback", Json(new Rollback(1))),
            (HttpMethod.Post, $"/v1/adaptations/{id}/predictions", Json(new NewPredictions([png], 1))),
            (HttpMethod.Post, $"/v1/adaptations/{id}/explanations", Json(new NewExplanation(png, 1))),
            (HttpMethod.Post, $"/v1/adaptations/{id}/predictions", Json(new NewPredictions([Item.Of("Ünïcode"), Item.Row(("size", 1.5), ("colour", "red"))]))),
            (HttpMethod.Put, "/v1/models/glyphs", Json(new NewModel("glyphs"))),
            (HttpMethod.Get, $"/v1/adaptations/{id}/versions/1", null),
            (HttpMethod.Get, $"/v1/adaptations?after={id}", null),
            (HttpMethod.Get, "/v1/audit?after=1", null),
            (HttpMethod.Get, "/v1/runs/first/metrics?after=1", null),
            (HttpMethod.Get, "/v1/runs/first/episode?seed=1&split=test", null),
            (HttpMethod.Delete, $"/v1/adaptations/{id}/examples/99", null),
        ];
    }

    private static HttpRequestMessage Mutated(Generator random, HttpMethod method, string path, byte[]? body)
    {
        var bent = body is null || Below(random, 4) == 0 ? path + Uri.EscapeDataString(Encoding.Latin1.GetString(s_fragments[Below(random, s_fragments.Length)])) : path;
        var request = new HttpRequestMessage(Below(random, 20) == 0 ? HttpMethod.Patch : method, bent);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Mutated(random, body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        if (Below(random, 3) == 0)
        {
            var name = s_headers[Below(random, s_headers.Length)];
            var value = string.Concat(Mutated(random, Encoding.ASCII.GetBytes("application/json; charset=utf-8")).Select(one => one is < 32 or 127 ? ' ' : (char)one)); // others are no HTTP
            if (name.StartsWith("Content-", StringComparison.Ordinal))
            {
                request.Content?.Headers.Remove(name);
            }

            _ = request.Headers.TryAddWithoutValidation(name, value) || (request.Content?.Headers.TryAddWithoutValidation(name, value) ?? false);
        }

        return request;
    }

    private static byte[] Mutated(Generator random, byte[] right)
    {
        var bytes = right.ToList();
        for (var changes = 1 + Below(random, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            var place = Below(random, bytes.Count);
            switch (Below(random, 5))
            {
                case 0:
                    bytes[place] = (byte)Below(random, 256);
                    break;
                case 1:
                    bytes.RemoveRange(place, Math.Min(bytes.Count - place, 1 + Below(random, Longest)));
                    break;
                case 2:
                    bytes.InsertRange(place, s_fragments[Below(random, s_fragments.Length)]);
                    break;
                case 3:
                    bytes.InsertRange(place, bytes[..Math.Min(bytes.Count, Longest)]);
                    break;
                default:
                    bytes[place] ^= (byte)(1 << Below(random, 8));
                    break;
            }
        }

        return [.. bytes];
    }

    private static int Below(Generator random, int count) => random.Next(count);

    private static async Task<(int Status, string Text, string? Type)> Answer(HttpClient http, HttpRequestMessage request)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var answer = await http.SendAsync(request, limit.Token);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(limit.Token), answer.Content.Headers.ContentType?.MediaType);
    }
}
