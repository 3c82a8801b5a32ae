using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class HyperNetworkTests
{
    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [6], Outputs = 3 };

    [Fact]
    public void Begins_as_the_model_that_was_meta_learned_and_generates_all_of_its_numbers()
    {
        var learner = new HyperNetwork { Width = 4 };
        var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);
        MamlTests.AssertClose(
            s_model.Forward(theta, episode.Query.Inputs).ToArray<double>(), learner.Adapt(s_model, theta, episode.Support, Generator.Seed(2)).Predict(episode.Query.Inputs).ToArray<double>(), 1e-12);
        var generated = theta.Under("generator.body").Leaves.Sum(leaf => leaf.Count / 4) + (3 * theta["generator.row"].Count / 4);
        Assert.Equal(s_model.Init(Generator.Seed(1)).ElementCount, generated);
        Assert.Empty((learner with { Body = false }).Init(s_model, Generator.Seed(1)).Under("generator.body"));
    }

    // An encoder that passes on the class's features alone, and a generator that makes them the class's weights: the linear classifier of class means.
    [Fact]
    public void Weights_can_be_the_mean_of_the_classs_features()
    {
        var (model, learner) = (new Mlp { Inputs = 2, Hidden = [], Outputs = 3 }, new HyperNetwork { Width = 2 });
        var (pass, eye) = (Tensor.From([0.0, 0, 0, 1, 0, 0, 0, 0, 0, 1], 2, 5), Tensor.Eye(2, DType.Float64));
        var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name switch
        {
            "generator.encoder.linear1.weight" => pass,
            "generator.encoder.linear2.weight" or "generator.encoder.linear3.weight" => eye,
            "generator.row" => Tensor.Cat([eye, Tensor.Zeros([1, 2], DType.Float64)]),
            _ => leaf.ZerosLike(),
        });
        var support = new Examples(Tensor.From([1.0, 0, 3, 0, 0, 2, 1, 1], 4, 2), Tensor.From([0L, 0, 1, 2]), Ways: 3);
        var logits = learner.Adapt(model, theta, support, Generator.Seed(2)).Predict(Tensor.From([1.0, 10], 1, 2));

        // Sums over a class times ways over examples: 3/4 of (4, 0), (0, 2) and (1, 1).
        MamlTests.AssertClose([3, 15, 8.25], logits.ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Impossible_settings_are_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new HyperNetwork { Width = 0 });
}
