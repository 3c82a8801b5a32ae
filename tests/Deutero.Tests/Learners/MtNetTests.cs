using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class MtNetTests
{
    [Fact]
    public void With_all_units_kept_it_is_t_net_and_with_none_nothing_adapts()
    {
        var (model, theta, episode) = TNetTests.Setting();
        var expected = new TNet { Steps = 3 }.MetaGradient(model, theta, episode, Generator.Seed(1));
        var actual = new MtNet { Steps = 3 }.MetaGradient(model, WithMasks(theta, 100), episode, Generator.Seed(1));
        Assert.Equal(expected.Loss.ToDouble(), actual.Loss.ToDouble(), 1e-12);
        MamlTests.AssertClose(expected.Direction.Flatten().ToArray<double>(), actual.Direction.Without("masks").Flatten().ToArray<double>(), 1e-12);
        var path = new MtNet { Steps = 3 }.Adapt(model, WithMasks(theta, -100), episode.Support, Generator.Seed(1)).Path;
        Assert.All(path, predictor => Assert.True(path[0](episode.Query.Inputs).BitEquals(predictor(episode.Query.Inputs))));
    }

    // 1,000 outputs of one layer, each of which moves where its mask is 1: σ(0) = .5 and σ(2) = .881 of them, give or take four standard errors.
    [Theory]
    [InlineData(0, 0.437, 0.563)]
    [InlineData(2, 0.840, 0.922)]
    public void Units_are_kept_with_their_learned_probability_and_the_same_ones_in_every_step(double logit, double least, double most)
    {
        var model = new Mlp { Inputs = 3, Hidden = [], Outputs = 1000 };
        var learner = new MtNet { Steps = 2, FirstLogit = logit, Objective = (predictions, examples) => (predictions - examples.Targets).Square().Sum() * 0.1 };
        var support = new Examples(Generator.Seed(2).Normal([4, 3]), Tensor.Zeros([4, 1000]), Ways: 0);
        var theta = learner.Init(model, Generator.Seed(1));
        double[] Moved(ulong seed, int step)
        {
            var path = learner.Adapt(model, theta, support, Generator.Seed(seed)).Path;
            return (path[step](support.Inputs) - path[step - 1](support.Inputs)).Abs().Sum([0]).Gt((Scalar)0).To(DType.Float64).ToArray<double>();
        }

        Assert.InRange(Moved(3, 1).Average(), least, most);
        Assert.Equal(Moved(3, 1), Moved(3, 2));
        Assert.NotEqual(Moved(3, 1), Moved(4, 1));
    }

    [Fact]
    public void Units_that_are_not_kept_are_told_how_it_would_be_if_they_were()
    {
        var (model, theta, episode) = TNetTests.Setting();
        var direction = new MtNet().MetaGradient(model, WithMasks(theta, 0), episode, Generator.Seed(1)).Direction.Under("masks");
        Assert.All(direction.Flatten().ToArray<double>(), slope => Assert.NotEqual(0, slope));
    }

    private static Parameters WithMasks(Parameters theta, double logit) =>
        theta.With(theta.Under("transforms").Map(leaf => leaf.Sum([1]).ZerosLike() + logit).Prefixed("masks"));
}
