using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Deutero.Client;
using Deutero.Service.Models;

namespace Deutero.Service.Tests;

/// <summary>A service on a port of its own, and a client of it.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly bool _ownsFolder;

    private RunningService(AdaptationService service, string folder, bool ownsFolder)
    {
        (Service, Folder, _ownsFolder) = (service, folder, ownsFolder);
        Http = new HttpClient { BaseAddress = new Uri(service.Urls[0]) };
    }

    internal AdaptationService Service { get; }

    internal string Folder { get; }

    internal HttpClient Http { get; }

    internal static async Task<RunningService> Start(
        string? folder = null, Func<ServiceSettings, ServiceSettings>? settings = null, params ServedModel[] models)
    {
        var place = folder ?? Directory.CreateTempSubdirectory("deutero-service-").FullName;
        var basic = new ServiceSettings { Store = place, Urls = ["http://127.0.0.1:0"], Workers = 2 };
        var service = await AdaptationService.Start(
            settings?.Invoke(basic) ?? basic, models.Length > 0 ? models : [Small.Served("glyphs")], TestContext.Current.CancellationToken);
        return new(service, place, folder is null);
    }

    internal async Task<(int Status, JsonNode Body)> Send(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        return await Send(request);
    }

    internal async Task<(int Status, JsonNode Body)> Send(HttpRequestMessage request)
    {
        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        if ((int)answer.StatusCode >= 400)
        {
            Assert.Equal(new MediaTypeHeaderValue("application/problem+json"), answer.Content.Headers.ContentType);
        }

        return ((int)answer.StatusCode, text.Length > 0 && text[0] is '{' or '[' ? JsonNode.Parse(text)! : new JsonObject { ["text"] = text });
    }

    internal Task<(int Status, JsonNode Body)> Post(string path, object body) => Send(HttpMethod.Post, path, body);

    internal Task<(int Status, JsonNode Body)> Get(string path) => Send(HttpMethod.Get, path);

    internal async Task<string> Create(int ways, int shots)
    {
        var (status, body) = await Post("/v1/adaptations", new NewAdaptation("glyphs", Classes(ways, 0, shots)));
        Assert.True(status == 201, body.ToJsonString());
        return (string)body["id"]!;
    }

    /// <summary>The probabilities of some glyphs, as text, so that they are compared to the last bit.</summary>
    internal async Task<string> Ask(string id, int? version = null)
    {
        var (status, body) = await Post($"/v1/adaptations/{id}/predictions", new NewPredictions([.. Items(37, 10, 3)], version));
        Assert.True(status == 200, body.ToJsonString());
        return body["results"]!.ToJsonString();
    }

    internal static ClassExamples[] Classes(int ways, int from, int shots) =>
        [.. Enumerable.Range(0, ways).Select(way => new ClassExamples($"class{way}", [.. Items(37 * way, from, shots)]))];

    internal static IEnumerable<Item> Items(int classIndex, int from, int count) =>
        Enumerable.Range(from, count).Select(item => Item.Of(Small.Glyph(classIndex, item)));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Service.DisposeAsync();
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
