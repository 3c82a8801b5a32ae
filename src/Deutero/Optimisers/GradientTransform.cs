using Deutero.Torch;

namespace Deutero.Optimisers;

/// <summary>An optimiser, or a part of one, as a pair of pure functions; <see cref="Chain"/> composes them.</summary>
/// <remarks>
/// All state is a value that the caller holds, so that optimisers can be checkpointed, run inside an inner loop and be differentiated through.
/// Updates are added to the parameters: a descent has a minus sign in its last part.
/// </remarks>
/// <param name="Init">From the parameters to the first state.</param>
/// <param name="Update">From the gradient (or the previous part's updates), the state and the parameters to updates and the next state.</param>
public sealed record GradientTransform(
    Func<Parameters, Parameters> Init, Func<Parameters, Parameters, Parameters, (Parameters Updates, Parameters State)> Update)
{
    private const string Step0 = "step";

    /// <summary>One optimiser step: θ and its state after a gradient.</summary>
    /// <param name="theta">The parameters.</param>
    /// <param name="state">The state that <see cref="Init"/> or the last step returned.</param>
    /// <param name="gradient">The gradient, of the parameters' structure.</param>
    public (Parameters Theta, Parameters State) Step(Parameters theta, Parameters state, Parameters gradient)
    {
        var (updates, next) = Update(gradient, state, theta);
        return (theta + updates, next);
    }

    /// <summary>One transform after another; each has its own part of the state.</summary>
    /// <param name="parts">The transforms, in order.</param>
    public static GradientTransform Chain(params ReadOnlySpan<GradientTransform> parts)
    {
        var chain = parts.ToArray();
        return new(
            theta => chain.Select((part, i) => part.Init(theta).Prefixed($"{i}")).Aggregate(Parameters.Empty, (all, state) => all.With(state)),
            (updates, state, theta) =>
            {
                var next = Parameters.Empty;
                for (var i = 0; i < chain.Length; i++)
                {
                    (updates, var partState) = chain[i].Update(updates, state.Under($"{i}"), theta);
                    next = next.With(partState.Prefixed($"{i}"));
                }

                return (updates, next);
            });
    }

    /// <summary>Multiplies by minus the learning rate: the last part of a descent.</summary>
    /// <param name="schedule">The rate over time.</param>
    public static GradientTransform Descend(Schedule schedule) => Counted((updates, step) => -schedule(step) * updates);

    /// <summary>Stochastic gradient descent.</summary>
    /// <param name="rate">A constant rate, without state.</param>
    public static GradientTransform Sgd(double rate) => Stateless((gradient, _) => -rate * gradient);

    /// <summary>Stochastic gradient descent with a schedule.</summary>
    /// <param name="schedule">The rate over time.</param>
    public static GradientTransform Sgd(Schedule schedule) => Descend(schedule);

    /// <summary>Accumulates a decaying sum of updates (Polyak, 1964): m ← μ m + g.</summary>
    /// <param name="decay">μ in [0, 1).</param>
    public static GradientTransform Momentum(double decay) => new(
        theta => theta.Map(leaf => leaf.ZerosLike()),
        (gradient, velocity, _) =>
        {
            var next = (decay * velocity) + gradient;
            return (next, next);
        });

    /// <summary>Adam's scaling: the bias-corrected first moment over the root of the second (Kingma and Ba, ICLR 2015).</summary>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="epsilon">Added to the root.</param>
    /// <param name="epsilonRoot">Added under the root: positive where the step is differentiated, because the root's derivative at 0 is infinite.</param>
    public static GradientTransform ScaleByAdam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double epsilonRoot = 0) => new(
        theta =>
        {
            var zeros = theta.Map(leaf => leaf.ZerosLike());
            return zeros.Prefixed("m").With(zeros.Prefixed("v")).With([Counter(0)]);
        },
        (gradient, state, _) =>
        {
            var step = Count(state) + 1;
            var first = (beta1 * state.Under("m")) + ((1 - beta1) * gradient);
            var second = (beta2 * state.Under("v")) + ((1 - beta2) * (gradient * gradient));
            var (correction1, correction2) = (1 - Math.Pow(beta1, step), 1 - Math.Pow(beta2, step));
            var updates = first.Zip(second, (m, v) =>
            {
                var variance = v / correction2;
                return m / correction1 / ((epsilonRoot > 0 ? variance + epsilonRoot : variance).Sqrt() + epsilon);
            });
            return (updates, first.Prefixed("m").With(second.Prefixed("v")).With([Counter(step)]));
        });

    /// <summary>Adam (Kingma and Ba, ICLR 2015).</summary>
    /// <param name="rate">A constant rate.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    public static GradientTransform Adam(double rate, double beta1 = 0.9, double beta2 = 0.999) =>
        Chain(ScaleByAdam(beta1, beta2), Sgd(rate));

    /// <summary>Adam with a schedule.</summary>
    /// <param name="schedule">The rate over time.</param>
    public static GradientTransform Adam(Schedule schedule) => Chain(ScaleByAdam(), Descend(schedule));

    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019).</summary>
    /// <param name="schedule">The rate over time, which also scales the decay.</param>
    /// <param name="weightDecay">The decay.</param>
    public static GradientTransform AdamW(Schedule schedule, double weightDecay) =>
        Chain(ScaleByAdam(), AddWeightDecay(weightDecay), Descend(schedule));

    /// <summary>Adds a multiple of the parameters to the updates.</summary>
    /// <param name="weightDecay">The multiple.</param>
    public static GradientTransform AddWeightDecay(double weightDecay) => Stateless((updates, theta) => updates + (weightDecay * theta));

    /// <summary>Scales all updates down together where their joint norm exceeds a bound (Pascanu et al., ICML 2013).</summary>
    /// <param name="maximum">The bound of the Euclidean norm.</param>
    public static GradientTransform ClipByNorm(double maximum) => Stateless((updates, _) =>
    {
        var norm = updates.Dot(updates).Sqrt();
        return (maximum / norm.Clamp(min: maximum)) * updates; // the factor is 1 up to the bound
    });

    /// <summary>Bounds every element of the updates.</summary>
    /// <param name="maximum">The bound of the absolute value.</param>
    public static GradientTransform ClipByValue(double maximum) =>
        Stateless((updates, _) => updates.Map(leaf => leaf.Clamp(-maximum, maximum)));

    private static GradientTransform Stateless(Func<Parameters, Parameters, Parameters> update) =>
        new(_ => Parameters.Empty, (updates, state, theta) => (update(updates, theta), state));

    private static GradientTransform Counted(Func<Parameters, long, Parameters> update) => new(
        _ => [Counter(0)],
        (updates, state, _) => (update(updates, Count(state)), [Counter(Count(state) + 1)]));

    // The count lives in the state as a tensor, so that a checkpoint needs to know nothing about optimisers.
    private static KeyValuePair<string, Tensor> Counter(long step) => new(Step0, Tensor.From([step]));

    private static long Count(Parameters state) => (long)state[Step0].ToDouble();
}
