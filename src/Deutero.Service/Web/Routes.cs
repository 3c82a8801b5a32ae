using Deutero.Client;
using Deutero.Service.Adaptations;
using Deutero.Service.Models;
using Deutero.Service.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Deutero.Service.Web;

/// <summary>What the service answers to.</summary>
internal static class Routes
{
    private const int PageSize = 100;

    private static readonly Actor s_local = new("local", "local");

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Text("live"));
        routes.MapGet("/health/ready", (ModelRegistry models) => models.All.Count > 0
            ? Results.Text("ready")
            : throw new ServiceProblem(503, "not-ready", "The service is not ready", "No model is loaded."));
        var v1 = routes.MapGroup("/v1");
        v1.MapGet("/models", (ModelRegistry models) => new ModelList([.. models.All.Select(model => model.State)]));
        v1.MapGet("/models/{name}", (string name, ModelRegistry models) =>
            models.All.FirstOrDefault(model => model.Name == name)?.State ?? throw ServiceProblem.NotFound($"There is no model '{ItemReader.Shortened(name)}'."));
        MapAdaptations(v1.MapGroup("/adaptations"));
        v1.MapGet("/audit", Audit);
    }

    private static void MapAdaptations(RouteGroupBuilder routes)
    {
        routes.MapPost("/", async (HttpContext http, AdaptationEngine engine) =>
        {
            var made = await engine.Create(s_local, await RequestBody.Read<NewAdaptation>(http), http.RequestAborted);
            return TypedResults.Created($"/v1/adaptations/{made.Id}", made);
        }).Accepts<NewAdaptation>("application/json");
        routes.MapGet("/", (AdaptationEngine engine, string? after) => engine.List(s_local, after ?? "", PageSize));
        routes.MapGet("/{id}", (string id, AdaptationEngine engine) => engine.Show(s_local, id, version: null));
        routes.MapDelete("/{id}", (string id, AdaptationEngine engine) =>
        {
            engine.Delete(s_local, id);
            return TypedResults.NoContent();
        });
        routes.MapGet("/{id}/versions", (string id, AdaptationEngine engine) => engine.Versions(s_local, id));
        routes.MapGet("/{id}/versions/{version:int}", (string id, int version, AdaptationEngine engine) => engine.Show(s_local, id, version));
        routes.MapPost("/{id}/versions", async (string id, HttpContext http, AdaptationEngine engine) =>
        {
            var made = await engine.Change(s_local, id, await RequestBody.Read<Change>(http), http.RequestAborted);
            return TypedResults.Created($"/v1/adaptations/{id}/versions/{made.Version}", made);
        }).Accepts<Change>("application/json");
        routes.MapPost("/{id}/rollback", async (string id, HttpContext http, AdaptationEngine engine) =>
            await engine.RollBack(s_local, id, await RequestBody.Read<Rollback>(http), http.RequestAborted)).Accepts<Rollback>("application/json");
        routes.MapDelete("/{id}/examples/{example:long}", (string id, long example, AdaptationEngine engine) =>
        {
            engine.Erase(s_local, id, example);
            return TypedResults.NoContent();
        });
        routes.MapPost("/{id}/predictions", async (string id, HttpContext http, AdaptationEngine engine) =>
            await engine.Predict(s_local, id, await RequestBody.Read<NewPredictions>(http), http.RequestAborted)).Accepts<NewPredictions>("application/json");
    }

    private static IResult Audit(AuditLog audit, long? after) =>
        Results.Text(string.Concat(audit.Lines(s_local.Tenant, after ?? 0).Select(line => line + "\n")), "application/jsonl");
}
