using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Testing;
using Deutero.Tests.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Learners;

public sealed class TadamTests
{
    private static readonly Mlp s_identity = new() { Inputs = 2, Hidden = [], Outputs = 2 };
    private static readonly Mlp s_dense = new() { Inputs = 20, Hidden = [8], Outputs = 0, Activation = Activation.Tanh };
    private static readonly NuisancePool s_pool = new(6, 8);

    // Prototypes (0, 0), (2, 2) and (0, 1), query (1, .9) of class 0: all others push at a small scale, the nearest alone at a great one.
    [Theory]
    [InlineData(1e-6, 1.3333, 2.0)]
    [InlineData(1, 0.68825, 1.83083)]
    [InlineData(1e3, 0, 2)]
    public void Scale_says_which_prototypes_push(double scale, double first, double second)
    {
        var (learner, theta) = Identity(new Tadam { Scale = scale });
        var support = new Examples(Tensor.From([0.0, 0, 2, 2, 0, 1], 3, 2), Tensor.From([0L, 1, 2]), Ways: 3);
        var query = new Examples(Tensor.From([1.0, 0.9], 1, 2), Tensor.From([0L]), Ways: 3);
        var predict = learner.Adapt(s_identity, theta, support, Generator.Seed(1)).Predict;
        Parameters at = [new("z", query.Inputs)];
        var slope = Transforms.Grad(z => Objectives.CrossEntropy(predict(z["z"]), query), at)["z"] / scale;
        MamlTests.AssertClose([first, second], slope.ToArray<double>(), 1e-4);
    }

    [Fact]
    public void Without_a_scale_the_loss_is_the_logarithm_of_the_ways()
    {
        var (learner, theta) = Identity(new Tadam { Scale = 0 });
        var five = new Examples(Generator.Seed(3).Normal([5, 2], dtype: DType.Float64), Tensor.From([0L, 1, 2, 3, 4]), Ways: 5);
        Assert.Equal(Math.Log(5), learner.MetaGradient(s_identity, theta, new(five, five, "by hand"), Generator.Seed(1)).Loss.ToDouble(), 1e-12);
    }

    [Fact]
    public void Embeddings_times_a_number_are_a_scale_times_its_square()
    {
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);
        Episode Times(double by) => episode.WithLeaves([.. episode.Leaves.Select(leaf => leaf.DType.IsFloatingPoint() ? leaf * by : leaf)]);
        var model = new Mlp { Inputs = 20, Hidden = [], Outputs = 8 };
        double[] Logits(double scale, Episode task)
        {
            var learner = new Tadam { Scale = scale };
            var theta = learner.Init(model, Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name == "linear1.bias" ? leaf.ZerosLike() : leaf);
            return learner.Adapt(model, theta, task.Support, Generator.Seed(1)).Predict(task.Query.Inputs).ToArray<double>();
        }

