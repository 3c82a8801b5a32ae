using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Neural processes: a conditional neural process with latent variables, so that it has a distribution over functions rather than over values.</summary>
/// <remarks>
/// <para>q(z | set) is Gaussian, its moments computed from the mean over the set of a second encoder of (f(x), y). The outer loop descends along the
/// gradient of −log p(y | x, r, z) + KL(q(z | all points) || q(z | context)) / points, with one z drawn from the first. Predictions have the
/// mean of q(z | context).</para>
/// <para>The examples of a class are a context of their own, with values of 1, and latent variables of their own; the mean that is predicted is the
/// logit of the class. <b>Differs from the paper:</b> the decoder sees the deterministic representation r beside z, as in the authors' later program.</para>
/// </remarks>
[Paper("Garnelo, Schwarz, Rosenbaum, Viola, Rezende, Eslami and Teh: Neural Processes", "ICML Workshop 2018", "https://arxiv.org/abs/1807.01622")]
[NotAGradient("∇ of −log p(y | x, r, z) + KL(q(z | all points) || q(z | context)) / points, of classes the cross-entropy of the queries + KL / queries")]
public sealed record LatentNeuralProcess : IMetaLearner
{
    /// <summary>The width of hidden layers and of the representation, at least 1; default 128, the authors'.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 128;

    /// <summary>Linear layers of an encoder, at least 1; default 4, the authors'.</summary>
    public int EncoderLayers { get; init => field = Setting.AtLeast(value, 1, nameof(EncoderLayers)); } = 4;

    /// <summary>Linear layers of the decoder, at least 1; default 3, the authors'.</summary>
    public int DecoderLayers { get; init => field = Setting.AtLeast(value, 1, nameof(DecoderLayers)); } = 3;

    /// <summary>The latent variables, at least 1; default 128, the authors'.</summary>
    public int Latents { get; init => field = Setting.AtLeast(value, 1, nameof(Latents)); } = 128;

    /// <summary>The values that a regression predicts at a point, at least 1; default 1, which classification needs.</summary>
    public int Outputs { get; init => field = Setting.AtLeast(value, 1, nameof(Outputs)); } = 1;

    /// <summary>The least deviation of a prediction, at least 0 and below 1; default 0.1, the authors'. It bounds the likelihood.</summary>
    public double Floor { get; init => field = Setting.Fraction(value, nameof(Floor)); } = 0.1;

    private NeuralProcess Process => new(Width, EncoderLayers, DecoderLayers, Outputs, Floor, Latents: Latents);

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

    /// <summary>The predictive distribution of a regression: means and standard deviations of independent Gaussians, shape <c>[M, outputs]</c> both, given the mean of the latent variables.</summary>
    /// <param name="model">The architecture.</param>
    /// <param name="theta">The meta-parameters.</param>
    /// <param name="support">The context.</param>
    /// <param name="inputs">Shape <c>[M, ...item]</c>.</param>
    /// <returns>In a classification the means are logits, <c>[M, N]</c>, and the deviations mean nothing.</returns>
    /// <exception cref="ArgumentException">The targets do not have <see cref="Outputs"/> values, or those of classes more than one.</exception>
    public (Tensor Mean, Tensor Deviation) Distribution(IModel model, Parameters theta, Examples support, Tensor inputs) =>
        Process.Distribution(model, theta, support, inputs);
}
