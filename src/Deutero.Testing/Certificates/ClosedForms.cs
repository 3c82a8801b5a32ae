using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Testing;

/// <summary>Meta-gradients that can be worked out on paper, for tasks of one to three numbers.</summary>
internal static class ClosedForms
{
    private const double Tolerance = 1e-9;

    internal static IEnumerable<Certificate> All() =>
        [.. Quadratic(), .. Linear(), .. Logistic(), .. StationaryPoints(), Prototypes(), Body(), Context()];

    // F1: L_S = h/2 (φ − a)², L_Q = g/2 (φ − b)²; φ_K = a + (1 − αh)^K (θ − a), meta-gradient (1 − αh)^K g (φ_K − b).
    private static IEnumerable<Certificate> Quadratic()
    {
        var (h, a, g, b, theta, rate) = (2.0, 0.0, 3.0, 0.5, 1.0, 0.1);
        var episode = new Episode(Curve(h, a), Curve(g, b), "F1");
        foreach (var steps in new[] { 1, 3 })
        {
            var shrink = Math.Pow(1 - (rate * h), steps);
            var slope = g * (a + (shrink * (theta - a)) - b);
            var maml = new Maml { InnerRate = rate, Steps = steps, Objective = HalfSquare };
            yield return Compare($"Maml, {Steps(steps)}", "closed form F1", maml, episode, [theta], [shrink * slope]);
            yield return Compare($"Maml, first order, {Steps(steps)}", "closed form F1", maml with { Unrolling = new Unrolling.FirstOrder() }, episode, [theta], [slope]);
        }

        // The rate is a meta-parameter: dα = −∇L_S(θ) ∇L_Q(φ).
        var sgd = new MetaSgd { Objective = HalfSquare };
        var line = new LinearModel { Theta = Tensor.From([theta], 1, 1) };
        yield return Compare("MetaSgd, 1 step", "closed form F1", sgd, line, episode, [theta, rate], [0.8 * 0.9, -2 * 0.9]);

        // Reptile with one step descends along α times the gradient of joint training.
        var joint = new Episode(Curve(h, a), Curve(h, a), "F1");
        yield return Compare("Reptile, 1 step", "closed form F1", Plain(rate, steps: 1), joint, [theta], [rate * h * (theta - a)]);
    }

    // F2: linear regression in three dimensions with half the squared error.
    private static IEnumerable<Certificate> Linear()
    {
        var episode = new Episode(Points([1, 2, 1], 0), Points([2, 0, 1], 0), "F2");
        var maml = new Maml { InnerRate = 0.25, Objective = HalfSquare };
        yield return Compare("Maml, 1 step", "closed form F2", maml, episode, [1, -1, 2], [4.0625, -4.875, 0.8125]);
        yield return Compare("Maml, first order, 1 step", "closed form F2", maml with { Unrolling = new Unrolling.FirstOrder() }, episode, [1, -1, 2], [6.5, 0, 3.25]);
    }

    // F3: logistic loss log(1 + exp(−y θ x)); support x = 1, y = 1; query x = 2, y = −1.
    private static IEnumerable<Certificate> Logistic()
    {
        var (theta, rate) = (0.5, 0.5);
        var phi = theta + (rate * Sigmoid(-theta));
        var slope = 2 * Sigmoid(2 * phi);
        var episode = new Episode(Points([1], 1), Points([2], -1), "F3");
        var maml = new Maml { InnerRate = rate, Objective = (predictions, examples) => (-(predictions * examples.Targets)).Softplus().Mean() };
        yield return Compare("Maml, 1 step", "closed form F3", maml, episode, [theta], [slope * (1 - (rate * Sigmoid(theta) * Sigmoid(-theta)))]);
        yield return Compare("Maml, first order, 1 step", "closed form F3", maml with { Unrolling = new Unrolling.FirstOrder() }, episode, [theta], [slope]);
    }

    // F4: two quadratic tasks with S = Q, h = (1, 3), a = (0, 1), α = .2: where the directions of the two tasks cancel.
    private static IEnumerable<Certificate> StationaryPoints()
    {
        var maml = new Maml { InnerRate = 0.2, Objective = HalfSquare };
        yield return Balance("Maml, 1 step", maml, 3.0 / 7);
        yield return Balance("Maml, first order, 1 step", maml with { Unrolling = new Unrolling.FirstOrder() }, 0.6);
        yield return Balance("Reptile, 1 step", Plain(0.2, steps: 1), 0.75);
        yield return Balance("Reptile, 2 steps", Plain(0.2, steps: 2), 0.7);
    }

