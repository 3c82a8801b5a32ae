using Deutero.Client;
using Deutero.Service.Adaptations;
using Deutero.Service.Keys;
using Deutero.Service.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Deutero.Service.Web;

/// <summary>Shows trainings; changes nothing. Runs belong to the service as models do, so every tenant may see them.</summary>
internal static class RunRoutes
{
    internal static void Map(IEndpointRouteBuilder v1, IRunSource? runs)
    {
        v1.MapGet("/runs", () => new RunList(runs?.List() ?? [])).Needs(Scopes.Read);
        v1.MapGet("/runs/{name}", (string name) => runs?.Find(name) ?? throw NoRun(name)).Needs(Scopes.Read);
        v1.MapGet("/runs/{name}/metrics", (string name, int? after) => runs?.Metrics(name, after ?? 0) ?? throw NoRun(name)).Needs(Scopes.Read);
        v1.MapGet("/runs/{name}/episode", (string name, ulong? seed, string? split, InferenceWorkers workers, HttpContext http) =>
        {
            var test = (split ?? "train") switch
            {
                "train" => false,
                "test" => true,
                var other => throw ServiceProblem.Invalid($"split is '{ItemReader.Shortened(other)}'; train or test was expected."),
            };

            // Opening a run's data takes a while, so that a full queue refuses this as it does adaptations.
            return workers.Run(() => Episode(runs, name, seed ?? 0, test), http.RequestAborted);
        }).Needs(Scopes.Read);
    }

    private static SampledEpisode Episode(IRunSource? runs, string name, ulong seed, bool test)
    {
        try
        {
            return runs?.Episode(name, seed, test) ?? throw NoRun(name);
        }
        catch (Exception mistake) when (mistake is ArgumentException or IOException or InvalidDataException)
        {
            throw ServiceProblem.Conflict(mistake.Message);
        }
    }

    private static ServiceProblem NoRun(string name) => ServiceProblem.NotFound($"There is no run '{ItemReader.Shortened(name)}'.");
}
