using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Differentiable plasticity: connections have a fixed part and a Hebbian part, and how plastic each is, is trained.</summary>
/// <remarks>
/// <para>The last layer is plastic: the logit of class j is b_j + Σ_i (w_ij + α_ij Hebb_ij) x_i, with x the features' tanh. Support examples are presented one
/// after the other in a random order, with the units of the classes held at their labels y. Decay: Hebb ← (1 − η) Hebb + η x y; Oja:
/// Hebb ← Hebb + η y (x − y Hebb). Hebb starts at 0 for every task; w, α and η are meta-learned.</para>
/// <para>That a network of many plastic steps reduces to this is because the authors' network for images is plastic in its last layer alone. In regression y is the value.
/// <b>Differs from the paper:</b> cross-entropy instead of the sum over units of binary ones; the body's last non-linearity is followed by a tanh.</para>
/// </remarks>
[Paper("Miconi, Clune and Stanley: Differentiable plasticity: training plastic neural networks with backpropagation", "ICML 2018", "https://arxiv.org/abs/1804.02464")]
[Sequential]
public sealed record DifferentiablePlasticity : IMetaLearner
{
    /// <summary>How the Hebbian part changes; default by decay.</summary>
    public HebbianRule Rule { get; init; }

    /// <summary>How fast it changes before training, η, at least 0 and below 1; default 0.1, where the authors' programs begin with 0.01.</summary>
    public double Rate { get; init => field = Setting.Fraction(value, nameof(Rate)); } = 0.1;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => PlasticLayer.Init(model, random, _ => [new("rate", Tensor.Of(Rate))]);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The episode has more classes than those that the network was trained with.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        var layer = PlasticLayer.Of(model, theta, support);
        var (order, rate) = (Sequences.Order(random, support.Count, support.Inputs.Device), theta["plastic.rate"]);
        return new([layer.OnFeatures(support, order, (hebb, trace, inputs, labels) => (Next(hebb, rate, inputs, labels), trace))]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.Standard, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    internal Tensor Next(Tensor hebb, Tensor rate, Tensor inputs, Tensor labels) => Rule switch
    {
        HebbianRule.Decay => ((1 - rate) * hebb) + (rate * labels * inputs),
        HebbianRule.Oja => hebb + (rate * labels * (inputs - (labels * hebb))),
        _ => throw new InvalidOperationException($"The rule {Rule} is unknown."),
    };
}
