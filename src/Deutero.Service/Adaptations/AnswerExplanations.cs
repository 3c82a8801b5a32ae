using Deutero.Client;
using Deutero.Service.Storage;
using Deutero.Service.Web;

namespace Deutero.Service.Adaptations;

/// <summary>Explains answers: what each example has to do with one, and what the inner loop changed.</summary>
internal sealed class AnswerExplanations(ServiceSettings settings, AdaptationEngine engine)
{
    internal Task<ExplanationState> Explain(Actor actor, string id, NewExplanation request, CancellationToken cancellation)
    {
        var polarity = ItemReader.Polarity(request.Invert);
        var version = engine.Required(actor, id, request.Version);
        var count = version.Classes.Sum(one => one.Examples.Count);
        if (count > settings.MaxExplainedExamples)
        {
            throw ServiceProblem.Invalid(
                $"Version {version.Version} has {count} examples; answers are explained with at most {settings.MaxExplainedExamples}, each of which is left out in turn.");
        }

        return engine.WithModel(version.Model, model =>
        {
            var item = ItemReader.Read(request.Item, model.Model.Input, polarity, "The item");
            var (support, explanation) = Explained(version, () =>
            {
                var support = engine.Support(version, model);
                return (support, model.Model.Explain(support, item, request.Threshold, cancellation));
            });
            var examples = explanation.Examples.Select(one => new ExplainedExampleState(
                version.Classes[one.Class].Examples[one.Example], support[one.Class].Name, one.Influence, one.Distance, one.X, one.Y));
            return new ExplanationState(
                id, version.Version, model.Name, model.Version, AdaptationEngine.Answer([.. support.Select(one => one.Name)], explanation.Prediction),
                [.. examples.OrderBy(one => one.Distance)],
                explanation.Map is { } map ? new(map.X, map.Y, map.Share) : null,
                explanation.Changes?.Select(change => new ParameterChangeState(change.Name, change.Norm, change.Relative)).ToArray());
        }, cancellation);
    }

    private static T Explained<T>(StoredVersion version, Func<T> explain)
    {
        try
        {
            return explain();
        }
        catch (Exception mistake) when (mistake is ArgumentException or ServiceProblem { Status: 400 })
        {
            throw AdaptationEngine.Unfit(version, mistake);
        }
    }
}
