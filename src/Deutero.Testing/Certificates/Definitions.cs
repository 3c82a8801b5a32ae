using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>What learners whose direction is not a gradient are defined to return, computed again by plain loops.</summary>
internal static class Definitions
{
    // The gradient of the query loss at the adapted parameters, taken by a fresh call that knows nothing of the inner loop.
    internal static double[] FirstOrder(Maml learner, IModel model, Parameters theta, Episode episode)
    {
        var end = Descend(learner, model, theta, Walk.From(theta), learner.Steps, episode.Support);
        return LossGradient(model, theta, end.Phi, episode.Query, learner.Objective);
    }

    // The slope of φ ↦ L(U^K(φ); Q) at the parameters, and with the optimiser's state, that the earlier steps led to.
    internal static double[] Truncated(Maml learner, int last, IModel model, Parameters theta, Episode episode)
    {
        var middle = Descend(learner, model, theta, Walk.From(theta), learner.Steps - last, episode.Support);
        return CentralDifferences.Gradient(
            at =>
            {
                var end = Descend(learner, model, theta, middle with { Phi = at.Flatten().ToArray<double>() }, last, episode.Support);
                return learner.Objective(model.Forward(theta.Unflatten(Tensor.From(end.Phi)), episode.Query.Inputs), episode.Query).ToDouble();
            },
            theta.Unflatten(Tensor.From(middle.Phi)));
    }

    // θ − φ: minibatches in turn from all shuffled examples, with SGD or with Adam without a first moment. Where it carries its second from task to task,
    // the means of squares and their weight stand behind the weights in θ.
    internal static double[] Reptile(Reptile learner, IModel model, Parameters theta, Episode episode, Generator random)
    {
        const double Decay = 0.999;
        var examples = episode.Support.Concat(episode.Query);
        var count = (int)examples.Count;
        var whole = learner.BatchSize == 0 || learner.BatchSize >= count;
        var order = whole ? [.. Enumerable.Range(0, count)] : random.Choose(count, count);
        var size = whole ? count : learner.BatchSize;
        var weights = theta.Without("inner");
        var start = theta.Flatten().ToArray<double>();
        var phi = start[..(int)weights.ElementCount];
        var carries = start.Length > phi.Length;
        var (second, seen) = carries ? (start[phi.Length..^1], start[^1]) : (new double[phi.Length], 0);
        for (var step = 1; step <= learner.Steps; step++)
        {
            var rows = Enumerable.Range((step - 1) * size, size).Select(i => (long)order[i % count]).ToArray();
            var slope = LossGradient(model, weights, phi, Rows(examples, rows), learner.Objective);
            seen = 1 - (Decay * (1 - seen));
            for (var i = 0; i < phi.Length; i++)
            {
                second[i] = (Decay * second[i]) + ((1 - Decay) * slope[i] * slope[i]);
                var root = Math.Sqrt(second[i] / seen) + 1e-8;
                phi[i] -= learner.InnerRate * (learner.InnerAdam ? slope[i] / root : slope[i]);
            }
        }

        return [.. start.Zip(carries ? [.. phi, .. second, seen] : phi, (from, to) => from - to)];
    }

