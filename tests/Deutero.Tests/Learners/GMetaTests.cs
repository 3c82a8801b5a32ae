using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class GMetaTests
{
    private static readonly Examples s_support = new(Tensor.From([0.0, 2, 4, 6], 4, 1), Tensor.From([0L, 0, 1, 1]), Ways: 2);

    // f(x) = w x: prototypes w and 5 w, log-odds w²(8 x − 24), so that L(w) = ½ [ln(1 + e^(−24 w²)) + ln(1 + e^(−8 w²))].
    [Fact]
    public void Steps_descend_the_support_sets_own_prototypical_loss_with_prototypes_computed_anew()
    {
        const double Rate = 0.1;
        double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
        double Slope(double w) => -((24 * w * Sigmoid(-24 * w * w)) + (8 * w * Sigmoid(-8 * w * w)));
        double[] Logits(double w) => [-w * w * 6.25, -w * w * 2.25]; // of x = 3.5
        var path = new GMeta { InnerRate = Rate, Steps = 1, EvaluationSteps = 2 }.Adapt(new Linear(1, 0.2), new Linear(1, 0.2).Init(Generator.Seed(1)), s_support, Generator.Seed(1)).Path;
        var w = 0.2;
        Assert.Equal(-2.0021, Slope(w), 1e-4);
        foreach (var predictor in path)
        {
            MamlTests.AssertClose(Logits(w), predictor(Tensor.From([3.5], 1, 1)).ToArray<double>(), 1e-10);
            w -= Rate * Slope(w);
        }

        Assert.Equal(3, path.Count);
    }

    [Fact]
    public void Before_its_first_step_it_is_the_prototypical_network()
    {
        var model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 0 };
        var (theta, episode) = (model.Init(Generator.Seed(1)), new Nuisance20(3, 2, 2).Sample(Generator.Seed(2)));
        Assert.True(new ProtoNet().Adapt(model, theta, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs)
            .BitEquals(new GMeta().Adapt(model, theta, episode.Support, Generator.Seed(1)).Path[0](episode.Query.Inputs)));
    }

    // One shot of each class: the loss is that of the distances between prototypes, which descent drives apart.
    [Fact]
    public void With_one_shot_prototypes_move_apart()
    {
        var support = new Examples(Tensor.From([0.0, 1], 2, 1), Tensor.From([0L, 1]), Ways: 2);
        var path = new GMeta { Steps = 3, EvaluationSteps = 3, InnerRate = 0.1 }.Adapt(new Linear(1, 1), new Linear(1, 1).Init(Generator.Seed(1)), support, Generator.Seed(1)).Path;
        var distances = path.Select(predictor => -predictor(Tensor.From([0.0], 1, 1)).ToArray<double>()[1]).ToArray();
        Assert.Equal(distances.Order(), distances);
        Assert.True(distances[^1] > distances[0]);
    }

    // The mean over subgraphs of their logits differs from the logits of their mean by what is the same for all classes.
    [Fact]
    public void Prediction_of_a_graph_is_the_vote_of_its_subgraphs()
    {
        var random = Generator.Seed(3);
        var (subgraphs, prototypes) = (random.Normal([7, 4], dtype: DType.Float64), random.Normal([3, 4], dtype: DType.Float64));
        Tensor Logits(Tensor features) => (features.Unsqueeze(1) - prototypes.Unsqueeze(0)).Square().Sum([2]).Neg();
        MamlTests.AssertClose(
            Logits(subgraphs).Mean([0]).Softmax(-1).ToArray<double>(), Logits(subgraphs.Mean([0], keepdim: true)).Softmax(-1).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        Assert.Contains(
            "class labels", Assert.Throws<ArgumentException>(() => new Linear(1, 1).Run(new GMeta(), Linear.Point([1], 0), Linear.Point([1], 0))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new GMeta { InnerRate = 0 });
        Assert.Equal(0, new GMeta().HeadWidth(5));
    }
}
