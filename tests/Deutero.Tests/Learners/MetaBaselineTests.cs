using Deutero.Learners;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class MetaBaselineTests
{
    private static readonly Linear s_identity = new(2, 1, 0, 0, 1);

    private static Examples Support => new(Tensor.From([1.0, 0, 3, 0, 0, 2, 1, 1], 4, 2), Tensor.From([0L, 0, 1, 1]), Ways: 2);

    // Class means (2, 0) and (.5, 1.5): cosines of (1, 1) are 1/√2 and 2/√5.
    [Fact]
    public void Logits_are_scaled_cosines_with_the_class_means()
    {
        double[] expected = [10 / Math.Sqrt(2), 20 / Math.Sqrt(5)];
        MamlTests.AssertClose([.. expected, .. expected], Logits(Support, [1, 1, 5, 5]), 1e-10);
    }

    [Fact]
    public void Scaling_a_whole_class_changes_nothing_but_scaling_one_of_its_examples_does()
    {
        Examples Scaled(params double[] by) => Support with { Inputs = Support.Inputs * Tensor.From(by, 4, 1) };
        MamlTests.AssertClose(Logits(Support, [1, 1]), Logits(Scaled(7, 7, 1, 1), [1, 1]), 1e-10);
        Assert.InRange(Math.Abs(Logits(Support, [1, 1])[1] - Logits(Scaled(1, 1, 7, 1), [1, 1])[1]), 0.1, 20);
    }

    // dL/dτ = Σ p_k cos_k − cos_y.
    [Fact]
    public void Slope_of_the_scale_is_the_expected_cosine_less_that_of_the_right_class()
    {
        var query = new Examples(Tensor.From([1.0, 1], 1, 2), Tensor.From([0L]), Ways: 2);
        double[] cosines = [1 / Math.Sqrt(2), 2 / Math.Sqrt(5)];
        var second = 1 / (1 + Math.Exp(10 * (cosines[0] - cosines[1])));
        var slope = Run(Support, query).Direction["cosine.scale"].ToDouble();
        Assert.Equal(((1 - second) * cosines[0]) + (second * cosines[1]) - cosines[0], slope, 1e-6);
    }

    [Fact]
    public void Equal_cosines_cost_the_logarithm_of_the_ways()
    {
        var five = new Examples(Tensor.Ones([5, 2], DType.Float64), Tensor.From([0L, 1, 2, 3, 4]), Ways: 5);
        Assert.Equal(Math.Log(5), Run(five, five).Loss.ToDouble(), 1e-9);
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        Assert.Contains(
            "class labels", Assert.Throws<ArgumentException>(() => s_identity.Run(new MetaBaseline(), Linear.Point([1], 0), Linear.Point([1], 0))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new MetaBaseline { Scale = 0 });
    }

    private static MetaGradient Run(Examples support, Examples query)
    {
        var theta = new MetaBaseline().Init(s_identity, Generator.Seed(1)).To(DType.Float64);
        return new MetaBaseline().MetaGradient(s_identity, theta, new(support, query, "by hand"), Generator.Seed(1));
    }

    private static double[] Logits(Examples support, double[] queries)
    {
        var theta = new MetaBaseline().Init(s_identity, Generator.Seed(1)).To(DType.Float64);
        return new MetaBaseline().Adapt(s_identity, theta, support, Generator.Seed(1)).Predict(Tensor.From(queries, queries.Length / 2, 2)).ToArray<double>();
    }
}
