using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Attentive neural processes: each target attends to the points of the context that matter to it, instead of to their mean.</summary>
/// <remarks>
/// <para>The representation r of a target is attention with several heads: its query and the keys are a network of f(x), the values the encoded
/// points. The latent path and the loss are those of <see cref="LatentNeuralProcess"/>; without latent variables it is the attentive form of
/// <see cref="ConditionalNeuralProcess"/>. Classes are contexts of their own: a target attends to the examples of each class.</para>
/// <para><b>Differs from the paper:</b> no self-attention within the encoders.</para>
/// </remarks>
[Paper("Kim, Mnih, Schwarz, Garnelo, Eslami, Rosenbaum, Vinyals and Teh: Attentive Neural Processes", "ICLR 2019", "https://arxiv.org/abs/1901.05761")]
[NotAGradient("∇ of −log p(y | x, r, z) + KL(q(z | all points) || q(z | context)) / points, of classes the cross-entropy of the queries + KL / queries")]
public sealed record AttentiveNeuralProcess : IMetaLearner
{
    /// <summary>The width of hidden layers and of the representation, at least 1, a multiple of the heads; default 128, the authors'.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 128;

    /// <summary>Linear layers of an encoder, at least 1; default 4, the authors'.</summary>
    public int EncoderLayers { get; init => field = Setting.AtLeast(value, 1, nameof(EncoderLayers)); } = 4;

    /// <summary>Linear layers of the decoder, at least 1; default 3, the authors'.</summary>
    public int DecoderLayers { get; init => field = Setting.AtLeast(value, 1, nameof(DecoderLayers)); } = 3;

    /// <summary>The heads of attention, at least 1; default 8, the authors'.</summary>
    public int Heads { get; init => field = Setting.AtLeast(value, 1, nameof(Heads)); } = 8;

    /// <summary>The latent variables; 0 leaves them out; default 128, the authors'.</summary>
    public int Latents { get; init => field = Setting.AtLeast(value, 0, nameof(Latents)); } = 128;

    /// <summary>The values that a regression predicts at a point, at least 1; default 1, which classification needs.</summary>
    public int Outputs { get; init => field = Setting.AtLeast(value, 1, nameof(Outputs)); } = 1;

    /// <summary>The least deviation of a prediction, at least 0 and below 1; default 0.1, the authors'. It bounds the likelihood.</summary>
    public double Floor { get; init => field = Setting.Fraction(value, nameof(Floor)); } = 0.1;

    private NeuralProcess Process => new(Width, EncoderLayers, DecoderLayers, Outputs, Floor, Heads, Latents);

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
