using Deutero.Torch;

namespace Deutero.Models;

/// <summary>An architecture as a value: it holds no weights, and its output depends on nothing but the arguments.</summary>
public interface IModel
{
    /// <summary>Where BatchNorm takes its statistics from; null for a model that has none.</summary>
    BatchNormPolicy? BatchNorm { get; }

    /// <summary>The width of what <see cref="Forward"/> returns: of the last linear layer, or of the features where there is none.</summary>
    int OutputWidth { get; }

    /// <summary>Draws initial parameters.</summary>
    /// <param name="random">The only source of randomness.</param>
    /// <returns>Float32 parameters on the processor.</returns>
    Parameters Init(Generator random);

    /// <summary>Applies the model.</summary>
    /// <param name="parameters">Parameters of the names and shapes that <see cref="Init"/> returns.</param>
    /// <param name="inputs">Shape <c>[N, ...item]</c>.</param>
    /// <returns>Shape <c>[N, outputs]</c>; <c>[N, features]</c> for a model without a last linear layer.</returns>
    Tensor Forward(Parameters parameters, Tensor inputs);

    /// <summary>The mean and variance that each BatchNorm layer sees in a batch; empty for a model that has none.</summary>
    /// <param name="parameters">The model's parameters.</param>
    /// <param name="inputs">Shape <c>[N, ...item]</c>.</param>
    Parameters BatchStatistics(Parameters parameters, Tensor inputs);

    /// <summary>The same architecture, normalising by given statistics instead of the batch's own.</summary>
    /// <param name="statistics">What <see cref="BatchStatistics"/> returns, averaged over meta-training.</param>
    IModel WithStatistics(Parameters statistics);

    /// <summary>The same architecture for items of another shape and another number of outputs.</summary>
    /// <param name="itemShape">The shape of one input, for example <c>[C, H, W]</c>.</param>
    /// <param name="outputs">
    /// The width of the last linear layer, whose weight and bias are the last two parameters; 0 leaves it out, so that the model returns the
    /// features that this layer takes.
    /// </param>
    /// <exception cref="ArgumentException">The architecture cannot take such items.</exception>
    IModel WithShape(IReadOnlyList<long> itemShape, int outputs);
}
