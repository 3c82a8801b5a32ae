using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>CNAPs: networks read a support set and write a task's classifier, and scales and shifts of a pre-trained body that stays as it is.</summary>
/// <remarks>
/// <para>A set encoder makes a task vector of the support set; networks read a scale γ = 1 + r ⊙ h and a shift β = r' ⊙ h' of each unit of every layer off it, with
/// vectors r and r' that begin near 0, so that the body begins as it was trained. With c_k the mean features of class k in the modulated body, the logit of class k is
/// w_k·f(x) + b_k with w_k = c_k + m(c_k) and b_k = m'(c_k), for networks m and m' of three layers, so that any number of classes and shots will do. The outer
/// loop learns the networks alone (<c>adaptation.*</c>).</para>
/// <para>The body is a part of θ along which the direction is zero, so that its bits stay (under every outer optimiser but AdamW). It is to be taken
/// from an earlier training (<c>startFrom</c> in a configuration), on all base classes by <see cref="ClassifierBaseline"/>, or by any other learner.</para>
/// <para><b>Differs from the paper:</b> the set encoder reads the unmodulated body's features instead of pixels; the networks of γ and β have the form that
/// <c>Film.cs</c> shows; normalisation is that of the model's policy, where the paper keeps the statistics of the pre-training; without the auto-regressive variant.</para>
/// <para><b>Cost:</b> no gradient at adaptation; the support set is embedded twice.</para>
/// </remarks>
[Paper("Requeima, Gordon, Bronskill, Nowozin and Turner: Fast and Flexible Multi-Task Classification Using Conditional Neural Adaptive Processes", "NeurIPS 2019", "https://arxiv.org/abs/1906.07697")]
[NotAGradient("the gradient of the query loss with respect to the networks, and zero in the frozen body")]
public sealed record Cnaps : IMetaLearner
{
    private const string Weight = FrozenBody.Prefix + ".weight";
    private const string Bias = FrozenBody.Prefix + ".bias";

    /// <summary>The width of the set encoder and of the task vector, at least 1; default 64.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 64;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The model has no layer with a weight and a bias, which a task could modulate.</exception>
    public Parameters Init(IModel model, Generator random) => FrozenBody.Init(model, Width, random)
        .With(Network(model.OutputWidth, model.OutputWidth).Init(random).Prefixed(Weight))
        .With(Network(model.OutputWidth, 1).Init(random).Prefixed(Bias));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: classifiers need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "CNAPs");
        return new([Episodic.OnFeatures(model, FrozenBody.For(model, theta, Width, support.Inputs), support, features =>
        {
            var means = support.ClassMeans(features); // [N, D]
            var width = (int)features.Size(1);
            return Linear(means + Network(width, width).Forward(theta.Under(Weight), means), Network(width, 1).Forward(theta.Under(Bias), means));
        })]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => Adapt(model, parameters, episode.Support, random).Predict);

    // Weights [N, D] and biases [N, 1].
    private static Func<Tensor, Tensor> Linear(Tensor weights, Tensor biases) => queries => queries.Matmul(weights.T()) + biases.T();

    private static Mlp Network(int inputs, int outputs) => new() { Inputs = inputs, Hidden = [inputs, inputs], Outputs = outputs, Activation = Activation.Elu };
}