    // The minimiser of x'Ax/2 − x'v over the Krylov space of v, which is where conjugate gradients arrive, with the Hessian in full by differences of gradients.
    internal static double[] Implicit(ImplicitMaml learner, IModel model, Parameters theta, Episode episode)
    {
        var start = theta.Flatten().ToArray<double>();
        var phi = (double[])start.Clone();
        for (var step = 0; step < learner.Steps; step++)
        {
            var slope = LossGradient(model, theta, phi, episode.Support, learner.Objective);
            phi = [.. phi.Select((value, i) => value - (learner.InnerRate * (slope[i] + (learner.Penalty * (value - start[i])))))];
        }

        var columns = Enumerable.Range(0, phi.Length).SelectMany(i => HessianColumn(model, theta, phi, i, episode.Support, learner.Objective)).ToArray();
        var hessian = Tensor.From(columns, phi.Length, phi.Length);
        var system = ((1 + learner.Damping) * Tensor.Eye(phi.Length, DType.Float64)) + (hessian / (learner.Penalty + learner.PenaltyDamping));
        var v = Tensor.From(LossGradient(model, theta, phi, episode.Query, learner.Objective), phi.Length, 1);
        var basis = v / v.Square().Sum().Sqrt();
        for (var step = 1; step < learner.ConjugateSteps; step++)
        {
            var next = system.Matmul(basis.Narrow(1, step - 1, 1));
            next -= basis.Matmul(basis.T().Matmul(next));
            next -= basis.Matmul(basis.T().Matmul(next)); // once more against rounding
            basis = Tensor.Cat([basis, next / next.Square().Sum().Sqrt()], 1);
        }

        return basis.Matmul(Tensor.LinalgSolve(basis.T().Matmul(system).Matmul(basis), basis.T().Matmul(v))).Reshape([-1]).ToArray<double>();
    }

    // Twice the slope of the loss after steps whose perturbations were found before it was taken: at θ, and uphill of it.
    internal static double[] Sharp(SharpMaml learner, IModel model, Parameters theta, Episode episode)
    {
        var start = theta.Flatten().ToArray<double>();
        return Slope(Uphill(start, Slope(start), learner.OuterRadius));

        double[] Slope(double[] at)
        {
            var perturbations = new List<double[]>();
            Descent(at, (phi, _) =>
            {
                var uphill = Uphill(phi, LossGradient(model, theta, phi, episode.Support, learner.Objective), learner.InnerRadius);
                perturbations.Add([.. uphill.Zip(phi, (high, low) => high - low)]);
                return uphill;
            });
            return CentralDifferences.Gradient(
                point =>
                {
                    var phi = Descent(point.Flatten().ToArray<double>(), (phi, step) => [.. phi.Zip(perturbations[step], (low, by) => low + by)]);
                    return learner.Objective(model.Forward(theta.Unflatten(Tensor.From(phi)), episode.Query.Inputs), episode.Query).ToDouble();
                },
                theta.Unflatten(Tensor.From(at)));
        }

        double[] Descent(double[] phi, Func<double[], int, double[]> uphill)
        {
            for (var step = 0; step < learner.Steps; step++)
            {
                var slope = LossGradient(model, theta, uphill(phi, step), episode.Support, learner.Objective);
                phi = [.. phi.Zip(slope, (value, g) => value - (learner.InnerRate * g))];
            }

            return phi;
        }
    }

    // The slope of L(φ; Q) + η log det(I + G/q), with G as large as there are parameters.
    internal static double[] Laplace(LaplaceMaml learner, IModel model, Parameters theta, Episode episode)
    {
        var descent = new Maml { InnerRate = learner.InnerRate, Objective = learner.Objective };
        return CentralDifferences.Gradient(
            at =>
            {
                var phi = theta.Unflatten(Tensor.From(Descend(descent, model, theta, Walk.From(at), learner.Steps, episode.Support).Phi));
                var system = Tensor.Eye(theta.ElementCount, DType.Float64) + (GaussNewton(model, phi, episode.Support) / learner.Precision);
                var logDeterminant = 2 * system.LinalgCholesky().Diagonal().Log().Sum().ToDouble();
                return learner.Objective(model.Forward(phi, episode.Query.Inputs), episode.Query).ToDouble() + (learner.Weight * logDeterminant);
            },
            theta);
    }

