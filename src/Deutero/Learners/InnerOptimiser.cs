using Deutero.Optimisers;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>What an inner loop descends with: one of the records in here. The outer gradient flows through its state as through the parameters.</summary>
/// <remarks>
/// In a configuration: <c>"innerOptimiser": "adam"</c>, or <c>"innerOptimiser": { "type": "momentum", "decay": 0.5 }</c>. The state starts afresh for
/// each task and is part of φ, under the name <c>optimiser</c>.
/// </remarks>
public abstract record InnerOptimiser
{
    internal const string State = "optimiser";

    private InnerOptimiser()
    {
    }

    internal abstract GradientTransform At(double rate);

    // φ_0: what is adapted, with the optimiser's first state.
    internal Parameters Start(Parameters adapted, double rate) => adapted.With(WithoutCounts(At(rate).Init(adapted)));

    // φ with its adapted part after a step, and the next state.
    internal Parameters Step(Parameters phi, Parameters adapted, Parameters gradient, double rate, int step)
    {
        var optimiser = At(rate);
        var counts = optimiser.Init(Parameters.Empty).Map(_ => Tensor.From([(long)step]));
        var (next, state) = optimiser.Step(adapted, phi.Under(State).With(counts), gradient);
        return phi.With(next).With(WithoutCounts(state));
    }

    // The loop knows the number of a step, and φ, which is differentiated and batched, is no place for integers.
    private Parameters WithoutCounts(Parameters state)
    {
        var counts = At(1).Init(Parameters.Empty);
        return state.Where(name => !counts.Contains(name)).Prefixed(State);
    }

    /// <summary>Gradient descent: φ ← φ − α g.</summary>
    public sealed record Sgd : InnerOptimiser
    {
        internal override GradientTransform At(double rate) => GradientTransform.Sgd(rate);
    }

    /// <summary>Gradient descent with momentum (Polyak, 1964): m ← μ m + g, φ ← φ − α m.</summary>
    public sealed record Momentum : InnerOptimiser
    {
        /// <summary>The decay μ, at least 0 and below 1; default 0.9.</summary>
        public double Decay { get; init => field = Setting.Fraction(value, nameof(Decay)); } = 0.9;

        internal override GradientTransform At(double rate) => GradientTransform.Chain(GradientTransform.Momentum(Decay), GradientTransform.Sgd(rate));
    }

    /// <summary>Adam (Kingma and Ba, ICLR 2015) with ε under the root: φ ← φ − α m̂ / √(v̂ + ε). Without a first moment it is RMSProp with a corrected bias.</summary>
    public sealed record Adam : InnerOptimiser
    {
        /// <summary>The decay β1 of the first moment, at least 0 and below 1; default 0.9.</summary>
        public double Beta1 { get; init => field = Setting.Fraction(value, nameof(Beta1)); } = 0.9;

        /// <summary>The decay β2 of the second moment, at least 0 and below 1; default 0.999.</summary>
        public double Beta2 { get; init => field = Setting.Fraction(value, nameof(Beta2)); } = 0.999;

        /// <summary>
        /// ε, positive, which the second moment is increased by under the root, where the derivative at a gradient of 0 would be infinite: the step's
        /// derivative with respect to the gradient is at most α/√ε; default 1e-8.
        /// </summary>
        public double Epsilon { get; init => field = Setting.Positive(value, nameof(Epsilon)); } = 1e-8;

        internal override GradientTransform At(double rate) =>
            GradientTransform.Chain(GradientTransform.ScaleByAdam(Beta1, Beta2, epsilon: 0, epsilonRoot: Epsilon), GradientTransform.Sgd(rate));
    }
}
