using Deutero.Client;
using Deutero.Service.Adaptations;
using Deutero.Service.Keys;
using Deutero.Service.Models;
using Deutero.Service.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Deutero.Service.Web;

/// <summary>What the service answers to.</summary>
internal static class Routes
{
    private const int PageSize = 100;

    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => Results.Text("live"));
        routes.MapGet("/health/ready", (ModelRegistry models, Database database) => models.All.Count > 0 && database.Read(connection => connection.Rows(_ => true, "SELECT 1")).Count > 0
            ? Results.Text("ready")
            : throw new ServiceProblem(503, "not-ready", "The service is not ready", "No model is loaded."));
        routes.MapGet("/metrics", (PrometheusText metrics) => Results.Text(metrics.ToString(), "text/plain; version=0.0.4")).Needs(Scopes.Metrics);
        routes.MapOpenApi();
        var v1 = routes.MapGroup("/v1");
        v1.MapGet("/models", (ModelRegistry models) => new ModelList([.. models.All.Select(model => model.State)])).Needs(Scopes.Read);
        v1.MapGet("/models/{name}", (string name, ModelRegistry models) =>
            models.All.FirstOrDefault(model => model.Name == name)?.State ?? throw ServiceProblem.NotFound($"There is no model '{ItemReader.Shortened(name)}'.")).Needs(Scopes.Read);
        v1.MapPut("/models/{name}", async (string name, HttpContext http, Actor actor, ModelChanges changes, ServiceSettings settings) =>
        {
            var (state, isNew) = PackageBody.IsSent(http.Request)
                ? await changes.Upload(actor, name, PackageBody.Of(http, settings), http.RequestAborted)
                : await changes.Put(actor, name, await RequestBody.Read<NewModel>(http), http.RequestAborted);
            return isNew ? Results.Created($"/v1/models/{name}", state) : Results.Ok(state);
        }).Accepts<NewModel>("application/json", PackageBody.ContentTypes).AddOpenApiOperationTransformer(PackageBody.Describe)
            .Produces<ModelState>(200).Produces<ModelState>(201).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).Needs(Scopes.Models);
        v1.MapDelete("/models/{name}", async (string name, HttpContext http, Actor actor, ModelChanges changes) =>
        {
            await changes.Retire(actor, name, http.RequestAborted);
            return TypedResults.NoContent();
        }).Needs(Scopes.Models);
        MapAdaptations(v1.MapGroup("/adaptations"));
        v1.MapGet("/audit", Audit).Needs(Scopes.Audit);
        RunRoutes.Map(v1, routes.ServiceProvider.GetRequiredService<ServiceSettings>().Runs);
        StudioRoutes.Map(routes);
    }

    private static void MapAdaptations(RouteGroupBuilder routes)
    {
        routes.MapPost("/", async (HttpContext http, Actor actor, AdaptationEngine engine) =>
        {
            var request = await RequestBody.Read<NewAdaptation>(http);
            return await AdaptationStream.Answer(
                http, progress => engine.Create(actor, request, http.RequestAborted, progress), made => $"/v1/adaptations/{made.Id}");
        }).Produces<AdaptationState>(201).Accepts<NewAdaptation>("application/json").Needs(Scopes.Adapt);
        routes.MapGet("/", (Actor actor, AdaptationEngine engine, string? after) => engine.List(actor, after ?? "", PageSize)).Needs(Scopes.Read);
        routes.MapGet("/{id}", (string id, Actor actor, AdaptationEngine engine) => engine.Show(actor, id, version: null)).Needs(Scopes.Read);
        routes.MapDelete("/{id}", (string id, Actor actor, AdaptationEngine engine) =>
        {
            engine.Delete(actor, id);
            return TypedResults.NoContent();
        }).Needs(Scopes.Delete);
        routes.MapGet("/{id}/versions", (string id, Actor actor, AdaptationEngine engine) => engine.Versions(actor, id)).Needs(Scopes.Read);
        routes.MapGet("/{id}/versions/{version:int}", (string id, int version, Actor actor, AdaptationEngine engine) => engine.Show(actor, id, version)).Needs(Scopes.Read);
        routes.MapPost("/{id}/versions", async (string id, HttpContext http, Actor actor, AdaptationEngine engine) =>
        {
            var request = await RequestBody.Read<Change>(http);
            return await AdaptationStream.Answer(
                http, progress => engine.Change(actor, id, request, http.RequestAborted, progress), made => $"/v1/adaptations/{id}/versions/{made.Version}");
        }).Produces<AdaptationState>(201).Accepts<Change>("application/json").Needs(Scopes.Adapt);
        routes.MapPost("/{id}/rollback", async (string id, HttpContext http, Actor actor, AdaptationEngine engine) =>
            await engine.RollBack(actor, id, await RequestBody.Read<Rollback>(http), http.RequestAborted)).Accepts<Rollback>("application/json").Needs(Scopes.Adapt);
        routes.MapDelete("/{id}/examples/{example:long}", (string id, long example, Actor actor, AdaptationEngine engine) =>
        {
            engine.Erase(actor, id, example);
            return TypedResults.NoContent();
        }).Needs(Scopes.Delete);
        routes.MapPost("/{id}/predictions", async (string id, HttpContext http, Actor actor, AdaptationEngine engine) =>
            await engine.Predict(actor, id, await RequestBody.Read<NewPredictions>(http), http.RequestAborted)).Accepts<NewPredictions>("application/json").Needs(Scopes.Predict);
        routes.MapPost("/{id}/explanations", async (string id, HttpContext http, Actor actor, AnswerExplanations explanations) =>
            await explanations.Explain(actor, id, await RequestBody.Read<NewExplanation>(http), http.RequestAborted)).Accepts<NewExplanation>("application/json").Needs(Scopes.Predict);
    }

    internal static RouteHandlerBuilder Needs(this RouteHandlerBuilder route, string scope) => route.WithMetadata(new ScopeNeeded(scope))
        .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429);

    private static IResult Audit(Actor actor, AuditLog audit, long? after) =>
        Results.Text(string.Concat(audit.Lines(actor.Tenant, after ?? 0).Select(line => line + "\n")), "application/jsonl");
}