    // The mean over e ~ N(0, I) of (M(θ + σe) − M(θ − σe))/(2σ) · e, with one tensor of e for each of θ, in turn.
    internal static double[] Evolution(EsMaml learner, IModel model, Parameters theta, Episode episode, Generator random)
    {
        return Estimate(Adapted, theta.Flatten().ToArray<double>(), learner.Directions, random);

        double Loss(double[] at, Examples examples) =>
            learner.Objective(model.Forward(theta.Unflatten(Tensor.From(at)), examples.Inputs), examples).ToDouble();

        double Adapted(double[] phi)
        {
            using var inner = random.Derive();
            for (var step = 0; step < learner.Steps; step++)
            {
                var slope = learner.InnerDirections == 0
                    ? LossGradient(model, theta, phi, episode.Support, learner.Objective)
                    : Estimate(at => Loss(at, episode.Support), phi, learner.InnerDirections, inner);
                phi = Moved(phi, slope, -learner.InnerRate);
            }

            return Loss(phi, episode.Query);
        }

        double[] Estimate(Func<double[], double> value, double[] at, int count, Generator source)
        {
            var sum = new double[at.Length];
            for (var i = 0; i < count; i++)
            {
                var e = theta.Leaves.SelectMany(leaf => source.Normal([.. leaf.Shape], dtype: DType.Float64).Reshape([-1]).ToArray<double>()).ToArray();
                var difference = value(Moved(at, e, learner.Deviation)) - value(Moved(at, e, -learner.Deviation));
                sum = Moved(sum, e, difference / 2 / learner.Deviation / count);
            }

            return sum;
        }
    }

    // v ← v − α (∇L(φ + δv; S) − ∇L(φ − δv; S))/(2δ), with δ the difference over |v|, from v = ∇L(φ; Q) back through the steps.
    internal static double[] HessianFree(HfMaml learner, IModel model, Parameters theta, Episode episode)
    {
        var path = new Stack<double[]>([theta.Flatten().ToArray<double>()]);
        double[] Slope(double[] at, Examples examples) => LossGradient(model, theta, at, examples, learner.Objective);
        for (var step = 0; step < learner.Steps; step++)
        {
            path.Push(Moved(path.Peek(), Slope(path.Peek(), episode.Support), -learner.InnerRate));
        }

        var v = Slope(path.Pop(), episode.Query);
        foreach (var phi in path)
        {
            var delta = learner.Difference / Math.Sqrt(v.Sum(x => x * x));
            var change = Moved(Slope(Moved(phi, v, delta), episode.Support), Slope(Moved(phi, v, -delta), episode.Support), -1);
            v = Moved(v, change, -learner.InnerRate / 2 / delta);
        }

        return v;
    }

    // The slope of L(TW; Q) after steps W ← W − α M ⊙ Tᵀ∇L(TW; S), with M = M0 + σ(ζ + l) − σ(ζ0 + l): the drawn mask M0 where ζ is ζ0, with a slope.
    internal static double[] StraightThrough(MtNet learner, IModel model, Parameters theta, Episode episode, Generator random, int[] coordinates)
    {
        var drawn = theta.Under("masks").Map(leaf => random.Uniform([.. leaf.Shape], dtype: leaf.DType));
        Tensor Logit(Parameters at, string layer) => at[$"masks.{layer}"] + (drawn[layer] / (1 - drawn[layer])).Log();
        return CentralDifferences.Gradient(
            at =>
            {
                Tensor Column(string layer) => (Logit(theta, layer).Gt((Scalar)0).To(DType.Float64) + Logit(at, layer).Sigmoid() - Logit(theta, layer).Sigmoid()).Unsqueeze(1);
                Parameters Product(Parameters weights, Func<string, Tensor> matrix) =>
                    weights.Map((name, leaf) => matrix(name.Split('.')[0]).Matmul(leaf.Reshape([leaf.Size(0), -1])).Reshape([.. leaf.Shape]));
                var weights = at.Without("masks").Without("transforms");
                for (var step = 0; step < learner.Steps; step++)
                {
                    var slope = Transforms.Grad(
                        p => learner.Objective(model.Forward(p, episode.Support.Inputs), episode.Support), Product(weights, layer => at[$"transforms.{layer}"]));
                    weights -= learner.InnerRate * Product(slope, layer => Column(layer) * at[$"transforms.{layer}"].T());
                }

                return learner.Objective(model.Forward(Product(weights, layer => at[$"transforms.{layer}"]), episode.Query.Inputs), episode.Query).ToDouble();
            },
            theta,
            coordinates);
    }

