using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class LaplaceMamlTests
{
    // x = (1, 0), (0, 2): the mean squared error's matrix is (2/2) X'X = diag(1, 4), and with q = 2 det(I + G/q) = 1.5 · 3.
    [Fact]
    public void Log_determinant_of_two_examples_is_that_worked_out_by_hand() =>
        Assert.Equal(Math.Log(4.5), LogDeterminant(new(2, 0.3, -0.7), Plane([0, 0]), 2), 1e-12);

    // A linear model's Gauss-Newton matrix is its Hessian, which comes from Hessian-vector products here.
    [Fact]
    public void Log_determinant_of_a_linear_classifier_is_that_of_its_hessian()
    {
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(1)).To(DType.Float64);
        var model = new Linear(20, [.. Enumerable.Range(0, 60).Select(i => 0.1 * Math.Sin(i))]);
        var theta = model.Init(Generator.Seed(1));
        var eye = Tensor.Eye(60, DType.Float64);
        var columns = Enumerable.Range(0, 60).Select(i => Transforms.Hvp(
            at => Objectives.CrossEntropy(model.Forward(at, episode.Support.Inputs), episode.Support), theta, theta.Unflatten(eye[i])).Flatten());
        var dense = eye + (Tensor.Stack([.. columns]) / 0.5);
        var expected = 2 * dense.LinalgCholesky().Diagonal().Log().Sum().ToDouble();
        Assert.Equal(expected, LogDeterminant(model, episode.Support, 0.5), 1e-9);
    }

    // Of a linear model with Gaussian noise and prior Laplace's approximation is exact: y ~ N(Xθ, I + XX'/q). Of two examples the mean squared
    // error is half the sum.
    [Fact]
    public void Evidence_of_a_linear_model_is_that_of_its_closed_form()
    {
        const double Precision = 1.7;
        var (examples, theta) = (Plane([0.4, -1.1]), Tensor.From([0.3, -0.7], 2, 1));
        var (x, y, eye) = (examples.Inputs, examples.Targets, Tensor.Eye(2, DType.Float64));
        var covariance = eye + (x.Matmul(x.T()) / Precision);
        var residual = y - x.Matmul(theta);
        var evidence = (0.5 * residual.T().Matmul(Tensor.LinalgSolve(covariance, residual))).Sum() + covariance.LinalgCholesky().Diagonal().Log().Sum();
        var phi = Tensor.LinalgSolve(x.T().Matmul(x) + (Precision * eye), x.T().Matmul(y) + (Precision * theta));
        var laplace = Objectives.MeanSquaredError(x.Matmul(phi), examples).ToDouble()
            + (Precision / 2 * (phi - theta).Square().Sum().ToDouble()) + (LogDeterminant(new(2, 0, 0), examples, Precision) / 2);
        Assert.Equal(evidence.ToDouble(), laplace, 1e-12);
    }

    // h = 2, α = .1, three steps: ρ = (1 − αh)³ = .512, and a prior of precision q = hρ/(1 − ρ) around θ has its most probable φ where the steps end.
    [Theory]
    [InlineData(0.0, 1.0)]
    [InlineData(-3.0, 0.7)]
    public void Steps_from_theta_end_at_the_most_probable_parameters_under_a_gaussian_around_it(double a, double theta)
    {
        const double Q = 2 * 0.512 / 0.488;
        Assert.Equal(2.098361, Q, 1e-6);
        var learner = new LaplaceMaml { InnerRate = 0.1, Steps = 3, Objective = Linear.HalfSquare };
        var (model, root) = (new Linear(1, theta), Math.Sqrt(2));
        var phi = learner.Adapt(model, model.Init(Generator.Seed(1)), Linear.Point([root], a * root), Generator.Seed(1)).Predict(Tensor.Eye(1, DType.Float64));
        Assert.Equal(((2 * a) + (Q * theta)) / (2 + Q), phi.Sum().ToDouble(), 1e-12);
    }

    [Fact]
    public void Without_its_weight_it_is_maml_bit_for_bit_and_with_one_the_loss_is_still_that_of_the_queries()
    {
        var (model, episode) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 3 }, new Nuisance20(3, 2, 2).Sample(Generator.Seed(1)));
        var theta = model.Init(Generator.Seed(2));
        MetaGradient Run(IMetaLearner learner) => learner.MetaGradient(model, theta, episode, Generator.Seed(3));
        var (maml, without, with) = (Run(new Maml()), Run(new LaplaceMaml { Weight = 0 }), Run(new LaplaceMaml { Weight = 0.1 }));
        Assert.All(maml.Leaves.Zip(without.Leaves), pair => Assert.True(pair.First.BitEquals(pair.Second)));
        Assert.Equal(maml.Loss.ToDouble(), with.Loss.ToDouble(), 1e-6);
        Assert.NotEqual(0, (with.Direction - maml.Direction).Flatten().Square().Sum().ToDouble(), 1e-6);
    }

    private static double LogDeterminant(Linear model, Examples examples, double precision) =>
        GaussNewton.LogDeterminant(at => model.Forward(at, examples.Inputs), model.Init(Generator.Seed(1)), examples, precision).ToDouble();

    private static Examples Plane(double[] targets) => new(Tensor.From([1.0, 0, 0, 2], 2, 2), Tensor.From(targets, 2, 1), Ways: 0);
}
