using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class MetaCurvatureTests
{
    // M_o = ((1, 2), (0, 1)), M_i = ((1, 0, 1), (0, 1, 0), (0, 0, 2)), G = ((0, 1, 2), (3, 4, 5)): M_o G M_iᵀ = ((18, 9, 24), (8, 4, 10)).
    [Fact]
    public void Gradient_of_a_matrix_is_multiplied_from_both_sides()
    {
        var theta = Slope(Tensor.From([0.0, 1, 2, 3, 4, 5], 2, 3)).With(
        [
            new("curvature.w.outputs", Tensor.From([1.0, 2, 0, 1], 2, 2)), new("curvature.w.inputs", Tensor.From([1.0, 0, 1, 0, 1, 0, 0, 0, 2], 3, 3)),
        ]);
        MamlTests.AssertClose([18, 9, 24, 8, 4, 10], Moved(theta));
    }

    [Fact]
    public void Gradient_of_a_kernel_is_multiplied_along_each_of_its_three_axes()
    {
        using var random = Generator.Seed(1);
        var theta = new MetaCurvature().Init(new Formula(Slope(random.Normal([2, 3, 2, 2])), (_, _) => throw new NotSupportedException()), random)
            .Map(leaf => random.Normal([.. leaf.Shape], dtype: DType.Float64));
        Assert.Equal(["outputs", "inputs", "positions"], theta.Under("curvature.w").Names);
        var slope = theta["w"].Reshape([2, 3, 4]);
        double Entry(string axis, int row, int column) => theta[$"curvature.w.{axis}"][row][column].ToDouble();
        var expected = new List<double>();
        foreach (var (o, i, p) in Indices())
        {
            expected.Add(Indices().Sum(at => Entry("outputs", o, at.O) * Entry("inputs", i, at.I) * Entry("positions", p, at.P) * slope[at.O][at.I][at.P].ToDouble()));
        }

        MamlTests.AssertClose([.. expected], Moved(theta));
    }

    [Fact]
    public void Gradient_of_a_vector_is_multiplied_number_by_number()
    {
        Parameters theta = Slope(Tensor.From([3.0, -2])).With([new("curvature.w", Tensor.From([5.0, 7]))]);
        MamlTests.AssertClose([15, -14], Moved(theta));
    }

    [Fact]
    public void Identities_give_the_bits_of_maml()
    {
        var learner = new MetaCurvature { InnerRate = 0.2, Steps = 2 };
        var model = new Conv4 { Height = 16, Width = 16, Filters = 4, Outputs = 2 };
        var theta = learner.Init(model, Generator.Seed(1));
        var support = new Examples(Generator.Seed(2).Normal([4, 1, 16, 16]), Tensor.From([0L, 0, 1, 1]), Ways: 2);
        Episode episode = new(support, support, "images");
        var actual = learner.MetaGradient(model, theta, episode, Generator.Seed(1));
        var expected = new Maml { InnerRate = 0.2, Steps = 2 }.MetaGradient(model, theta.Without("curvature"), episode, Generator.Seed(1));
        Assert.True(expected.Predictions.BitEquals(actual.Predictions));
        Assert.True(expected.Direction.BitEquals(actual.Direction.Without("curvature")));
    }

    // One step: dL/dM_o = −α V M_i Gᵀ at M_o = I, with G the inner gradient and V the outer one at φ.
    [Fact]
    public void Matrices_move_along_the_product_of_the_two_gradients()
    {
        using var random = Generator.Seed(2);
        var model = new Mlp { Inputs = 20, Hidden = [], Outputs = 5 };
        var theta = new MetaCurvature().Init(model, random).To(DType.Float64);
        theta = theta.Map((name, leaf) => name == "curvature.linear1.weight.inputs" ? random.Normal([20, 20], 0.3, DType.Float64) : leaf);
        var episode = new Nuisance20(5, 2, 2).Sample(random).To(DType.Float64);
        Parameters At(Parameters weights, Examples examples) => Transforms.Grad(at => Objectives.CrossEntropy(model.Forward(at, examples.Inputs), examples), weights);
        var start = theta.Without("curvature");
        var (slope, inputs) = (At(start, episode.Support), theta["curvature.linear1.weight.inputs"]);
        var curved = slope.Map((name, leaf) => name == "linear1.weight" ? leaf.Matmul(inputs.T()) : leaf);
        var outer = At(start - (0.1 * curved), episode.Query)["linear1.weight"];
        var expected = -0.1 * outer.Matmul(inputs).Matmul(slope["linear1.weight"].T());
        var actual = new MetaCurvature { InnerRate = 0.1 }.MetaGradient(model, theta, episode, Generator.Seed(1)).Direction["curvature.linear1.weight.outputs"];
        MamlTests.AssertClose(expected.ToArray<double>(), actual.ToArray<double>(), 1e-12);
    }

    private static IEnumerable<(int O, int I, int P)> Indices() => Enumerable.Range(0, 2 * 3 * 4).Select(i => (i / 12, i / 4 % 3, i % 4));

    // The gradient G of the loss is the parameter's own value.
    private static Parameters Slope(Tensor slope) => [new("w", slope)];

    // MC(G), by how far a step of rate 1 moves the parameter.
    private static double[] Moved(Parameters theta)
    {
        var slope = theta["w"];
        var model = new Formula(theta, (at, _) => at["w"].Reshape([1, -1]));
        var learner = new MetaCurvature { InnerRate = 1, Objective = (predictions, _) => (predictions * slope.Reshape([1, -1])).Sum() };
        var any = Linear.Point([0], 0);
        var path = learner.Adapt(model, theta, any, Generator.Seed(1)).Path;
        return (path[0](any.Inputs) - path[1](any.Inputs)).Reshape([-1]).ToArray<double>();
    }
}
