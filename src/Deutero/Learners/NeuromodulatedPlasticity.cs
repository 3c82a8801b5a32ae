using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Backpropamine: a plastic network that decides itself, example by example, how much to learn.</summary>
/// <remarks>
/// <para>As <see cref="DifferentiablePlasticity"/>, with a signal M(t) = tanh(m · x + s (1 − p_y) + c) of the network's own, where p_y is the probability that it
/// gives the right label before it is told. Simple modulation: Hebb ← clip(Hebb + M x y). Retroactive: E ← (1 − η) E + η x y, then
/// Hebb ← clip(Hebb + M E), so that M acts on what was active earlier, too. Weights m, s and c are meta-learned beside w, α and η.</para>
/// <para><b>Differs from the paper:</b> the layer is the last, and its units are held at their labels, as in the networks for images of the paper before it; the
/// surprise 1 − p_y (in regression the squared error) stands for the reward that the signal sees. One signal serves all connections. The
/// trace is written before it is used, as nothing follows the last example.</para>
/// </remarks>
[Paper("Miconi, Rawal, Clune and Stanley: Backpropamine: training self-modifying neural networks with differentiable neuromodulated plasticity", "ICLR 2019", "https://arxiv.org/abs/2002.10585")]
[Sequential]
public sealed record NeuromodulatedPlasticity : IMetaLearner
{
    // The signal's bias before training: to learn, as a rule.
    private const double FirstSignal = 0.5;

    /// <summary>Whether the signal acts on a fading trace of earlier activity instead of on the present; default false.</summary>
    public bool Retroactive { get; init; }

    /// <summary>How fast that trace changes before training, η, at least 0 and below 1; default 0.5.</summary>
    public double Rate { get; init => field = Setting.Fraction(value, nameof(Rate)); } = 0.5;

    /// <summary>What the Hebbian part stays within, positive; default 2, the authors'.</summary>
    public double Clip { get; init => field = Setting.Positive(value, nameof(Clip)); } = 2;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => PlasticLayer.Init(model, random, features =>
        Dense.Linear(random, "signal", features + 1, 1).Map((name, leaf) => name == "signal.bias" ? leaf.FullLike(FirstSignal) : leaf).With([new("rate", Tensor.Of(Rate))]));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The episode has more classes than those that the network was trained with.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        var (layer, weights) = (PlasticLayer.Of(model, theta, support), theta.Under(PlasticLayer.Prefix));
        var order = Sequences.Order(random, support.Count, support.Inputs.Device);
        return new([layer.OnFeatures(support, order, Learn(layer, weights, support.IsClassification))]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.Standard, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    internal PlasticLayer.Rule Learn(PlasticLayer layer, Parameters weights, bool classifies) => (hebb, trace, inputs, labels) =>
    {
        var prediction = layer.Logits(hebb, inputs); // [1, N]
        var surprise = classifies
            ? 1 - prediction.Softmax(-1).Matmul(labels)
            : (prediction - labels.T()).Square().Sum([1], keepdim: true);
        var signal = Dense.Linear(weights, "signal", Tensor.Cat([inputs, surprise], 1)).Tanh(); // [1, 1]
        var rate = weights["rate"];
        trace = Retroactive ? ((1 - rate) * trace) + (rate * labels * inputs) : labels * inputs;
        return ((hebb + (signal * trace)).Clamp(-Clip, Clip), trace);
    };
}
