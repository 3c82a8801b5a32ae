using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Testing;
using Deutero.Tests.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Learners;

/// <summary>CNAPs, and Simple CNAPS on a body that CNAPs's networks modulate.</summary>
public sealed class CnapsTests
{
    private static readonly Conv4 s_images = new() { Height = 16, Width = 16, Filters = 4 };
    private static readonly Mlp s_dense = new() { Inputs = 20, Hidden = [8], Outputs = 0, Activation = Activation.Tanh };

    public static TheoryData<IMetaLearner> Learners => new() { new Cnaps { Width = 6 }, new SimpleCnaps { Adapts = true, Width = 6 } };

    [Fact]
    public void Scales_and_shifts_of_nothing_leave_the_features_of_the_frozen_body()
    {
        var (learner, episode) = (new SimpleCnaps { Adapts = true }, Images());
        var theta = Silent(learner.Init(s_images, Generator.Seed(1)).To(DType.Float64));
        Assert.True(FrozenBody.For(s_images, theta, 64, episode.Support.Inputs).BitEquals(s_images.Init(Generator.Seed(1)).To(DType.Float64)));
        var plain = new SimpleCnaps().Adapt(s_images, theta.Without("adaptation"), episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs);
        Assert.True(plain.BitEquals(learner.Adapt(s_images, theta, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs)));
    }

    [Fact]
    public void Body_begins_almost_as_it_was_trained()
    {
        var theta = new Cnaps().Init(s_images, Generator.Seed(1));
        var multipliers = Film.Multipliers(theta.Under("adaptation.film")).Flatten();
        Assert.Equal(2 * 4 * 4, multipliers.Count);
        Assert.InRange(multipliers.Std([0], correction: 0).ToDouble(), 0.0005, 0.0015);
        var modulated = FrozenBody.For(s_images, theta, 64, Images().Support.Inputs.To(DType.Float32));
        Assert.All(modulated, item => Assert.InRange((item.Value - theta[item.Key]).Abs().Max().ToDouble(), 0, 0.02));
    }

    [Fact]
    public void Task_vector_knows_no_label_and_no_order()
    {
        var (learner, support) = (new Cnaps(), Images().Support);
        var theta = learner.Init(s_images, Generator.Seed(1)).To(DType.Float64);
        var (here, there) = (FrozenBody.For(s_images, theta, 64, support.Inputs), FrozenBody.For(s_images, theta, 64, support.Inputs.Flip([0])));
        MamlTests.AssertClose(here.Flatten().ToArray<double>(), there.Flatten().ToArray<double>(), 1e-12);
        Assert.False(here.BitEquals(FrozenBody.For(s_images, theta, 64, support.Inputs[0..3])));
    }

    // Networks m and m' of zeros: w_k = c_k and b_k = 0. With biases alone, both move by them.
    [Fact]
    public void Classifier_is_written_off_the_class_means()
    {
        var model = new Mlp { Inputs = 2, Hidden = [], Outputs = 2 };
        Parameters identity = [new("linear1.weight", Tensor.Eye(2, DType.Float64)), new("linear1.bias", Tensor.Zeros([2], DType.Float64))];
        var theta = Silent(new Cnaps().Init(model, Generator.Seed(1)).To(DType.Float64)).With(identity);
        var support = new Examples(Tensor.From([0.0, 0, 2, 0, 4, 4, 4, 6], 4, 2), Tensor.From([0L, 0, 1, 1]), Ways: 2);
        double[] Logits(double weight, double bias) => new Cnaps().Adapt(model, theta.Map((name, leaf) => name switch
        {
            "adaptation.weight.linear3.bias" => leaf.ZerosLike() + weight,
            "adaptation.bias.linear3.bias" => leaf.ZerosLike() + bias,
            _ => name.StartsWith("adaptation.weight.", StringComparison.Ordinal) || name.StartsWith("adaptation.bias.", StringComparison.Ordinal) ? leaf.ZerosLike() : leaf,
        }), support, Generator.Seed(1)).Predict(Tensor.From([3.0, 1], 1, 2)).ToArray<double>();
        MamlTests.AssertClose([3, 17], Logits(0, 0), 1e-12); // (1, 0)·(3, 1) and (4, 5)·(3, 1)
        MamlTests.AssertClose([3 + 2 + 7, 17 + 2 + 7], Logits(0.5, 7), 1e-12);
    }

    // With multipliers that are not next to 0, so that the networks have a slope.
    [Theory]
    [MemberData(nameof(Learners))]
    public void Direction_is_the_gradient_in_the_networks_and_zero_in_the_body(IMetaLearner learner)
    {
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);
        var theta = learner.Init(s_dense, Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name.EndsWith("multiplier", StringComparison.Ordinal) ? leaf + 0.7 : leaf);
        var direction = learner.MetaGradient(s_dense, theta, episode, Generator.Seed(1)).Direction;
        Tensor Loss(Parameters added) => Objectives.CrossEntropy(
            learner.Adapt(s_dense, theta.With(added.Prefixed("adaptation")), episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs), episode.Query);
        Assert.InRange(GradientCheck.First(Loss, theta.Under("adaptation")).RelativeError, 0, 1e-6);
        MamlTests.AssertClose(
            Transforms.Grad(Loss, theta.Under("adaptation")).Flatten().ToArray<double>(), direction.Under("adaptation").Flatten().ToArray<double>(), 1e-12);
        Assert.All(direction.Without("adaptation").Flatten().ToArray<double>(), value => Assert.Equal(0, value));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Frozen_parameters_are_bit_identical_after_meta_training_and_all_others_learn(IMetaLearner learner)
    {
        var training = new MetaTraining
        {
            Learner = learner, Model = s_images, Tasks = new FewShotClassification(new SyntheticPool(9, 6, 1, 16, 16), 3, 2, 2),
            Settings = new() { Iterations = 5, MetaBatch = 2, Threads = 1, ValidateEvery = 0 },
        };
        var body = TensorScope.Adopt(s_images.Init(Generator.Seed(9)));
        var start = TensorScope.Adopt(training.Start(body).Theta.Map(leaf => leaf.Clone()));
        var end = training.Run(training.Start(body)).State.Theta;
        Assert.All(end, item => Assert.True(item.Value.BitEquals(body.Contains(item.Key) ? body[item.Key] : start[item.Key]) == body.Contains(item.Key), item.Key));
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        var (theta, point) = (new Cnaps().Init(s_dense, Generator.Seed(1)).To(DType.Float64), Linear.Point(new double[20], 0));
        Assert.Contains(
            "class labels",
            Assert.Throws<ArgumentException>(() => new Cnaps().MetaGradient(s_dense, theta, new(point, point, "by hand"), Generator.Seed(1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Cnaps { Width = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimpleCnaps { Width = 0 });
    }

    private static Parameters Silent(Parameters theta) => theta.Map((name, leaf) => name.EndsWith("multiplier", StringComparison.Ordinal) ? leaf.ZerosLike() : leaf);

    private static Episode Images() => new FewShotClassification(new SyntheticPool(9, 6, 1, 16, 16), 3, 2, 2).Sample(Generator.Seed(5)).To(DType.Float64);
}
