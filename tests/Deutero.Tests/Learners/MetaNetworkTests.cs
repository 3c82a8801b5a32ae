using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class MetaNetworkTests
{
    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [6], Outputs = 3 };
    private static readonly MetaNetwork s_learner = new() { Width = 4 };

    private static Parameters Theta => s_learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);

    private static Episode Sample(int shots = 2) => new Nuisance20(3, shots, 2).Sample(Generator.Seed(3)).To(DType.Float64);

    // x = 1 is (0, 1), x = e^-7 is (−1, 1), 0 is (−1, 0), and the second number is odd.
    [Fact]
    public void Gradients_are_shown_as_logarithm_and_sign()
    {
        var shown = CoordinateLstm.Preprocess(Tensor.From([1.0, Math.Exp(-7), 0, -1, -Math.Exp(-8)]), 7).ToArray<double>();
        MamlTests.AssertClose([0, 1, -1, 1, -1, 0, 0, -1, -1, -Math.Exp(-1)], shown, 1e-12);
    }

    [Fact]
    public void Gradients_are_those_of_each_examples_loss()
    {
        var (episode, slow) = (Sample(), Theta["meta.slow"]);
        var codes = LabelCodes.Of(s_model, Episodic.OfModel(Theta, "meta"), episode.Support);
        var features = codes.Body.Forward(codes.Own, episode.Support.Inputs);
        var (ofSlow, ofHead) = MetaNetwork.Gradients(codes, slow, features, episode.Support);
        for (var i = 0; i < 6; i++)
        {
            var (row, label) = (features[i..(i + 1)], episode.Support.OneHot()[i..(i + 1)]);
            Tensor Loss(Tensor values, Tensor rows) => -(((values.Matmul(rows.T()) + codes.Bias).LogSoftmax(-1) * label).Sum());
            MamlTests.AssertClose(Transforms.Grad(at => Loss(row.Matmul(at.T()).Relu(), codes.Rows), slow).ToArray<double>(), ofSlow[i].ToArray<double>(), 1e-12);
            MamlTests.AssertClose(Transforms.Grad(at => Loss(row, at), codes.Rows).ToArray<double>(), ofHead[i].ToArray<double>(), 1e-12);
        }
    }

    [Fact]
    public void Without_a_map_the_logits_are_those_of_the_model()
    {
        var (episode, theta) = (Sample(), Theta.Map((name, leaf) => name.StartsWith("meta.map.linear3", StringComparison.Ordinal) ? leaf.ZerosLike() : leaf));
        MamlTests.AssertClose(
            s_model.Forward(theta, episode.Query.Inputs).ToArray<double>(), s_learner.Adapt(s_model, theta, episode.Support, Generator.Seed(2)).Predict(episode.Query.Inputs).ToArray<double>(), 1e-12);
    }

    // Attention over a single example is 1: the logits are those of (W + W*_1) f + b.
    [Fact]
    public void Single_example_lends_its_fast_weights_whole()
    {
        var (episode, theta) = (Sample(1), Theta);
        var one = new Examples(episode.Support.Inputs[0..1], episode.Support.Targets[0..1], Ways: 3);
        var codes = LabelCodes.Of(s_model, Episodic.OfModel(theta, "meta"), one);
        var (features, queries) = (codes.Body.Forward(codes.Own, one.Inputs), codes.Body.Forward(codes.Own, episode.Query.Inputs));
        var gradient = (codes.Predict(features).Softmax(-1) - one.OneHot()).T().Matmul(features); // [3, 6]
        var map = new Mlp { Inputs = 2, Hidden = [4, 4], Outputs = 1 };
        var fast = map.Forward(theta.Under("meta.map"), CoordinateLstm.Preprocess(gradient.Reshape([-1]), 7)).Reshape([3, 6]);
        var expected = Tensor.Linear(queries, codes.Rows + fast, codes.Bias);
        MamlTests.AssertClose(expected.ToArray<double>(), s_learner.Adapt(s_model, theta, one, Generator.Seed(2)).Predict(episode.Query.Inputs).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void What_sees_the_gradients_is_trained()
    {
        var direction = s_learner.MetaGradient(s_model, Theta, Sample(), Generator.Seed(2)).Direction;
        Assert.All(["meta.map.linear1.weight", "meta.lstm1.weight", "meta.fast.weight"], name => Assert.NotEqual(0, direction[name].Abs().Max().ToDouble()));
    }

    [Fact]
    public void Impossible_settings_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MetaNetwork { Width = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MetaNetwork { Scale = 0 });
    }
}
