using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Learns where to start and how to descend: an LSTM whose cells are the model's parameters, with learned gates.</summary>
/// <remarks>
/// <para>An inner step is c ← f ⊙ c − i ⊙ ∇L(c; S), with a forget gate f and an input gate i for each number. Both see what a second LSTM makes of
/// loss and gradient, the number itself, and what they were before. Their weights (<c>lstm.*</c>) are the same for all numbers and belong to θ, as do
/// the cells to start from, which are the model's parameters.</para>
/// <para>The loss of the outer loop is that on the query set after the last step; inner gradients and losses are its constants, as in the paper, unless
/// <see cref="Unrolling"/> says otherwise.</para>
/// <para><b>Differs from the paper:</b> every step sees the whole support set; and the model normalises under its own BatchNorm policy, where the
/// authors' program normalises queries by statistics of the support set.</para>
/// <para><b>Cost:</b> the LSTM's graph of all steps is alive during the outer gradient: about 300 numbers for each parameter and step.</para>
/// </remarks>
[Paper("Ravi and Larochelle: Optimization as a Model for Few-Shot Learning", "ICLR 2017", "https://openreview.net/forum?id=rJY0-Kcll")]
[NotAGradient("the gradient of L(c; Q), with the inner gradients and losses held constant unless the unrolling differentiates them")]
public sealed record MetaLstm : IUnrolledLearner
{
    private const string Prefix = "lstm";
    private const string Cells = "cells";
    private const string State = "state";
    private const double Magnitudes = 10;
    private const double Spread = 0.01;

    /// <summary>Inner steps in meta-training; default 8, the paper's for 5 shots (12 for one).</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 8;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>Units of the LSTM that the gates see; default 20.</summary>
    public int Hidden { get; init => field = Setting.AtLeast(value, 1, nameof(Hidden)); } = 20;

    /// <summary>What the meta-gradient flows through; <see cref="Unrolling.Full"/> has second derivatives; default <see cref="Unrolling.FirstOrder"/>, the paper's.</summary>
    public Unrolling Unrolling { get; init; } = new Unrolling.FirstOrder();

    /// <summary>The loss of both loops; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var start = model.Init(random);
        var lstm = CoordinateLstm.Init(random, inputs: 4, Hidden, layers: 1, Spread);
        Parameters gates =
        [
            new("forget.weight", random.Uniform([1, Hidden + 2], -Spread, Spread)), new("forget.bias", random.Uniform([1], 4, 5)),
            new("input.weight", random.Uniform([1, Hidden + 2], -Spread, Spread)), new("input.bias", random.Uniform([1], -5, -4)),
        ];
        return start.With(lstm.With(gates).Prefixed(Prefix));
    }

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Descent(model, episode.Support).MetaGradient(theta, Steps, Unrolling, episode.Query, Objective);

    // φ holds the cells, the LSTM's state and both gates before their sigmoids.
    private InnerLoop Descent(IModel model, Examples support)
    {
        Tensor Loss(Parameters cells) => Objective(model.Forward(cells, support.Inputs), support);
        return new(
            Start: theta =>
            {
                var cells = theta.Without(Prefix);
                var zeros = Tensor.Zeros([cells.ElementCount], cells.Leaves[0].DType, cells.Leaves[0].Device);
                return Phi(cells, CoordinateLstm.Rest(cells, Hidden, layers: 1), zeros, zeros);
            },
            Step: (theta, phi, _, constant) =>
            {
                var (cells, weights) = (phi.Under(Cells), theta.Under(Prefix));
                var (loss, slope) = Transforms.ValueAndGrad(Loss, cells, constant);
                var (values, gradient) = (cells.Flatten(), slope.Flatten());
                var (outputs, state) = CoordinateLstm.Step(weights, phi.Under(State), Seen(loss, gradient));
                Tensor Gate(string name) => Transforms.Linear(
                    Tensor.Cat([outputs, Tensor.Stack([values, phi[name]], -1)], 1), weights[$"{name}.weight"], weights[$"{name}.bias"]).Squeeze(-1);
                var (forget, input) = (Gate("forget"), Gate("input"));
                return Phi(cells.Unflatten((forget.Sigmoid() * values) - (input.Sigmoid() * gradient)), state, forget, input);
            },
            Predict: (_, phi) => inputs => Episodic.ForwardBeside(model, phi.Under(Cells), support.Inputs, inputs));
    }

    private static Parameters Phi(Parameters cells, Parameters state, Tensor forget, Tensor input) =>
        [.. cells.Prefixed(Cells), .. state.Prefixed(State), new("forget", forget), new("input", input)];

    // The loss, the same for all, and each one's gradient: [P, 4].
    private static Tensor Seen(Tensor loss, Tensor gradient) => Tensor.Cat(
        [CoordinateLstm.Preprocess(loss.Unsqueeze(0), Magnitudes).Expand([gradient.Size(0), 2]), CoordinateLstm.Preprocess(gradient, Magnitudes)], 1);
}
