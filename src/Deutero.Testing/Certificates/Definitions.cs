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
        var phi = Descend(learner, model, theta, theta.Flatten().ToArray<double>(), learner.Steps, episode.Support);
        return LossGradient(model, theta, phi, episode.Query, learner.Objective);
    }

    // The slope of φ ↦ L(U^K(φ); Q) at the parameters that the earlier steps led to.
    internal static double[] Truncated(Maml learner, int last, IModel model, Parameters theta, Episode episode)
    {
        var middle = Descend(learner, model, theta, theta.Flatten().ToArray<double>(), learner.Steps - last, episode.Support);
        return CentralDifferences.Gradient(
            at =>
            {
                var phi = Descend(learner, model, theta, at.Flatten().ToArray<double>(), last, episode.Support);
                return learner.Objective(model.Forward(theta.Unflatten(Tensor.From(phi)), episode.Query.Inputs), episode.Query).ToDouble();
            },
            theta.Unflatten(Tensor.From(middle)));
    }

    // θ − φ: minibatches in turn from all shuffled examples, with SGD or with Adam without a first moment.
    internal static double[] Reptile(Reptile learner, IModel model, Parameters theta, Episode episode, Generator random)
    {
        const double Decay = 0.999;
        var examples = episode.Support.Concat(episode.Query);
        var count = (int)examples.Count;
        var whole = learner.BatchSize == 0 || learner.BatchSize >= count;
        var order = whole ? [.. Enumerable.Range(0, count)] : random.Choose(count, count);
        var size = whole ? count : learner.BatchSize;
        var start = theta.Flatten().ToArray<double>();
        var (phi, second) = ((double[])start.Clone(), new double[start.Length]);
        for (var step = 1; step <= learner.Steps; step++)
        {
            var rows = Enumerable.Range((step - 1) * size, size).Select(i => (long)order[i % count]).ToArray();
            var slope = LossGradient(model, theta, phi, Rows(examples, rows), learner.Objective);
            for (var i = 0; i < phi.Length; i++)
            {
                second[i] = (Decay * second[i]) + ((1 - Decay) * slope[i] * slope[i]);
                var root = Math.Sqrt(second[i] / (1 - Math.Pow(Decay, step))) + 1e-8;
                phi[i] -= learner.InnerRate * (learner.InnerAdam ? slope[i] / root : slope[i]);
            }
        }

        return [.. start.Zip(phi, (from, to) => from - to)];
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

    private static double[] Descend(Maml learner, IModel model, Parameters structure, double[] phi, int steps, Examples support)
    {
        for (var step = 0; step < steps; step++)
        {
            var slope = LossGradient(model, structure, phi, support, learner.Objective);
            phi = [.. phi.Zip(slope, (value, g) => value - (learner.InnerRate * g))];
        }

        return phi;
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
}
