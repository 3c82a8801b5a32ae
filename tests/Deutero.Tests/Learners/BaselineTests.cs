using Deutero.Evaluation;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class BaselineTests
{
    [Theory]
    [InlineData(1, 0.225)]
    [InlineData(5, 0.259)]
    public void Nearest_class_mean_of_raw_inputs_reaches_its_known_accuracy(int shots, double expected)
    {
        var result = new Evaluator().Run(new NearestCentroid(), new Mlp(), Parameters.Empty, new(new Nuisance20(5, shots, 5), 1, 600));
        Assert.Equal(expected, result.Score.Mean, 0.02);
    }

    [Fact]
    public void From_scratch_fits_its_support_set_and_depends_on_its_seed_alone()
    {
        using var random = Generator.Seed(3);
        var model = new Mlp { Inputs = 20, Hidden = [32], Outputs = 5 };
        var episode = new Nuisance20(5, 2, 3).Sample(random);
        var learner = new FromScratch { InnerRate = 0.01, Steps = 200 };
        var adaptation = learner.Adapt(model, Parameters.Empty, episode.Support, random.Derive(1));
        Assert.Equal(1, Evaluator.Accuracy(adaptation.Predict(episode.Support.Inputs), episode.Support.Targets));
        var again = learner.Adapt(model, Parameters.Empty, episode.Support, random.Derive(1)).Predict(episode.Query.Inputs);
        Assert.True(adaptation.Predict(episode.Query.Inputs).BitEquals(again));
        Assert.False(again.BitEquals(learner.Adapt(model, Parameters.Empty, episode.Support, random.Derive(2)).Predict(episode.Query.Inputs)));
    }
}
