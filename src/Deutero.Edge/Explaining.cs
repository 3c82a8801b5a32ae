using Deutero.Torch;

namespace Deutero.Edge;

/// <summary>Finds out why a model answers as it does.</summary>
internal static class Explaining
{
    internal static Explanation Of(AdaptationModel model, IReadOnlyList<SupportClass> support, float[] item, double? threshold, CancellationToken cancellation)
    {
        double[] logits;
        using (var adapted = model.Adapt(support))
        {
            logits = adapted.Logits(item);
        }

        var answer = Answers.Of(logits, model.Calibration, threshold);
        var certainty = Answers.LogProbability(logits, answer.Class, TemperatureOf(model));

        var places = support.SelectMany((one, label) => one.Examples.Select((_, example) => (Class: label, Example: example))).ToArray();
        var influences = places.Select(place =>
        {
            cancellation.ThrowIfCancellationRequested();
            return Influence(model, support, place, item, answer.Class, certainty);
        }).ToArray();
        var features = model.Embedding?.Of([.. support.SelectMany(one => one.Examples), item]);
        ((double X, double Y)[] Points, double Share)? map = features is null ? null : PrincipalComponents.Of(features);
        var examples = places.Select((place, i) => new ExplainedExample(
            place.Class, place.Example, influences[i], features is null ? null : Math.Sqrt(Embedding.Squared(features[i], features[^1])),
            map?.Points[i].X, map?.Points[i].Y));
        return new(answer, [.. examples], map is { } shown ? new(shown.Points[^1].X, shown.Points[^1].Y, shown.Share) : null, Changes(model, support));
    }

    private static double? Influence(
        AdaptationModel model, IReadOnlyList<SupportClass> support, (int Class, int Example) place, float[] item, int answer, double certainty)
    {
        var only = support[place.Class].Examples.Count == 1;
        if (only && (place.Class == answer || model.Ways > 0 || support.Count == 2))
        {
            return null;
        }

        SupportClass[] without = [.. support.Select((one, label) => label != place.Class ? one
            : one with { Examples = [.. one.Examples.Where((_, example) => example != place.Example)] }).Where(one => one.Examples.Count > 0)];
        var label = answer - (only && place.Class < answer ? 1 : 0);
        using var adapted = model.Adapt(without);
        return certainty - Answers.LogProbability(adapted.Logits(item), label, TemperatureOf(model));
    }

    private static double TemperatureOf(AdaptationModel model) => model.Calibration?.Temperature ?? 1;

    private static ParameterChange[]? Changes(AdaptationModel model, IReadOnlyList<SupportClass> support)
    {
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        if (model.Run(support).Adapted is not { } adapted)
        {
            return null;
        }

        static double Norm(Tensor tensor) => Math.Sqrt(tensor.To(DType.Float64).Square().Sum().ToDouble());
        return [.. model.Theta.Where(before => adapted.Contains(before.Key) && adapted[before.Key].Shape.SequenceEqual(before.Value.Shape)).Select(before =>
        {
            var (change, norm) = (Norm(adapted[before.Key] - before.Value), Norm(before.Value));
            return new ParameterChange(before.Key, change, norm > 0 ? change / norm : null);
        })];
    }
}