    // Supports (0,0),(2,0) and (4,4),(4,6), query (3,3) of class 1, embedding x ↦ x W at W = I. With p the softmax of −||z − c_k||²:
    // dL/dz = 2 (Σ p_k c_k − c_1), dL/dc_k = 2 (1[k = 1] − p_k)(c_k − z), dL/dW = zᵀ dL/dz + Σ c_kᵀ dL/dc_k.
    private static Certificate Prototypes()
    {
        double[][] prototypes = [[1, 0], [4, 5]];
        double[] query = [3, 3];
        var far = 1 / (1 + Math.Exp(13 - 5));
        double[] weights = [far, 1 - far];
        var expected = new double[4];
        for (var row = 0; row < 2; row++)
        {
            for (var column = 0; column < 2; column++)
            {
                expected[(row * 2) + column] = query[row] * 2 * ((weights[0] * prototypes[0][column]) + (weights[1] * prototypes[1][column]) - prototypes[1][column]);
                for (var k = 0; k < 2; k++)
                {
                    expected[(row * 2) + column] += prototypes[k][row] * 2 * (k - weights[k]) * (prototypes[k][column] - query[column]);
                }
            }
        }

        var support = new Examples(Tensor.From([0.0, 0, 2, 0, 4, 4, 4, 6], 4, 2), Tensor.From([0L, 0, 1, 1]), Ways: 2);
        var episode = new Episode(support, new(Tensor.From(query, 1, 2), Tensor.From([1L]), Ways: 2), "prototypes");
        return Compare("ProtoNet", "closed form of the softmax over prototypes", new ProtoNet(), episode, [1, 0, 0, 1], expected);
    }

    // f(x) = v relu(u x + b) + c at u = 1, v = 2, b = c = 0; support (1, 0), query (1, 1), α = .1. The body's step is s = αv (v (u + b) + c) = .4 for u and
    // b alike; h' = u + b − 2s = .2, f = v h' + c = .4, f − 1 = −.6; df/du = df/db = v (1 − 2αv²), df/dv = h' − 2αv (2v (u + b) + c), df/dc = 1 − 2αv².
    private static Certificate Body()
    {
        var model = new Mlp { Inputs = 1, Hidden = [1], Outputs = 1 };
        var boil = new Boil { InnerRate = 0.1, Objective = HalfSquare };
        return Compare("Boil, 1 step", "closed form", boil, model, new(Points([1], 0), Points([1], 1), "body"), [1, 0, 2, 0], [-0.24, -0.24, 0.84, -0.12]);
    }

    // f(x) = w x + b + v c at w = v = 1, b = 0; support (1, 2), query (2, 3), α = .5: c = αv (2 − w − b) = .5, f − 3 = −.5.
    private static Certificate Context()
    {
        var model = new Mlp { Inputs = 1, Hidden = [], Outputs = 1 };
        var cavia = new Cavia { Contexts = 1, InnerRate = 0.5, Objective = HalfSquare };
        return Compare("Cavia, 1 step", "closed form", cavia, model, new(Points([1], 2), Points([2], 3), "context"), [1, 0, 1], [-0.75, -0.25, -0.5]);
    }

    private static Certificate Balance(string name, IMetaLearner learner, double stationary)
    {
        var first = Direction(learner, new(Curve(1, 0), Curve(1, 0), "F4.1"), [stationary]);
        var second = Direction(learner, new(Curve(3, 1), Curve(3, 1), "F4.2"), [stationary]);
        return new(name, Math.Abs(first[0] + second[0]) / Math.Abs(first[0]), "stationary point of F4", Tolerance);
    }

    private static Certificate Compare(string name, string method, IMetaLearner learner, Episode episode, double[] theta, double[] expected) =>
        new(name, CentralDifferences.RelativeError(Direction(learner, episode, theta), expected), method, Tolerance);

    // At given values of all meta-parameters, in their order.
    private static Certificate Compare(
        string name, string method, IMetaLearner learner, IModel model, Episode episode, double[] theta, double[] expected)
    {
        using var random = Generator.Seed(1);
        var at = learner.Init(model, random).To(DType.Float64).Unflatten(Tensor.From(theta));
        var direction = learner.MetaGradient(model, at, episode, random).Direction.Flatten().ToArray<double>();
        return new(name, CentralDifferences.RelativeError(direction, expected), method, Tolerance);
    }

    private static double[] Direction(IMetaLearner learner, Episode episode, double[] theta)
    {
        using var random = Generator.Seed(1);
        var features = episode.Support.Inputs.Size(1);
        var model = new LinearModel { Theta = Tensor.From(theta, features, theta.Length / features) };
        return learner.MetaGradient(model, learner.Init(model, random), episode, random).Direction.Flatten().ToArray<double>();
    }

    private static Reptile Plain(double rate, int steps) => new() { InnerRate = rate, Steps = steps, BatchSize = 0, InnerAdam = false, Objective = HalfSquare };

    // As one example x = √h, y = √h a of the model θ x, half the squared error is h/2 (θ − a)².
    private static Examples Curve(double curvature, double minimum) => Points([Math.Sqrt(curvature)], Math.Sqrt(curvature) * minimum);

    private static Examples Points(double[] input, double target) => new(Tensor.From(input, 1, input.Length), Tensor.From([target], 1, 1), Ways: 0);

    private static Tensor HalfSquare(Tensor predictions, Examples examples) => (predictions - examples.Targets).Square().Mean() * 0.5;

    private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));

    private static string Steps(int count) => count == 1 ? "1 step" : $"{count} steps";
}
