using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class ImplicitMamlTests
{
    private static readonly ImplicitMaml s_exact = new() { Penalty = 2, Damping = 0, PenaltyDamping = 0, Steps = 400, InnerRate = 0.1, Objective = Linear.HalfSquare };

    // Adam with a constant rate comes near, and stays there.
    public static TheoryData<ImplicitMaml, double> Solvers => new()
    {
        { s_exact, 1e-12 },
        { s_exact with { Solver = InnerSolver.Momentum, InnerRate = 0.02 }, 1e-8 },
        { s_exact with { Solver = InnerSolver.Adam, Steps = 2000, InnerRate = 0.01 }, 1e-3 },
        { s_exact with { Solver = InnerSolver.HessianFree, Steps = 4 }, 1e-12 },
    };

    // h = 2, a = 0, λ = 2, θ = 1, L_Q = 3/2 φ²: φ* = λθ/(h + λ) = .5, its slope 1.5, and that times λ/(h + λ) is .75.
    [Theory]
    [MemberData(nameof(Solvers))]
    public void Meta_gradient_of_a_parabola_is_that_worked_out_by_hand(ImplicitMaml learner, double tolerance)
    {
        var result = new Linear(1, 1).Run(learner, Linear.Point([Math.Sqrt(2)], 0), Linear.Point([Math.Sqrt(3)], 0));
        Assert.Equal(1.5 * 0.25, result.Loss.ToDouble(), tolerance);
        Assert.Equal(0.75, result.Direction["w"].ToDouble(), tolerance);
    }

    // H = [[3, 1], [1, 2]], a = (1, −1), θ = (0, 2), λ = 2: φ* = (H + λI)⁻¹(Ha + λθ) = (5, 13)/19.
    [Theory]
    [MemberData(nameof(Solvers))]
    public void Inner_solution_in_two_dimensions_is_that_worked_out_by_hand(ImplicitMaml learner, double tolerance)
    {
        var support = Plane();
        var adapted = learner.Adapt(new Linear(2, 0, 2), new Linear(2, 0, 2).Init(Generator.Seed(1)), support, Generator.Seed(1)).Predict;
        MamlTests.AssertClose([5 / 19.0, 13 / 19.0], adapted(Tensor.Eye(2, DType.Float64)).ToArray<double>(), tolerance);
    }

    [Theory]
    [InlineData(1, new[] { 4 / 11.0, 4 / 11.0 })]
    [InlineData(2, new[] { 6 / 19.0, 8 / 19.0 })]
    [InlineData(5, new[] { 6 / 19.0, 8 / 19.0 })]
    public void Conjugate_gradients_are_those_worked_out_by_hand_and_exact_after_as_many_steps_as_dimensions(int steps, double[] expected)
    {
        Parameters v = [new("w", Tensor.From([1.0, 1], 2, 1))];
        var hessian = Tensor.From([3.0, 1, 1, 2], 2, 2);
        var solved = ImplicitMaml.ConjugateGradients(p => p + (0.5 * p.Map(leaf => hessian.Matmul(leaf))), v, steps);
        MamlTests.AssertClose(expected, solved["w"].ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Error_of_conjugate_gradients_falls_monotonically_in_the_norm_of_the_matrix()
    {
        using var random = Generator.Seed(6);
        var root = random.Normal([8, 8], dtype: DType.Float64);
        var (matrix, b) = (root.Matmul(root.T()) + Tensor.Eye(8, DType.Float64), random.Normal([8, 1], dtype: DType.Float64));
        var exact = Tensor.LinalgSolve(matrix, b);
        double Error(int steps)
        {
            var error = ImplicitMaml.ConjugateGradients(p => p.Map(leaf => matrix.Matmul(leaf)), [new("x", b)], steps)["x"] - exact;
            return error.T().Matmul(matrix).Matmul(error).ToDouble();
        }

        var errors = Enumerable.Range(1, 8).Select(Error).ToArray();
        Assert.All(errors.Zip(errors.Skip(1)), pair => Assert.True(pair.Second < pair.First, $"{pair.Second} after {pair.First}"));
        Assert.InRange(errors[^1], 0, 1e-12);
    }

    [Fact]
    public void Negative_curvature_returns_the_vector_itself_at_once_and_the_last_step_later()
    {
        Parameters v = [new("w", Tensor.From([1.0, 1], 2, 1))];
        var (saddle, bent) = (Tensor.From([-3.0, 0, 0, 1], 2, 2), Tensor.From([4.0, 0, 0, -1], 2, 2));
        MamlTests.AssertClose([1, 1], ImplicitMaml.ConjugateGradients(p => p.Map(leaf => saddle.Matmul(leaf)), v, 5)["w"].ToArray<double>());
        MamlTests.AssertClose([2 / 3.0, 2 / 3.0], ImplicitMaml.ConjugateGradients(p => p.Map(leaf => bent.Matmul(leaf)), v, 5)["w"].ToArray<double>());
    }

    [Fact]
    public void Implicit_and_unrolled_meta_gradients_of_a_solved_inner_problem_agree()
    {
        var query = Linear.Point([1, 1], 0.3);
        var theta = new Linear(2, 0, 2).Init(Generator.Seed(1));
        var unrolled = Transforms.Grad(
            start =>
            {
                var phi = start;
                for (var step = 0; step < 400; step++)
                {
                    phi -= 0.1 * Transforms.Grad(
                        at => Linear.HalfSquare(at["w"].T().Matmul(Plane().Inputs.T()).T(), Plane()) + (at - start).Dot(at - start), phi);
                }

                return Linear.HalfSquare(query.Inputs.Matmul(phi["w"]), query);
            },
            theta);
        var result = new Linear(2, 0, 2).Run(s_exact, Plane(), query);
        MamlTests.AssertClose(unrolled["w"].ToArray<double>(), result.Direction["w"].ToArray<double>(), 1e-8);
    }

    // λ -> infinity: φ* = θ, the gradient of joint training.
    [Fact]
    public void Great_penalty_is_joint_training()
    {
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(2)).To(DType.Float64);
        var model = new Mlp { Inputs = 20, Hidden = [4], Outputs = 3, Activation = Activation.Tanh };
        var theta = model.Init(Generator.Seed(1)).To(DType.Float64);
        var learner = new ImplicitMaml { Penalty = 1e8, InnerRate = 1e-8, Damping = 0, PenaltyDamping = 0 };
        var joint = Transforms.Grad(at => Objectives.CrossEntropy(model.Forward(at, episode.Query.Inputs), episode.Query), theta);
        MamlTests.AssertClose(
            joint.Flatten().ToArray<double>(), learner.MetaGradient(model, theta, episode, Generator.Seed(1)).Direction.Flatten().ToArray<double>(), 1e-6);
    }

    // Looked at from within the loss: 2,000 examples make several megabytes of graph for each inner step, and the parameters of 97 steps would be 8.
    [Theory]
    [InlineData(InnerSolver.Descent, 100)]
    [InlineData(InnerSolver.Momentum, 100)]
    [InlineData(InnerSolver.Adam, 100)]
    [InlineData(InnerSolver.HessianFree, 15)]
    public void Memory_does_not_grow_with_the_inner_steps_and_that_of_an_unrolled_loop_does(InnerSolver solver, int steps)
    {
        var model = new Mlp { Inputs = 20, Hidden = [128, 128], Outputs = 5 };
        var theta = model.Init(Generator.Seed(1));
        var episode = new Nuisance20(5, 400, 1).Sample(Generator.Seed(2));
        var peak = 0L;
        Tensor Watched(Tensor predictions, Examples examples)
        {
            peak = Math.Max(peak, Memory.AllocatedMegabytes());
            return Objectives.CrossEntropy(predictions, examples);
        }

        long Peak(IMetaLearner learner)
        {
            using var scope = new TensorScope();
            var before = Memory.AllocatedMegabytes();
            peak = 0;
            learner.MetaGradient(model, theta, episode, Generator.Seed(3));
            return peak - before;
        }

        // The runtime compiles meanwhile, but not each time.
        long Least(IMetaLearner learner) => Enumerable.Range(0, 3).Min(_ => Peak(learner));

        var learner = new ImplicitMaml { Solver = solver, InnerRate = 1e-3, ConjugateSteps = 2, Objective = Watched };
        Peak(learner with { Steps = 1 }); // what is allocated once and for all
        var (few, many) = (Least(learner with { Steps = 3 }), Least(learner with { Steps = steps }));
        var unrolled = Peak(new Maml { Steps = 30, InnerRate = 1e-3, Objective = Watched });
        Assert.InRange(many - few, long.MinValue, 4);
        Assert.InRange(unrolled, 2 * many, long.MaxValue);
    }

    // Two examples x₁, x₂ with X'X/2 = H and targets Xa: half the mean squared error is (φ − a)'H(φ − a)/2. X = √2 · the Cholesky factor of H.
    private static Examples Plane()
    {
        var root = Math.Sqrt(2) * Tensor.From([3.0, 1, 1, 2], 2, 2).LinalgCholesky().T();
        return new(root, root.Matmul(Tensor.From([1.0, -1], 2, 1)), Ways: 0);
    }
}