        MamlTests.AssertClose(Logits(9, episode), Logits(1, Times(3)), 1e-9);
    }

    public static TheoryData<string> Bodies => ["mlp", "conv4", "resnet12"];

    // γ = 1 and β = 0.
    [Theory]
    [MemberData(nameof(Bodies))]
    public void Before_training_it_is_a_prototypical_network_bit_for_bit(string body)
    {
        IModel model = body switch
        {
            "mlp" => s_dense,
            "conv4" => new Conv4 { Height = 16, Width = 16, Filters = 16 },
            _ => new ResNet12 { Channels = 1, Widths = [4, 4, 4, 4] },
        };
        var tasks = body == "mlp" ? (ITaskDistribution)new Nuisance20(3, 2, 2) : new FewShotClassification(new SyntheticPool(9, 6, 1, 16, 16), 3, 2, 2);
        var episode = tasks.Sample(Generator.Seed(5));
        var theta = new Tadam().Init(model, Generator.Seed(1));
        var expected = new ProtoNet().Adapt(model, model.Init(Generator.Seed(1)), episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs);
        Assert.True(expected.BitEquals(new Tadam().Adapt(model, theta, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs)));
    }

    [Theory]
    [InlineData(0, 0.9)]
    [InlineData(1499, 0.9)]
    [InlineData(1500, 0.81)]
    [InlineData(15_000, 0.31381)]
    [InlineData(29_999, 0.12158)] // .9 · .9^19
    public void Co_training_becomes_rarer_in_twenty_parts(int iteration, double probability) =>
        Assert.Equal(probability, Tadam.ProbabilityAt(iteration, 30_000), 1e-5);

    // With multipliers that are not 0, so that the networks have a slope.
    [Fact]
    public void Direction_flows_through_both_passes_and_the_networks()
    {
        var learner = new Tadam { Penalty = 0.3 };
        var episode = new Nuisance20(3, 2, 2).Sample(Generator.Seed(3)).To(DType.Float64);
        var theta = Conditioned(learner.Init(s_dense, Generator.Seed(1)).To(DType.Float64));
        Tensor Loss(Parameters at) => Objectives.CrossEntropy(learner.Adapt(s_dense, at, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs), episode.Query)
            + (0.15 * at.Where(name => name.EndsWith("multiplier", StringComparison.Ordinal)).Flatten().Square().Sum());
        Assert.InRange(GradientCheck.First(Loss, theta).RelativeError, 0, 1e-6);
        MamlTests.AssertClose(
            Transforms.Grad(Loss, theta).Flatten().ToArray<double>(),
            learner.MetaGradient(s_dense, theta, episode, Generator.Seed(1)).Direction.Flatten().ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Task_vector_is_the_same_for_every_query_and_follows_the_support_set()
    {
        var learner = new Tadam();
        var (one, other) = (Sample(3), Sample(4));
        var theta = Conditioned(learner.Init(s_dense, Generator.Seed(1)).To(DType.Float64));
        Tensor Distances(Parameters at, Examples support) => learner.Adapt(s_dense, at, support, Generator.Seed(1)).Predict(one.Query.Inputs);
        var alone = learner.Adapt(s_dense, theta, one.Support, Generator.Seed(1)).Predict(one.Query.Inputs[0..1]);
        MamlTests.AssertClose(Distances(theta, one.Support)[0..1].ToArray<double>(), alone.ToArray<double>(), 1e-12); // matrices of other sizes round otherwise on some processors

        // The unconditioned body sees one query at one distance from itself, whatever else the support set holds; the conditioned one does not.
        Examples With(Examples support) => support with { Inputs = Tensor.Cat([one.Query.Inputs[0..1], one.Query.Inputs[0..1], support.Inputs[2..6]]) };
        var plain = learner.Init(s_dense, Generator.Seed(1)).To(DType.Float64);
        Assert.Equal(0, Distances(plain, With(one.Support))[0][0].ToDouble(), 1e-12);
        Assert.NotEqual(Distances(theta, one.Support)[0][1].ToDouble(), Distances(theta, With(other.Support) with { Targets = one.Support.Targets })[0][1].ToDouble());

        static Episode Sample(ulong seed) => new Nuisance20(3, 2, 2).Sample(Generator.Seed(seed)).To(DType.Float64);
    }

    [Fact]
    public void Update_of_co_training_follows_the_classifier_of_all_classes_and_reports_the_queries()
    {
        var learner = new Tadam { Classes = 6 };
        var episode = new CoTraining(new FewShotClassification(s_pool, 3, 2, 2), new BaseClasses(s_pool, 12)).Sample(Generator.Seed(1)).To(DType.Float64);
        var theta = Conditioned(learner.Init(s_dense, Generator.Seed(1)).To(DType.Float64));
        var plain = learner.MetaGradient(s_dense, theta, episode, Generator.Seed(1));
        var (auxiliary, ordinary) = (0, 0);
        for (var seed = 0UL; seed < 40; seed++)
        {
            var result = ((Tadam)learner.At(0, 100)).MetaGradient(s_dense, theta, episode, Generator.Seed(seed));
            Assert.Equal(plain.Loss.ToDouble(), result.Loss.ToDouble(), 1e-12);
            if (result.Direction.BitEquals(plain.Direction))
            {
                ordinary++;
                continue;
            }

            auxiliary++;
            var batch = episode.Minibatch!;
            var expected = Transforms.Grad(
                at => Objectives.CrossEntropy(s_dense.Forward(at, batch.Inputs).Matmul(at["classifier.weight"].T()) + at["classifier.bias"], batch), theta);
            MamlTests.AssertClose(expected.Flatten().ToArray<double>(), result.Direction.Flatten().ToArray<double>(), 1e-12);
        }

        Assert.InRange(auxiliary, 28, 39); // 36 are expected
        Assert.InRange(ordinary, 1, 12);
        Assert.All(plain.Direction.Under("classifier").Flatten().ToArray<double>(), value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(Execution.Loop)]
    [InlineData(Execution.Vectorised)]
    public void Co_training_runs_in_every_execution_and_moves_body_and_classifier(Execution execution)
    {
        var training = new MetaTraining
        {
            Learner = new Tadam { Classes = 6 }, Model = s_dense, Tasks = new CoTraining(new FewShotClassification(s_pool, 3, 2, 2), new BaseClasses(s_pool, 12)),
            Settings = new() { Iterations = 3, MetaBatch = 2, Threads = 1, ValidateEvery = 0, Execution = execution },
        };
        var start = TensorScope.Adopt(training.Start().Theta.Map(leaf => leaf.Clone()));
        var end = training.Run(training.Start()).State.Theta;
        Assert.False(end["classifier.weight"].BitEquals(start["classifier.weight"]));
        Assert.False(end["linear1.weight"].BitEquals(start["linear1.weight"]));
    }

    [Fact]
    public void Co_training_without_minibatches_of_all_classes_is_refused()
    {
        var learner = new Tadam { Classes = 7 };
        var (theta, tasks) = (learner.Init(s_dense, Generator.Seed(1)), new FewShotClassification(s_pool, 3, 2, 2));
        string Refused(ITaskDistribution source) => Assert.Throws<ArgumentException>(
            () => learner.At(0, 10).MetaGradient(s_dense, theta, source.Sample(Generator.Seed(1)), Generator.Seed(1))).Message;
        Assert.Contains("episodes.coTrainBatch", Refused(tasks), StringComparison.Ordinal);
        Assert.Contains("learner.classes=6", Refused(new CoTraining(tasks, new BaseClasses(s_pool, 4))), StringComparison.Ordinal);
    }

    [Fact]
    public void Fixed_scale_is_no_meta_parameter()
    {
        Assert.Contains("metric.scale", new Tadam().Init(s_dense, Generator.Seed(1)).Names);
        Assert.DoesNotContain("metric.scale", new Tadam { LearnsScale = false }.Init(s_dense, Generator.Seed(1)).Names);
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        var (learner, theta) = Identity(new Tadam());
        var point = Linear.Point([1, 2], 0);
        Assert.Contains(
            "class labels", Assert.Throws<ArgumentException>(() => learner.MetaGradient(s_identity, theta, new(point, point, "by hand"), Generator.Seed(1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Tadam { Scale = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Tadam { Penalty = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Tadam { Classes = -1 });
    }

    private static Parameters Conditioned(Parameters theta) => theta.Map((name, leaf) => name.EndsWith("multiplier", StringComparison.Ordinal) ? leaf + 0.7 : leaf);

    private static (Tadam Learner, Parameters Theta) Identity(Tadam learner)
    {
        Parameters identity = [new("linear1.weight", Tensor.Eye(2, DType.Float64)), new("linear1.bias", Tensor.Zeros([2], DType.Float64))];
        return (learner, learner.Init(s_identity, Generator.Seed(1)).To(DType.Float64).With(identity));
    }
}
