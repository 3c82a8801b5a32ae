using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class CrossModalProtoNetTests
{
    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [8], Outputs = 0 };
    private static readonly CrossModalProtoNet s_learner = new() { Attributes = DescribedNuisance.Attributes, Width = 12 };
    private static readonly Episode s_episode = new DescribedNuisance(3, 2, 4).Sample(Generator.Seed(3)).To(DType.Float64);

    [Theory]
    [InlineData(Similarity.SquaredEuclidean, 1)]
    [InlineData(Similarity.Cosine, 10)]
    public void With_all_trust_in_examples_it_is_the_prototypical_network(Similarity similarity, double scale)
    {
        var theta = Trusting(1000);
        var expected = new ProtoNet { Similarity = similarity, Scale = scale }.Adapt(s_model, theta, s_episode.Support, Generator.Seed(1)).Predict(s_episode.Query.Inputs);
        Assert.True(expected.BitEquals(Predict(theta, s_episode.Support, s_learner with { Similarity = similarity, Scale = scale })));
    }

    [Fact]
    public void With_no_trust_in_examples_it_compares_with_what_the_attributes_say()
    {
        var (theta, support) = (Trusting(-1000), s_episode.Support);
        var embedded = s_model.Forward(theta, s_episode.Query.Inputs); // [12, 8]
        var expected = (embedded.Unsqueeze(1) - Spoken(theta).Unsqueeze(0)).Square().Sum([2]).Neg();
        MamlTests.AssertClose(expected.ToArray<double>(), Predict(theta, support).ToArray<double>(), 1e-9);
        Assert.True(Predict(theta, support).BitEquals(Predict(theta, support with { Inputs = support.Inputs + 5 })));
    }

    // λ = σ(ln 3) = 3/4.
    [Fact]
    public void Prototypes_lie_between_the_two()
    {
        var theta = Trusting(Math.Log(3));
        var means = s_episode.Support.ClassMeans(s_model.Forward(theta, s_episode.Support.Inputs));
        var prototypes = (0.75 * means) + (0.25 * Spoken(theta));
        var expected = (s_model.Forward(theta, s_episode.Query.Inputs).Unsqueeze(1) - prototypes.Unsqueeze(0)).Square().Sum([2]).Neg();
        MamlTests.AssertClose(expected.ToArray<double>(), Predict(theta, s_episode.Support).ToArray<double>(), 1e-9);
    }

    [Fact]
    public void Trust_is_learned_for_each_class_from_its_attributes_alone()
    {
        var theta = s_learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
        Assert.Equal(300L, new CrossModalProtoNet().Init(s_model, Generator.Seed(1))["mixing.hidden.weight"].Size(0));
        Assert.All(
            s_learner.MetaGradient(s_model, theta, s_episode, Generator.Seed(2)).Direction.Under("mixing"),
            item => Assert.NotEqual(0, item.Value.Square().Sum().ToDouble()));
    }

    [Fact]
    public void Dropout_is_for_meta_training_and_drawn_from_its_generator()
    {
        var theta = s_learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
        double Loss(CrossModalProtoNet learner, ulong seed) => learner.MetaGradient(s_model, theta, s_episode, Generator.Seed(seed)).Loss.ToDouble();
        Assert.Equal(Loss(s_learner, 2), Loss(s_learner, 2));
        Assert.NotEqual(Loss(s_learner, 2), Loss(s_learner, 3));
        Assert.Equal(Loss(s_learner with { Dropout = 0 }, 2), Objectives.CrossEntropy(Predict(theta, s_episode.Support), s_episode.Query).ToDouble(), 1e-12);
    }

    [Fact]
    public void Missing_attributes_and_impossible_settings_are_refused()
    {
        var theta = s_learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
        Assert.Equal(
            "CrossModalProtoNet needs attributes of the classes, but the support set has none: set data.attributes.",
            Assert.Throws<ArgumentException>(() => Predict(theta, s_episode.Support with { Attributes = null })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new CrossModalProtoNet { Dropout = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new CrossModalProtoNet { Attributes = 0 });
    }

    // h gives one number whatever it is given: σ of it is λ.
    private static Parameters Trusting(double logOdds) => s_learner.Init(s_model, Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name switch
    {
        "mixing.output.weight" => leaf.ZerosLike(),
        "mixing.output.bias" => leaf.ZerosLike() + logOdds,
        _ => leaf,
    });

    // g, layer by layer.
    private static Tensor Spoken(Parameters theta)
    {
        Tensor Line(string name, Tensor values) => values.Matmul(theta[$"semantic.{name}.weight"].T()) + theta[$"semantic.{name}.bias"];
        return Line("output", Line("hidden", s_episode.Support.Attributes!).Relu());
    }

    private static Tensor Predict(Parameters theta, Examples support, CrossModalProtoNet? learner = null) =>
        (learner ?? s_learner).Adapt(s_model, theta, support, Generator.Seed(1)).Predict(s_episode.Query.Inputs);
}
