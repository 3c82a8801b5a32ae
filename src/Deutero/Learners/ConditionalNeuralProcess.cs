using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Conditional neural processes: a network reads the points of a context, the mean of what it says of them conditions another, which predicts at any target.</summary>
/// <remarks>
/// <para>With r the mean over the context of an encoder of (f(x), y), a decoder of (f(x*), r) gives the mean and the deviation of y*. The outer loop
/// descends along the gradient of the negative log-likelihood of all points of the episode, the context among them, or of the cross-entropy of the queries.</para>
/// <para>The examples of a class are a context of their own, with values of 1, and the mean that is predicted is the logit of the class. <b>Differs from the
/// paper:</b> its decoder of images reads the representations of all classes side by side, in the order of their labels, where this one scores
/// one class at a time and serves any number of them.</para>
/// </remarks>
[Paper("Garnelo, Rosenbaum, Maddison, Ramalho, Saxton, Shanahan, Teh, Rezende and Eslami: Conditional Neural Processes", "ICML 2018", "https://arxiv.org/abs/1807.01613")]
[NotAGradient("∇ of the cross-entropy of the queries, in regression ∇ −mean log N(y | μ, σ) over all points of the episode")]
public sealed record ConditionalNeuralProcess : IMetaLearner
{
    /// <summary>The width of hidden layers and of the representation, at least 1; default 128, the authors'.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 128;

    /// <summary>Linear layers of an encoder, at least 1; default 4, the authors'.</summary>
    public int EncoderLayers { get; init => field = Setting.AtLeast(value, 1, nameof(EncoderLayers)); } = 4;

    /// <summary>Linear layers of the decoder, at least 1; default 3, the authors'.</summary>
    public int DecoderLayers { get; init => field = Setting.AtLeast(value, 1, nameof(DecoderLayers)); } = 3;

    /// <summary>The values that a regression predicts at a point, at least 1; default 1, which classification needs.</summary>
    public int Outputs { get; init => field = Setting.AtLeast(value, 1, nameof(Outputs)); } = 1;

    /// <summary>The least deviation of a prediction, at least 0 and below 1; default 0.1, the authors'. It bounds the likelihood.</summary>
    public double Floor { get; init => field = Setting.Fraction(value, nameof(Floor)); } = 0.1;

    private NeuralProcess Process => new(Width, EncoderLayers, DecoderLayers, Outputs, Floor);

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => Process.Init(model, random);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The targets do not have <see cref="Outputs"/> values, or those of classes more than one.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) => Process.Adapt(model, theta, support);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The targets do not have <see cref="Outputs"/> values, or those of classes more than one.</exception>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) => Process.MetaGradient(model, theta, episode, random);

    /// <summary>The predictive distribution of a regression: means and standard deviations of independent Gaussians, shape <c>[M, outputs]</c> both.</summary>
    /// <param name="model">The architecture.</param>
    /// <param name="theta">The meta-parameters.</param>
    /// <param name="support">The context.</param>
    /// <param name="inputs">Shape <c>[M, ...item]</c>.</param>
    /// <returns>In a classification the means are logits, <c>[M, N]</c>, and the deviations mean nothing.</returns>
    /// <exception cref="ArgumentException">The targets do not have <see cref="Outputs"/> values, or those of classes more than one.</exception>
    public (Tensor Mean, Tensor Deviation) Distribution(IModel model, Parameters theta, Examples support, Tensor inputs) =>
        Process.Distribution(model, theta, support, inputs);
}
