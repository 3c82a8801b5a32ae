using Deutero.Learners;
using Deutero.Torch;

namespace Deutero.Edge;

/// <summary>A model that has learned the classes of one support set. Any number of threads may ask it at the same time.</summary>
public sealed class AdaptedClassifier : IDisposable
{
    // Beyond this a pass takes more memory and is no faster.
    private const int LargestPass = 64;

    private readonly Predictor _predictor;
    private readonly IReadOnlyList<Tensor> _owned;

    internal AdaptedClassifier(AdaptationModel model, IReadOnlyList<string> classes, Predictor predictor, IReadOnlyList<Tensor> owned) =>
        (Model, Classes, _predictor, _owned) = (model, classes, predictor, owned);

    /// <summary>The model that was adapted.</summary>
    public AdaptationModel Model { get; }

    /// <summary>The names of the classes, in the order of the support set.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Classifies one item. A prediction depends on nothing but the support set and the item.</summary>
    /// <param name="item">As many numbers as the model's <see cref="InputContract.ItemSize"/>.</param>
    /// <param name="threshold">
    /// The score below which the item is none of the classes, in place of the one that the model's <see cref="AdaptationModel.Calibration"/> has; without a
    /// calibration, scores are probabilities.
    /// </param>
    /// <exception cref="ArgumentException">The item does not fit the model.</exception>
    /// <exception cref="ObjectDisposedException">The classifier or its model was disposed.</exception>
    public Prediction Predict(float[] item, double? threshold = null)
    {
        var answer = Predict([(this, item)])[0];
        return threshold is { } least ? answer with { Abstained = answer.Score < least } : answer;
    }

    /// <summary>
    /// Classifies items by classifiers of one model, in as few passes as do not change a prediction: one where the model keeps items apart
    /// (<see cref="AdaptationModel.ItemsApart"/>) and embeds them the same way for all classifiers, else one for each classifier, or for each item.
    /// </summary>
    /// <param name="asked">Classifiers of one model, each with an item as long as the model's <see cref="InputContract.ItemSize"/>.</param>
    /// <returns>One prediction for each item: that of the item alone, to within rounding.</returns>
    /// <exception cref="ArgumentException">An item does not fit the model, or the classifiers are of several models.</exception>
    /// <exception cref="ObjectDisposedException">A classifier or the model was disposed.</exception>
    public static IReadOnlyList<Prediction> Predict(IReadOnlyList<(AdaptedClassifier Classifier, float[] Item)> asked)
    {
        if (asked.Count == 0)
        {
            return [];
        }

        var model = asked[0].Classifier.Model;
        for (var i = 0; i < asked.Count; i++)
        {
            if (asked[i].Classifier.Model != model)
            {
                throw new ArgumentException("The classifiers are of several models; one pass goes through one model.");
            }

            model.Input.Check(asked[i].Item, asked.Count == 1 ? "The item" : $"Item {i + 1}");
        }

        var answers = new Prediction[asked.Count];
        var passes = Enumerable.Range(0, asked.Count).GroupBy(i => model.SharesEmbedding ? model : (object)asked[i].Classifier);
        foreach (var pass in passes.SelectMany(group => group.Chunk(model.ItemsApart ? LargestPass : 1)))
        {
            using var scope = new TensorScope();
            using var noGrad = Autograd.NoGrad();
            float[] values = pass.Length == 1 ? asked[pass[0]].Item : [.. pass.SelectMany(i => asked[i].Item)];
            var logits = Logits([.. pass.Select(i => asked[i].Classifier)], Tensor.From(values, [pass.Length, .. model.Input.ItemShape]));
            for (var row = 0; row < pass.Length; row++)
            {
                answers[pass[row]] = Answers.Of(logits[row].To(DType.Float64).ToArray<double>(), model.Calibration, threshold: null);
            }
        }

        return answers;
    }

    // Uncalibrated: what a calibration is learned from.
    internal double[] Logits(float[] item)
    {
        Model.Input.Check(item, "The item");
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        return Logits([this], Tensor.From(item, [1, .. Model.Input.ItemShape]))[0].To(DType.Float64).ToArray<double>();
    }

    /// <summary>Frees what was learned.</summary>
    public void Dispose()
    {
        foreach (var tensor in _owned)
        {
            tensor.Dispose();
        }
    }

    // Heads get one row at a time: a product of several rows rounds otherwise than one of one row.
    private static Tensor[] Logits(AdaptedClassifier[] classifiers, Tensor items)
    {
        if (classifiers[0]._predictor.Target is FeaturePredictor first)
        {
            var features = first.Embed(items);
            return [.. classifiers.Select((one, row) => ((FeaturePredictor)one._predictor.Target!).Head(features.Narrow(0, row, 1)))];
        }

        var together = classifiers[0]._predictor(items);
        return [.. classifiers.Select((_, row) => together.Narrow(0, row, 1))];
    }
}