    // Σ J'ΛJ over the examples, over their number, row by row of J; Λ is diag(p) − pp' for classes, and 2/outputs for values.
    private static Tensor GaussNewton(IModel model, Parameters at, Examples examples)
    {
        var predictions = model.Forward(at, examples.Inputs);
        var outputs = (int)predictions.Size(1);
        var sum = Tensor.Eye(at.ElementCount, DType.Float64) * 0.0;
        for (var i = 0; i < examples.Count; i++)
        {
            var example = i;
            var rows = Enumerable.Range(0, outputs).Select(k => Transforms.Grad(p => model.Forward(p, examples.Inputs)[example][k], at).Flatten());
            var (jacobian, p) = (Tensor.Stack([.. rows]), predictions[example].Softmax(-1).Unsqueeze(-1));
            var identity = Tensor.Eye(outputs, DType.Float64);
            var curvature = examples.IsClassification ? (p * identity) - p.Matmul(p.T()) : identity * (2.0 / outputs);
            sum += jacobian.T().Matmul(curvature).Matmul(jacobian) / examples.Count;
        }

        return sum;
    }

    private static double[] Moved(double[] from, double[] along, double by) => [.. from.Zip(along, (x, direction) => x + (by * direction))];

    private static double[] Uphill(double[] at, double[] slope, double radius)
    {
        var norm = Math.Sqrt(slope.Sum(g => g * g));
        return [.. at.Zip(slope, (value, g) => value + (radius * g / norm))];
    }

    private static double[] HessianColumn(IModel model, Parameters structure, double[] at, int coordinate, Examples examples, Objective objective)
    {
        const double Step = 1e-5;
        double[] Moved(double by)
        {
            var point = (double[])at.Clone();
            point[coordinate] += by;
            return LossGradient(model, structure, point, examples, objective);
        }

        return [.. Moved(Step).Zip(Moved(-Step), (up, down) => (up - down) / (2 * Step))];
    }

    private static Walk Descend(Maml learner, IModel model, Parameters structure, Walk from, int steps, Examples support)
    {
        var (phi, first, second, done) = from;
        for (var step = done + 1; step <= done + steps; step++)
        {
            var slope = LossGradient(model, structure, phi, support, learner.Objective);
            (first, second) = learner.InnerOptimiser switch
            {
                InnerOptimiser.Momentum { Decay: var decay } => ([.. first.Zip(slope, (m, g) => (decay * m) + g)], second),
                InnerOptimiser.Adam adam => (
                    first.Zip(slope, (m, g) => (adam.Beta1 * m) + ((1 - adam.Beta1) * g)).ToArray(),
                    second.Zip(slope, (v, g) => (adam.Beta2 * v) + ((1 - adam.Beta2) * g * g)).ToArray()),
                _ => (slope, second),
            };
            var update = learner.InnerOptimiser is InnerOptimiser.Adam { Beta1: var beta1, Beta2: var beta2, Epsilon: var epsilon }
                ? first.Zip(second, (m, v) => m / (1 - Math.Pow(beta1, step)) / Math.Sqrt((v / (1 - Math.Pow(beta2, step))) + epsilon))
                : first;
            phi = [.. phi.Zip(update, (value, by) => value - (learner.InnerRate * by))];
        }

        return new(phi, first, second, done + steps);
    }

    internal static double[] LossGradient(IModel model, Parameters structure, double[] at, Examples examples, Objective objective)
    {
        using var scope = new TensorScope();
        return Transforms.Grad(parameters => objective(model.Forward(parameters, examples.Inputs), examples), structure.Unflatten(Tensor.From(at)))
            .Flatten().ToArray<double>();
    }

    private static Examples Rows(Examples examples, long[] rows)
    {
        var index = Tensor.From(rows);
        return examples with { Inputs = examples.Inputs.IndexSelect(0, index), Targets = examples.Targets.IndexSelect(0, index) };
    }

    // Parameters on their way, with the moments of gradients and the steps done.
    private sealed record Walk(double[] Phi, double[] First, double[] Second, int Steps)
    {
        internal static Walk From(Parameters theta) => new(theta.Flatten().ToArray<double>(), new double[theta.ElementCount], new double[theta.ElementCount], 0);
    }
}
