using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>The inner loop of an unrolled learner on one support set, and its meta-gradient under any <see cref="Unrolling"/>.</summary>
/// <remarks>
/// The three functions depend on the meta-parameters through their arguments alone. A loss that is summed along the steps belongs into φ as a further
/// tensor, to which each step adds.
/// </remarks>
/// <param name="Start">From θ to φ_0.</param>
/// <param name="Step">From φ_t to φ_(t+1).</param>
/// <param name="Predict">From θ and φ to the predictor that they make.</param>
public sealed record InnerLoop(Func<Parameters, Parameters> Start, InnerStep Step, Func<Parameters, Parameters, Predictor> Predict)
{
    [ThreadStatic]
    private static Action<int, int>? s_watching;

    /// <summary>Tells of each inner step of adaptations on this thread, until it is disposed: how many are done, and of how many.</summary>
    internal static IDisposable Watch(Action<int, int> onStep)
    {
        s_watching = onStep;
        return new Watching();
    }

    /// <summary>Runs the loop.</summary>
    /// <param name="theta">The meta-parameters.</param>
    /// <param name="steps">The number of steps.</param>
    /// <param name="unrolling">What gradients of the predictors with respect to θ flow through.</param>
    /// <returns>The predictors before the first and after each step.</returns>
    public Adaptation Adapt(Parameters theta, int steps, Unrolling unrolling)
    {
        var phi = Start(theta);
        var path = new List<Predictor> { Predict(theta, phi) };
        for (var step = 0; step < steps; step++)
        {
            phi = Run(theta, phi, step, step + 1, unrolling.ConstantSteps(steps));
            path.Add(Predict(theta, phi));
            s_watching?.Invoke(step + 1, steps);
        }

        return new(path) { Adapted = phi };
    }

    /// <summary>The meta-gradient of the loss on a query set after the last step.</summary>
    /// <param name="theta">The meta-parameters.</param>
    /// <param name="steps">The number of steps.</param>
    /// <param name="unrolling">What the meta-gradient flows through.</param>
    /// <param name="query">The query set.</param>
    /// <param name="objective">The loss.</param>
    public MetaGradient MetaGradient(Parameters theta, int steps, Unrolling unrolling, Examples query, Objective objective) =>
        MetaGradient(theta, steps, unrolling, (meta, phi) =>
        {
            var predictions = Predict(meta, phi)(query.Inputs);
            return (objective(predictions, query), predictions);
        });

    /// <summary>The meta-gradient of any function of the meta-parameters and of φ after the last step.</summary>
    /// <param name="theta">The meta-parameters.</param>
    /// <param name="steps">The number of steps.</param>
    /// <param name="unrolling">What the meta-gradient flows through.</param>
    /// <param name="judge">From θ and φ to the loss, shape <c>[]</c>, and the predictions to report.</param>
    public MetaGradient MetaGradient(
        Parameters theta, int steps, Unrolling unrolling, Func<Parameters, Parameters, (Tensor Loss, Tensor Predictions)> judge)
    {
        if (unrolling is Unrolling.Checkpointed { Segment: var segment })
        {
            return Checkpointed(theta, steps, segment, judge);
        }

        var (loss, predictions, gradient) = Transforms.ValueAndGrad(
            meta => judge(meta, Run(meta, Start(meta), 0, steps, unrolling.ConstantSteps(steps))), theta);
        return new(gradient, loss, predictions);
    }

    // The reverse sweep by hand. With v the gradient with respect to φ at the end of a segment, pulling v back through the segment, whose graph is
    // built for that alone, gives the gradient with respect to φ at its beginning, and adds to that with respect to θ.
    private MetaGradient Checkpointed(
        Parameters theta, int steps, int segment, Func<Parameters, Parameters, (Tensor Loss, Tensor Predictions)> judge)
    {
        var phi = Scoped(() => Start(theta));
        var kept = new Stack<(int First, Parameters Phi)>();
        for (var first = 0; first < steps; first += segment)
        {
            var start = (First: first, Phi: phi);
            kept.Push(start);
            phi = Scoped(() => Run(theta, start.Phi, start.First, Math.Min(start.First + segment, steps)));
        }

        var (gradient, loss, predictions, v) = Scoped(() => Judged.Of(judge, theta, phi));
        var slope = new Point(gradient, v);
        while (kept.TryPop(out var from))
        {
            var (old, last) = (slope, Math.Min(from.First + segment, steps));
            slope = Scoped(() =>
            {
                var (_, back) = Transforms.Vjp(at => Run(at.Theta, at.Phi, from.First, last), new Point(theta, from.Phi), old.Phi);
                return back with { Theta = old.Theta + back.Theta };
            });
            Free(old);
        }

        return new(slope.Theta + Scoped(() => Transforms.Vjp(Start, theta, slope.Phi).Pullback), loss, predictions);
    }

    private Parameters Run(Parameters theta, Parameters phi, int first, int end, int constantSteps = 0)
    {
        for (var step = first; step < end; step++)
        {
            var (before, t) = (phi, step);
            phi = Scoped(() => Step(theta, before, t, constant: t < constantSteps));
        }

        return phi;
    }

    // Handles keep their tensors alive: without a scope, those of every step would live to the end, graph or none.
    private static T Scoped<T>(Func<T> compute)
        where T : ITensors<T>
    {
        using var scope = new TensorScope();
        return scope.Keep(compute());
    }

    // The enclosing scope would do it at the end: two more sets of parameters for every step.
    private static void Free(Point slope)
    {
        foreach (var tensor in slope.Leaves)
        {
            tensor.Dispose();
        }
    }

    private sealed class Watching : IDisposable
    {
        public void Dispose() => s_watching = null;
    }

    private sealed record Point(Parameters Theta, Parameters Phi) : ITensors<Point>
    {
        public IReadOnlyList<Tensor> Leaves => [.. Theta.Leaves, .. Phi.Leaves];

        public Point WithLeaves(IReadOnlyList<Tensor> leaves) =>
            new(Theta.WithLeaves([.. leaves.Take(Theta.Count)]), Phi.WithLeaves([.. leaves.Skip(Theta.Count)]));
    }

    // The loss with its gradients with respect to θ, where it depends on it directly, and to the last φ.
    private sealed record Judged(Parameters Theta, Tensor Loss, Tensor Predictions, Parameters Phi) : ITensors<Judged>
    {
        public IReadOnlyList<Tensor> Leaves => [.. Theta.Leaves, Loss, Predictions, .. Phi.Leaves];

        public Judged WithLeaves(IReadOnlyList<Tensor> leaves) => new(
            Theta.WithLeaves([.. leaves.Take(Theta.Count)]), leaves[Theta.Count], leaves[Theta.Count + 1], Phi.WithLeaves([.. leaves.Skip(Theta.Count + 2)]));

        internal static Judged Of(Func<Parameters, Parameters, (Tensor Loss, Tensor Predictions)> judge, Parameters theta, Parameters phi)
        {
            var (loss, predictions, gradient) = Transforms.ValueAndGrad(at => judge(at.Theta, at.Phi), new Point(theta, phi));
            return new(gradient.Theta, loss, predictions, gradient.Phi);
        }
    }
}
