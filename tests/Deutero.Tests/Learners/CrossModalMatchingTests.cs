using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class CrossModalMatchingTests
{
    private static readonly Examples s_five = new(Tensor.Zeros([5, 1], DType.Float64), Tensor.From([0L, 1, 2, 3, 4]), Ways: 5);

    // ln(1 + 4 e^(−1/τ))
    [Theory]
    [InlineData(1, 0.904832)]
    [InlineData(0.1, 1.8158e-4)]
    public void Loss_of_orthonormal_pairs_is_that_of_the_closed_form(double temperature, double expected) =>
        Assert.Equal(expected, CrossModalMatching.Contrast(Tensor.Eye(5, DType.Float64) / temperature, s_five).ToDouble(), 1e-6);

    [Fact]
    public void Loss_of_pairs_that_are_all_alike_is_the_logarithm_of_their_number() =>
        Assert.Equal(Math.Log(5), CrossModalMatching.Contrast(Tensor.Ones([5, 5], DType.Float64), s_five).ToDouble(), 1e-12);

    [Fact]
    public void Loss_does_not_depend_on_which_modality_is_asked_nor_on_the_order_of_pairs()
    {
        var (logits, order) = (Generator.Seed(1).Normal([5, 5], dtype: DType.Float64), Tensor.From([3L, 0, 4, 1, 2]));
        var expected = CrossModalMatching.Contrast(logits, s_five).ToDouble();
        Assert.Equal(expected, CrossModalMatching.Contrast(logits.T(), s_five).ToDouble(), 1e-12);
        Assert.Equal(expected, CrossModalMatching.Contrast(logits.IndexSelect(0, order).IndexSelect(1, order), s_five).ToDouble(), 1e-12);
    }

    // Columns are asked for all queries of their class: two, then one, of logits 1, 0 | 0, 0 | 0, 1.
    [Fact]
    public void All_queries_of_a_class_are_matches_of_its_attributes()
    {
        var queries = new Examples(Tensor.Zeros([3, 1], DType.Float64), Tensor.From([0L, 0, 1]), Ways: 2);
        var e = Math.E;
        var byQuery = (Math.Log(1 + (1 / e)) + Math.Log(2) + Math.Log(1 + (1 / e))) / 3;
        var byClass = ((Math.Log(e + 2) - 0.5) + (Math.Log(2 + e) - 1)) / 2;
        Assert.Equal((byQuery + byClass) / 2, CrossModalMatching.Contrast(Tensor.From([1.0, 0, 0, 0, 0, 1], 3, 2), queries).ToDouble(), 1e-12);
    }

    [Fact]
    public void Ridge_map_is_the_identity_where_the_modalities_agree_and_fits_the_pairs_as_its_penalty_vanishes()
    {
        var random = Generator.Seed(2);
        var (seen, named) = (random.Normal([4, 4], dtype: DType.Float64), random.Normal([4, 4], dtype: DType.Float64));
        Tensor Map(Tensor from, Tensor to, double penalty) =>
            Tensor.Eye(4, DType.Float64) + CrossModalMatching.Correction(from, to, Tensor.From([penalty], []));
        MamlTests.AssertClose(Tensor.Eye(4, DType.Float64).ToArray<double>(), Map(seen, seen, 0.3).ToArray<double>(), 1e-12);
        MamlTests.AssertClose(Tensor.Eye(4, DType.Float64).ToArray<double>(), Map(seen, named, 1e12).ToArray<double>(), 1e-9);
        MamlTests.AssertClose(named.ToArray<double>(), seen.Matmul(Map(seen, named, 1e-12)).ToArray<double>(), 1e-6);

        // At the least of ||XW − U||² + λ||W − I||² the slope Xᵀ(XW − U) + λ(W − I) is 0.
        var map = Map(seen, named, 0.3);
        var slope = seen.T().Matmul(seen.Matmul(map) - named) + (0.3 * (map - Tensor.Eye(4, DType.Float64)));
        MamlTests.AssertClose(new double[16], slope.ToArray<double>(), 1e-10);
    }

    [Fact]
    public void Turning_both_modalities_alike_turns_the_map()
    {
        var random = Generator.Seed(2);
        var (seen, named, (sine, cosine)) = (random.Normal([3, 2], dtype: DType.Float64), random.Normal([3, 2], dtype: DType.Float64), Math.SinCos(0.7));
        var (turn, penalty) = (Tensor.From([cosine, -sine, sine, cosine], 2, 2), Tensor.From([0.3], []));
        MamlTests.AssertClose(
            turn.T().Matmul(CrossModalMatching.Correction(seen, named, penalty)).Matmul(turn).ToArray<double>(),
            CrossModalMatching.Correction(seen.Matmul(turn), named.Matmul(turn), penalty).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Logits_are_cosines_over_the_temperature_which_has_a_floor()
    {
        var model = new Mlp { Inputs = 20, Hidden = [], Outputs = 8 };
        var episode = new DescribedNuisance(5, 1, 3).Sample(Generator.Seed(3)).To(DType.Float64);
        double[] Logits(double temperature, double penalty)
        {
            var learner = new CrossModalMatching { Attributes = DescribedNuisance.Attributes, Temperature = temperature, Penalty = penalty };
            var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64);
            return learner.Adapt(model, theta, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs).ToArray<double>();
        }

        Assert.InRange(Logits(0.1, 1).Max(Math.Abs), 0, 10 + 1e-4);
        MamlTests.AssertClose([.. Logits(1, 1).Select(cosine => 100 * cosine)], Logits(0.001, 1), 1e-4);
        Assert.NotEqual(Logits(0.1, 1)[0], Logits(0.1, 1e9)[0], 1e-3);
    }

    [Fact]
    public void Missing_attributes_and_impossible_settings_are_refused()
    {
        Assert.Contains(
            "CrossModalMatching needs attributes", Assert.Throws<ArgumentException>(() => new CrossModalMatching().Adapt(new Linear(1, 1), new Linear(1, 1).Init(Generator.Seed(1)), s_five, Generator.Seed(1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CrossModalMatching { Temperature = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CrossModalMatching { Penalty = 0 });
    }
}
