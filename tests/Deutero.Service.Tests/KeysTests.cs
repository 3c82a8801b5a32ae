using System.Net.Http.Headers;
using System.Net.Http.Json;
using Deutero.Client;
using Deutero.Service.Keys;

namespace Deutero.Service.Tests;

public sealed class KeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-service-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task No_route_shows_anything_to_another_tenant_or_without_the_scope()
    {
        var owner = Key("anna", "all", Scopes.All);
        var stranger = Key("boris", "all", Scopes.All);
        await using var service = await RunningService.Start(_folder);
        var made = await Send(service, owner, HttpMethod.Post, "/v1/adaptations", new NewAdaptation("glyphs", RunningService.Classes(2, 0, 1)));
        Assert.Equal(201, made.Status);
        var id = (string)made.Body["id"]!;
        var items = new NewPredictions([.. RunningService.Items(0, 5, 1)]);
        (HttpMethod Method, string Path, object? Body, string Scope, bool Owned)[] routes =
        [
            (HttpMethod.Get, "/v1/models", null, Scopes.Read, false),
            (HttpMethod.Get, "/v1/models/glyphs", null, Scopes.Read, false),
            (HttpMethod.Get, "/v1/adaptations", null, Scopes.Read, false),
            (HttpMethod.Post, "/v1/adaptations", new NewAdaptation("glyphs", RunningService.Classes(2, 0, 1)), Scopes.Adapt, false),
            (HttpMethod.Get, "/v1/audit", null, Scopes.Audit, false),
            (HttpMethod.Get, "/v1/runs", null, Scopes.Read, false),
            (HttpMethod.Get, "/v1/runs/first", null, Scopes.Read, false),
            (HttpMethod.Get, "/v1/runs/first/metrics", null, Scopes.Read, false),
            (HttpMethod.Get, "/v1/runs/first/episode", null, Scopes.Read, false),
            (HttpMethod.Get, $"/v1/adaptations/{id}", null, Scopes.Read, true),
            (HttpMethod.Get, $"/v1/adaptations/{id}/versions", null, Scopes.Read, true),
            (HttpMethod.Get, $"/v1/adaptations/{id}/versions/1", null, Scopes.Read, true),
            (HttpMethod.Post, $"/v1/adaptations/{id}/versions", new Change(RemoveExamples: [1]), Scopes.Adapt, true),
            (HttpMethod.Post, $"/v1/adaptations/{id}/rollback", new Rollback(1), Scopes.Adapt, true),
            (HttpMethod.Post, $"/v1/adaptations/{id}/predictions", items, Scopes.Predict, true),
            (HttpMethod.Delete, $"/v1/adaptations/{id}/examples/1", null, Scopes.Delete, true),
            (HttpMethod.Delete, $"/v1/adaptations/{id}", null, Scopes.Delete, true),
        ];
        var lacking = Scopes.All.ToDictionary(scope => scope, scope => Key("anna", $"no-{scope}", [.. Scopes.All.Where(other => other != scope)]));
        var absent = id.Replace(id[0], id[0] == 'a' ? 'b' : 'a');
        foreach (var (method, path, body, scope, owned) in routes)
        {
            Assert.Equal(401, (await Send(service, null, method, path, body)).Status);
            Assert.Equal(401, (await Send(service, "dtr_wrong", method, path, body)).Status);
            Assert.Equal(403, (await Send(service, lacking[scope], method, path, body)).Status);
            if (owned)
            {
                var (status, refusal) = await Send(service, stranger, method, path, body);
                var (_, ofNothing) = await Send(service, stranger, method, path.Replace(id, absent, StringComparison.Ordinal), body);
                Assert.Equal(404, status);
                Assert.Equal(ofNothing.ToJsonString().Replace(absent, id, StringComparison.Ordinal), refusal.ToJsonString()); // as if there were none
            }
        }

        Assert.DoesNotContain((await Send(service, stranger, HttpMethod.Get, "/v1/adaptations")).Body["adaptations"]!.AsArray(), one => (string)one!["id"]! == id);
        Assert.Equal("{\"text\":\"\"}", (await Send(service, stranger, HttpMethod.Get, "/v1/audit")).Body.ToJsonString());
        Assert.Equal(200, (await Send(service, owner, HttpMethod.Post, $"/v1/adaptations/{id}/predictions", items)).Status);
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once_and_no_key_is_stored()
    {
        var key = Key("anna", "laptop", [Scopes.Read]);
        Assert.Equal(["anna laptop read"], ApiKeys.List(_folder).Select(one => $"{one.Tenant} {one.Name} {string.Join(',', one.Scopes)}"));
        await using var service = await RunningService.Start(_folder);
        Assert.Equal(200, (await Send(service, key, HttpMethod.Get, "/v1/models")).Status);
        Assert.True(ApiKeys.Revoke(_folder, "anna", "laptop"));
        Assert.False(ApiKeys.Revoke(_folder, "anna", "laptop"));
        Assert.Equal(401, (await Send(service, key, HttpMethod.Get, "/v1/models")).Status);
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder), file =>
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            return reader.ReadToEnd().Contains(key[4..], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Keys_that_make_no_sense_are_refused()
    {
        Key("anna", "laptop", [Scopes.Read]);
        Assert.Contains("already", Assert.Throws<ArgumentException>(() => Key("anna", "laptop", [Scopes.Read])).Message, StringComparison.Ordinal);
        Assert.Contains("'all'", Assert.Throws<ArgumentException>(() => Key("anna", "other", ["all"])).Message, StringComparison.Ordinal);
        Assert.Contains("tenant", Assert.Throws<ArgumentException>(() => Key("a b", "other", [Scopes.Read])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_others_can_reach_does_not_start_without_a_key()
    {
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => RunningService.Start(_folder, settings => settings with { Urls = ["http://0.0.0.0:0"] }));
        Assert.Contains("deutero keys create", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tenant_that_asks_too_often_is_told_when_to_try_again_and_others_are_not_held_up()
    {
        var (anna, boris) = (Key("anna", "a", [Scopes.Read]), Key("boris", "b", [Scopes.Read]));
        await using var service = await RunningService.Start(_folder, settings => settings with { RequestsPerSecond = 2 });
        var statuses = new List<int>();
        for (var i = 0; i < 12; i++)
        {
            statuses.Add((await Send(service, anna, HttpMethod.Get, "/v1/models")).Status);
        }

        Assert.Equal(200, statuses[0]);
        Assert.Contains(429, statuses);
        Assert.Equal(200, (await Send(service, boris, HttpMethod.Get, "/v1/models")).Status);
    }

    [Fact]
    public async Task Answers_have_secure_headers_and_the_document_lists_every_route()
    {
        await using var service = await RunningService.Start();
        foreach (var path in (string[])["/v1/models", "/nowhere"])
        {
            using var answer = await service.Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
            Assert.False(answer.Headers.Contains("Server"));
        }

        var document = (await service.Get("/openapi/v1.json")).Body;
        string[] paths = [.. document["paths"]!.AsObject().Select(pair => pair.Key.TrimEnd('/'))];
        Assert.Contains("/v1/adaptations/{id}/predictions", paths);
        Assert.Contains("/v1/adaptations", paths);
        Assert.NotNull(document["paths"]!["/v1/adaptations/{id}/predictions"]!["post"]!["requestBody"]);
    }

    private string Key(string tenant, string name, IReadOnlyList<string> scopes) => ApiKeys.Create(_folder, tenant, name, scopes, TimeProvider.System);

    private static async Task<(int Status, System.Text.Json.Nodes.JsonNode Body)> Send(
        RunningService service, string? key, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return await service.Send(request);
    }
}
