using Deutero.Learners;
using Deutero.Models;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class FeatTests
{
    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [8], Outputs = 0 };

    private static Parameters Weights(int width)
    {
        var model = new Mlp { Inputs = 20, Hidden = [width], Outputs = 0 };
        return new Feat().Init(model, Generator.Seed(1)).Under("attention").To(DType.Float64);
    }

    [Fact]
    public void Permuted_sets_have_permuted_answers()
    {
        var (set, order) = (Generator.Seed(2).Normal([4, 5], dtype: DType.Float64), Tensor.From([2L, 0, 3, 1]));
        MamlTests.AssertClose(
            Feat.Attend(Weights(5), set).IndexSelect(0, order).ToArray<double>(), Feat.Attend(Weights(5), set.IndexSelect(0, order)).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Layer_that_says_nothing_leaves_the_normalised_set()
    {
        var set = Generator.Seed(2).Normal([4, 5], dtype: DType.Float64);
        var silent = Weights(5).Map((name, leaf) => name == "output.weight" ? leaf.ZerosLike() : leaf);
        var centred = set - set.Mean([1], keepdim: true);
        var expected = centred / (centred.Square().Mean([1], keepdim: true) + 1e-5).Sqrt();
        MamlTests.AssertClose(expected.ToArray<double>(), Feat.Attend(silent, set).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Sets_that_may_not_see_each_other_are_adapted_apart()
    {
        var set = Generator.Seed(2).Normal([4, 5], dtype: DType.Float64);
        var membership = Tensor.From([1.0, 0, 1, 0, 0, 1, 0, 1], 4, 2);
        var together = Feat.Attend(Weights(5), set, membership.Matmul(membership.T()));
        MamlTests.AssertClose(
            [.. Feat.Attend(Weights(5), set[0..2]).ToArray<double>(), .. Feat.Attend(Weights(5), set[2..4]).ToArray<double>()], together.ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Temperature_divides_the_logits()
    {
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);
        double[] Logits(double temperature)
        {
            var learner = new Feat { Temperature = temperature };
            return learner.Adapt(s_model, learner.Init(s_model, Generator.Seed(1)).To(DType.Float64), episode.Support, Generator.Seed(1))
                .Predict(episode.Query.Inputs).ToArray<double>();
        }

        MamlTests.AssertClose(Logits(1), [.. Logits(16).Select(value => value * 16)], 1e-10);
    }

    [Fact]
    public void Without_a_balance_the_direction_is_the_gradient_of_the_query_loss()
    {
        var learner = new Feat { Balance = 0 };
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);
        var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
        var expected = Transforms.Grad(
            at => Objectives.CrossEntropy(learner.Adapt(s_model, at, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs), episode.Query), theta);
        MamlTests.AssertClose(
            expected.Flatten().ToArray<double>(), learner.MetaGradient(s_model, theta, episode, Generator.Seed(1)).Direction.Flatten().ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        Assert.Contains(
            "class labels", Assert.Throws<ArgumentException>(() => new Linear(1, 1).Run(new Feat(), Linear.Point([1], 0), Linear.Point([1], 0))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Feat { Temperature = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Feat { Balance = -1 });
    }
}
