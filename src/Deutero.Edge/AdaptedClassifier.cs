using Deutero.Learners;
using Deutero.Torch;

namespace Deutero.Edge;

/// <summary>A model that has learned the classes of one support set. Any number of threads may ask it at the same time.</summary>
public sealed class AdaptedClassifier : IDisposable
{
    private readonly AdaptationModel _model;
    private readonly Predictor _predictor;
    private readonly IReadOnlyList<Tensor> _owned;

    internal AdaptedClassifier(AdaptationModel model, IReadOnlyList<string> classes, Predictor predictor, IReadOnlyList<Tensor> owned) =>
        (_model, Classes, _predictor, _owned) = (model, classes, predictor, owned);

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
    public Prediction Predict(float[] item, double? threshold = null) => Answers.Of(Logits(item), _model.Calibration, threshold);

    internal double[] Logits(float[] item)
    {
        _model.Input.Check(item, "The item");
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        return _predictor(Tensor.From(item, [1, .. _model.Input.ItemShape])).To(DType.Float64).ToArray<double>();
    }

    /// <summary>Frees what was learned.</summary>
    public void Dispose()
    {
        foreach (var tensor in _owned)
        {
            tensor.Dispose();
        }
    }
}
