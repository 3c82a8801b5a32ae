using System.Net.Http.Headers;
using System.Net.Http.Json;
using Deutero.Client;
using Deutero.Service.Auditing;
using Deutero.Service.Keys;
using Deutero.Service.Web;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Deutero.Service.Tests;

/// <summary>Every route that the service has, found by asking it: a new one is tried because it exists.</summary>
public sealed class IsolationTests : IAsyncLifetime
{
    private const string Secret = "annas-own";

    // What anybody may ask.
    private static readonly string[] s_open = ["GET /health/live", "GET /health/ready", "GET /openapi/{documentName}.json"];

    private readonly string _folder = Directory.CreateTempSubdirectory("deutero-service-").FullName;
    private readonly Dictionary<string, string> _keys = [];
    private RunningService _service = null!;
    private string _id = "";

    public async ValueTask InitializeAsync()
    {
        foreach (var (tenant, name, scopes) in Scopes.All.SelectMany(scope => ((string, string, IReadOnlyList<string>)[])
            [("anna", $"no-{scope}", [.. Scopes.All.Where(other => other != scope)]), ("boris", $"only-{scope}", [scope])]).Append(("anna", "all", Scopes.All)).Append(("boris", "all", Scopes.All)))
        {
            _keys[$"{tenant}/{name}"] = ApiKeys.Create(_folder, tenant, name, scopes, TimeProvider.System);
        }

        _service = await RunningService.Start(_folder);
        var made = await Send("anna/all", HttpMethod.Post, "/v1/adaptations", new NewAdaptation("glyphs", [.. RunningService.Classes(2, 0, 2).Select(one => one with { Name = Secret + one.Name })], Secret));
        _id = (string)made.Body["id"]!;
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Every_route_needs_a_scope_but_the_open_ones() => Assert.Equal(
        s_open, Endpoints().Where(route => route.Scope is null).Select(route => $"{route.Method} {route.Pattern}").Order());

    [Fact]
    public async Task No_route_opens_without_a_key_or_without_its_scope()
    {
        foreach (var (method, pattern, scope, body) in Endpoints().Where(route => route.Scope is not null))
        {
            var path = Path(pattern, _id);
            Assert.Equal(401, (await Send(null, method, path, body)).Status);
            Assert.Equal(401, (await Send("wrong", method, path, body)).Status);
            Assert.Equal((403, pattern), ((await Send($"anna/no-{scope}", method, path, body)).Status, pattern));
            var (status, _) = await Send($"boris/only-{scope}", method, path, body);
            Assert.False(status is 401 or 403 or >= 500, $"{method} {pattern}: {status}");
        }

        await AnnasStateIsWhole();
    }

    [Fact]
    public async Task No_route_shows_changes_or_betrays_anything_of_another_tenant()
    {
        var absent = _id.Replace(_id[0], _id[0] == 'a' ? 'b' : 'a');
        foreach (var (method, pattern, _, body) in Endpoints())
        {
            var (status, answer) = await Send("boris/all", method, Path(pattern, _id), body);
            Assert.DoesNotContain(Secret, answer.ToJsonString(), StringComparison.Ordinal);
            if (!pattern.Contains("{id}", StringComparison.Ordinal))
            {
                Assert.DoesNotContain(_id, answer.ToJsonString(), StringComparison.Ordinal);
                continue;
            }

            Assert.Equal((404, pattern), (status, pattern));
            var (_, ofNothing) = await Send("boris/all", method, Path(pattern, absent), body);
            Assert.Equal(ofNothing.ToJsonString().Replace(absent, _id, StringComparison.Ordinal), answer.ToJsonString());
        }

        await AnnasStateIsWhole();
    }

    // A route that takes a body of another kind fails here until it has a sample.
    private static object Sample(Type type) => type == typeof(NewAdaptation) ? new NewAdaptation("glyphs", RunningService.Classes(2, 0, 1))
        : type == typeof(Change) ? new Change(RemoveExamples: [1])
        : type == typeof(Rollback) ? new Rollback(1)
        : type == typeof(NewPredictions) ? new NewPredictions([.. RunningService.Items(0, 5, 1)])
        : type == typeof(NewExplanation) ? new NewExplanation(RunningService.Items(0, 5, 1).Single())
        : type == typeof(NewModel) ? new NewModel("glyphs")
        : throw new InvalidOperationException($"A route takes {type.Name}: give a sample of it here.");

    private static string Path(string pattern, string id) => pattern
        .Replace("{id}", id, StringComparison.Ordinal).Replace("{version:int}", "1", StringComparison.Ordinal).Replace("{example:long}", "1", StringComparison.Ordinal)
        .Replace("{name}", "glyphs", StringComparison.Ordinal).Replace("{documentName}", "v1", StringComparison.Ordinal) is var path && !path.Contains('{', StringComparison.Ordinal)
        ? path
        : throw new InvalidOperationException($"The route {pattern} has a parameter without a sample here.");

    private List<(HttpMethod Method, string Pattern, string? Scope, object? Body)> Endpoints()
    {
        var routes =
            from endpoint in _service.Service.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            where endpoint.Metadata.GetMetadata<StudioContent>() is null // the page's own files, which hold nothing of anybody
            from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
            let body = endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType
            select (
                HttpMethod.Parse(method), endpoint.RoutePattern.RawText!, endpoint.Metadata.GetMetadata<ScopeNeeded>()?.Scope, body is null ? null : Sample(body));
        var found = routes.ToList();
        Assert.True(found.Count >= 18, $"{found.Count} routes");
        return found;
    }

    private async Task AnnasStateIsWhole()
    {
        var (status, state) = await Send("anna/all", HttpMethod.Get, $"/v1/adaptations/{_id}");
        Assert.Equal((200, 1, 4), (status, (int)state["version"]!, state["classes"]!.AsArray().Sum(one => one!["examples"]!.AsArray().Count)));
        Assert.Single(AuditVerification.Export(_folder, "anna"));
        Assert.Equal(200, (await Send("anna/all", HttpMethod.Get, "/v1/models/glyphs")).Status);
    }

    private async Task<(int Status, System.Text.Json.Nodes.JsonNode Body)> Send(string? who, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType()) };
        request.Headers.Authorization = who is null ? null : new AuthenticationHeaderValue("Bearer", _keys.GetValueOrDefault(who, who));
        return await _service.Send(request);
    }
}
