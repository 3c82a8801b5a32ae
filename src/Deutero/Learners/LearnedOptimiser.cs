using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Learns how to descend rather than where to start: an LSTM, the same for every parameter, turns gradients into updates.</summary>
/// <remarks>
/// <para>An inner step is φ ← φ + u, where u is the LSTM's output for the gradient ∇L(φ; S), which it sees one number at a time; each number has an
/// LSTM state of its own. θ is the LSTM's weights (<c>optimiser.*</c>) and nothing of the model: the parameters to start from are drawn anew for each
/// adaptation, as in the paper, so that what is learned is an optimiser and no initialisation.</para>
/// <para>The loss of the outer loop is Σ_t L(φ_t; Q); inner gradients are its constants, as in the paper, unless <see cref="Unrolling"/> says otherwise.</para>
/// <para><b>Differs from the paper:</b> it is judged on a query set; and where its program updates the optimiser after each <see cref="Window"/> of
/// steps, here the gradients of an episode's windows are added up for one update.</para>
/// <para><b>Cost:</b> the LSTM's graph of all steps is alive during the outer gradient: about 500 numbers for each parameter and step.</para>
/// </remarks>
[Paper("Andrychowicz, Denil, Gómez Colmenarejo, Hoffman, Pfau, Schaul, Shillingford and de Freitas: Learning to learn by gradient descent by gradient descent", "NeurIPS 2016", "https://arxiv.org/abs/1606.04474")]
[NotAGradient("the gradient of Σ_t L(φ_t; Q), with the inner gradients held constant unless the unrolling differentiates them")]
public sealed record LearnedOptimiser : IUnrolledLearner
{
    private const string Prefix = "optimiser";
    private const string At = "at";
    private const string State = "state";
    private const string Loss = "loss";

    /// <summary>Inner steps in meta-training; default 20.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 20;

    /// <summary>Inner steps when adapting to a new task; 0 means as many as in meta-training, the default.</summary>
    public int EvaluationSteps { get; init => field = Setting.AtLeast(value, 0, nameof(EvaluationSteps)); }

    /// <summary>Steps after which the meta-gradient's path through parameters and states is cut; 0 never cuts it; default 20, the paper's.</summary>
    public int Window { get; init => field = Setting.AtLeast(value, 0, nameof(Window)); } = 20;

    /// <summary>Layers of the LSTM; default 2.</summary>
    public int Layers { get; init => field = Setting.AtLeast(value, 1, nameof(Layers)); } = 2;

    /// <summary>Units of each layer; default 20.</summary>
    public int Hidden { get; init => field = Setting.AtLeast(value, 1, nameof(Hidden)); } = 20;

    /// <summary>What the LSTM's output is multiplied by, the order of a step's size; default 0.1.</summary>
    public double OutputScale { get; init => field = Setting.Positive(value, nameof(OutputScale)); } = 0.1;

    /// <summary>Gradients from e^-p on are seen as logarithms, over p, with a sign, and smaller ones as they are; p = 0 shows all as they are; default 10.</summary>
    public double Magnitudes { get; init => field = Setting.NotNegative(value, nameof(Magnitudes)); } = 10;

    /// <summary>Whether the outer loss is the sum over all inner steps, rather than that after the last one; default true.</summary>
    public bool EveryStep { get; init; } = true;

    /// <summary>Whether the parameters to start from are learned, too, rather than drawn for each adaptation; default false.</summary>
    public bool LearnedStart { get; init; }

    /// <summary>What the meta-gradient flows through; <see cref="Unrolling.Full"/> has second derivatives; default <see cref="Unrolling.FirstOrder"/>, the paper's.</summary>
    public Unrolling Unrolling { get; init; } = new Unrolling.FirstOrder();

    /// <summary>The loss of both loops; default <see cref="Objectives.Standard"/>.</summary>
    public Objective Objective { get; init; } = Objectives.Standard;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var bound = 1 / Math.Sqrt(Hidden);
        var start = LearnedStart ? model.Init(random) : Parameters.Empty;
        var lstm = CoordinateLstm.Init(random, Magnitudes > 0 ? 2 : 1, Hidden, Layers, bound);
        Parameters output = [new("output.weight", random.Uniform([1, Hidden], -bound, bound)), new("output.bias", Tensor.Zeros([1]))];
        return start.With(lstm.With(output).Prefixed(Prefix));
    }

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support, random, query: null).Adapt(theta, EvaluationSteps > 0 ? EvaluationSteps : Steps, Unrolling);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var descent = Descent(model, episode.Support, random, EveryStep ? episode.Query : null);
        var result = descent.MetaGradient(theta, Steps, Unrolling, (meta, phi) =>
        {
            var predictions = descent.Predict(meta, phi)(episode.Query.Inputs);
            return (phi[Loss] + Objective(predictions, episode.Query), predictions);
        });
        return result with { Loss = Objective(result.Predictions, episode.Query) };
    }

    // φ holds the parameters, the LSTM's state, and the sum of the query set's losses (if there is one) after all steps but the last.
    private InnerLoop Descent(IModel model, Examples support, Generator random, Examples? query)
    {
        var drawn = LearnedStart ? Parameters.Empty : Episodic.Drawn(model, support, random);
        Parameters Start(Parameters theta)
        {
            var start = LearnedStart ? theta.Without(Prefix) : drawn;
            return Phi(start, CoordinateLstm.Rest(start, Hidden, Layers), Tensor.Zeros([], start.Leaves[0].DType, start.Leaves[0].Device));
        }

        Tensor Predict(Parameters at, Tensor inputs) => Episodic.ForwardBeside(model, at, support.Inputs, inputs);
        return new(
            Start,
            Step: (theta, phi, step, constant) =>
            {
                var (at, state, loss) = (phi.Under(At), phi.Under(State), phi[Loss]);
                loss = step > 0 && query is not null ? loss + Objective(Predict(at, query.Inputs), query) : loss;
                if (step > 0 && Window > 0 && step % Window == 0)
                {
                    (at, state) = (at.Detach(), state.Detach());
                }

                var gradient = Transforms.Grad(parameters => Objective(model.Forward(parameters, support.Inputs), support), at, constant);
                var (update, next) = Update(theta.Under(Prefix), state, gradient.Flatten());
                return Phi(at + at.Unflatten(update), next, loss);
            },
            Predict: (_, phi) => inputs => Predict(phi.Under(At), inputs));
    }

    private static Parameters Phi(Parameters at, Parameters state, Tensor loss) => [.. at.Prefixed(At), .. state.Prefixed(State), new(Loss, loss)];

    private (Tensor Update, Parameters State) Update(Parameters weights, Parameters state, Tensor gradient)
    {
        var seen = Magnitudes > 0 ? CoordinateLstm.Preprocess(gradient, Magnitudes) : gradient.Unsqueeze(-1); // [P, 2] or [P, 1]
        var (outputs, next) = CoordinateLstm.Step(weights, state, seen);
        return (OutputScale * Transforms.Linear(outputs, weights["output.weight"], weights["output.bias"]).Squeeze(-1), next);
    }
}
