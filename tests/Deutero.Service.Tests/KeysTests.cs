using System.Net.Http.Headers;
using System.Net.Http.Json;
using Deutero.Service.Keys;

namespace Deutero.Service.Tests;

public sealed class KeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-service-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

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

    [Theory]
    [InlineData("evil.example", 403)]
    [InlineData("127.0.0.1.evil.example:5080", 403)]
    [InlineData("10.0.0.1", 403)]
    [InlineData("localhost:5080", 200)]
    [InlineData("LOCALHOST", 200)]
    [InlineData("[::1]:5080", 200)]
    [InlineData("127.0.0.1", 200)]
    public async Task A_service_without_keys_answers_to_the_names_of_this_machine_only(string host, int status)
    {
        await using var service = await RunningService.Start(_folder);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Host = host } };
        var (answered, body) = await service.Send(request);
        Assert.Equal(status, answered);
        if (status == 403)
        {
            Assert.Equal("urn:deutero:problem:foreign-host", (string?)body["type"]);
        }
    }

    [Fact]
    public async Task A_service_with_keys_may_have_any_name()
    {
        var key = Key("anna", "a", [Scopes.Read]);
        await using var service = await RunningService.Start(_folder);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Host = "deutero.example", Authorization = new("Bearer", key) } };
        Assert.Equal(200, (await service.Send(request)).Status);
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
