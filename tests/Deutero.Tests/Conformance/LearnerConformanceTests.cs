using System.Reflection;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;
using Deutero.Torch.Serialization;
using Deutero.Training;

namespace Deutero.Tests.Conformance;

/// <summary>What holds for every learner; a new one is enrolled by existing.</summary>
public sealed class LearnerConformanceTests
{
    public static IEnumerable<TheoryDataRow<Type>> Learners => AnyLearner.Types.Select(type => new TheoryDataRow<Type>(type).WithTrait("learner", type.Name));

    public static IEnumerable<TheoryDataRow<Type, bool, DType>> Executions =>
        from type in AnyLearner.Types
        from images in new[] { false, true }
        from dtype in new[] { DType.Float32, DType.Float64 }
        select new TheoryDataRow<Type, bool, DType>(type, images, dtype).WithTrait("learner", type.Name);

    [Theory]
    [MemberData(nameof(Learners))]
    public void Is_a_sealed_record(Type type)
    {
        Assert.True(type.IsSealed);
        Assert.NotNull(type.GetMethod("<Clone>$"));
        Assert.Equal(AnyLearner.Create(type), AnyLearner.Create(type));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Names_its_paper_unless_it_meta_learns_nothing(Type type)
    {
        var learner = AnyLearner.Create(type);
        var paper = type.GetCustomAttribute<PaperAttribute>();
        if (learner.Init(AnyLearner.Dense(learner), Generator.Seed(1)).Count > 0)
        {
            Assert.NotNull(paper);
            Assert.StartsWith("https://", paper.Link, StringComparison.Ordinal);
            Assert.NotEmpty(paper.Citation);
            Assert.Matches("[12][0-9]{3}", paper.Venue);
        }
        else
        {
            Assert.Null(paper);
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Leaves_its_inputs_unchanged(Type type)
    {
        var (learner, model, theta, episode) = Setting(type);
        var before = theta.Leaves.Concat(episode.Leaves).Select(leaf => leaf.ToBytes()).ToArray();
        learner.MetaGradient(model, theta, episode, Generator.Seed(2));
        learner.Adapt(model, theta, episode.Support, Generator.Seed(2)).Predict(episode.Query.Inputs);
        Assert.All(theta.Leaves.Concat(episode.Leaves).Zip(before), pair => Assert.Equal(pair.Second, pair.First.ToBytes()));
        Assert.All(theta.Leaves, leaf => Assert.False(leaf.RequiresGrad));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Same_seed_gives_the_same_bits(Type type)
    {
        var (learner, model, theta, episode) = Setting(type);
        Assert.True(learner.Init(model, Generator.Seed(1)).BitEquals(learner.Init(model, Generator.Seed(1))));
        var (first, second) = (learner.MetaGradient(model, theta, episode, Generator.Seed(2)), learner.MetaGradient(model, theta, episode, Generator.Seed(2)));
        Assert.All(first.Leaves.Zip(second.Leaves), pair => Assert.True(pair.First.BitEquals(pair.Second)));
        Assert.True(Predict(learner, model, theta, episode).BitEquals(Predict(learner, model, theta, episode)));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Direction_is_like_theta_predictions_have_one_row_per_query_and_the_loss_is_theirs(Type type)
    {
        var (learner, model, theta, episode) = Setting(type);
        var result = learner.MetaGradient(model, theta, episode, Generator.Seed(2));
        Assert.Equal(theta.Names, result.Direction.Names);
        Assert.All(theta.Leaves.Zip(result.Direction.Leaves), pair => Assert.Equal(pair.First.Shape, pair.Second.Shape));
        Assert.Empty(result.Loss.Shape);
        Assert.Equal(Objectives.Standard(result.Predictions, episode.Query).ToDouble(), result.Loss.ToDouble(), 1e-6);
        Assert.Equal([episode.Query.Count, AnyLearner.Ways], result.Predictions.Shape);
        Assert.All(result.Leaves, leaf => Assert.False(leaf.RequiresGrad));
    }

    [Theory]
    [MemberData(nameof(Executions))]
    public void Loop_parallel_and_vectorised_execution_agree(Type type, bool images, DType dtype)
    {
        using var scope = new TensorScope();
        var learner = dtype == DType.Float32 && AnyLearner.Create(type) is Leo leo ? Rounded(leo) : Smooth(AnyLearner.Create(type));
        var model = images ? AnyLearner.Images(learner) : AnyLearner.Dense(learner);
        var theta = learner.Init(model, Generator.Seed(1)).To(dtype);
        var episodes = AnyLearner.Episodes(images, 3, dtype);
        var tolerance = dtype == DType.Float64 ? 1e-10 : 1e-4;
        MetaGradient Run(Execution execution) => MetaBatch.Mean(learner, model, theta, episodes, Generator.Seed(5), execution, threads: 2);
        var loop = Run(Execution.Loop);
        foreach (var execution in new[] { Execution.Parallel, Execution.Vectorised })
        {
            var other = Run(execution);
            Assert.Equal(loop.Predictions.Shape, other.Predictions.Shape);
            Assert.Equal(0, Distance(loop.Predictions, other.Predictions), tolerance);
            Assert.Equal(0, Distance(loop.Loss, other.Loss), tolerance);
            Assert.Equal(theta.Names, other.Direction.Names);
            Assert.Equal(0, theta.Count == 0 ? 0 : Distance(loop.Direction.Flatten(), other.Direction.Flatten()), tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Parallel_execution_has_the_bits_of_the_loop(Type type)
    {
        using var scope = new TensorScope();
        var (learner, model, theta, _) = Setting(type);
        Threads.SetForThisThread(1);
        var episodes = AnyLearner.Episodes(images: false, 4);
        var loop = MetaBatch.Mean(learner, model, theta, episodes, Generator.Seed(5), Execution.Loop);
        var parallel = MetaBatch.Mean(learner, model, theta, episodes, Generator.Seed(5), Execution.Parallel, threads: 3);
        Assert.All(loop.Leaves.Zip(parallel.Leaves), pair => Assert.True(pair.First.BitEquals(pair.Second)));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Saved_and_loaded_meta_parameters_predict_the_same(Type type)
    {
        var (learner, model, theta, episode) = Setting(type);
        var path = Path.Combine(Path.GetTempPath(), $"deutero-{Guid.NewGuid():N}.safetensors");
        try
        {
            SafetensorsParameters.Save(path, theta);
            var (loaded, _) = SafetensorsParameters.Load(path);
            Assert.True(Predict(learner, model, theta, episode).BitEquals(Predict(learner, model, loaded, episode)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Renaming_the_classes_renames_the_logits(Type type)
    {
        var (_, model, _, episode) = Setting(type);
        var (learner, tolerance) = Averaged(AnyLearner.Create(type));
        var theta = learner.Init(model, Generator.Seed(1));
        Assert.SkipWhen(!theta.Names.Any(IsOfHead) && learner.HeadWidth(AnyLearner.Ways) > 0, "The head is drawn at random within the adaptation.");
        long[] newName = [2, 0, 1];
        var oldName = Tensor.From([1L, 2, 0]);
        var renamed = episode.Support with
        {
            Targets = Tensor.From(newName).IndexSelect(0, episode.Support.Targets),
            Attributes = episode.Support.Attributes!.IndexSelect(0, oldName),
        };

        // Which unit of a head is adapted may be drawn at random, and noise does not move with the names: here all of them are.
        theta = theta.Map((name, leaf) => name == "masks.linear2" ? leaf + 100 : leaf);

        // A head that is as wide as there are classes has one row for each: the rows move with the names, and so do those of what is learned beside it, such
        // as rates of each number.
        bool Moves(string name, Tensor leaf) => IsOfHead(name) && leaf.Size(0) == AnyLearner.Ways;
        var moved = learner.HeadWidth(AnyLearner.Ways) != AnyLearner.Ways ? theta : theta.Map((name, leaf) => Moves(name, leaf) ? leaf.IndexSelect(0, oldName) : leaf);
        var expected = Predict(learner, model, theta, episode).IndexSelect(1, oldName);
        Assert.Equal(0, Distance(expected, Predict(learner, model, moved, episode with { Support = renamed })), tolerance);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Order_of_the_support_examples_does_not_matter(Type type)
    {
        Assert.SkipWhen(type.IsDefined(typeof(SequentialAttribute)), "It reads the examples one after the other, in an order that it draws.");
        var (_, model, theta, episode) = Setting(type, DType.Float64);
        var learner = Smooth(AnyLearner.Create(type)) is Reptile reptile ? reptile with { BatchSize = 0 } : AnyLearner.Create(type);
        var order = Tensor.From([5L, 2, 0, 4, 1, 3]);
        var shuffled = episode.Support with
        {
            Inputs = episode.Support.Inputs.IndexSelect(0, order),
            Targets = episode.Support.Targets.IndexSelect(0, order),
        };
        Assert.Equal(0, Distance(Predict(learner, model, theta, episode), Predict(learner, model, theta, episode with { Support = shuffled })), 1e-9);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void Classes_may_have_different_numbers_of_examples(Type type)
    {
        var (learner, model, theta, episode) = Setting(type);
        var rows = Tensor.From([0L, 2, 3, 4, 5]); // of three classes of two examples
        var uneven = episode with { Support = new(episode.Support.Inputs.IndexSelect(0, rows), episode.Support.Targets.IndexSelect(0, rows), AnyLearner.Ways) { Attributes = episode.Support.Attributes } };
        var predictions = Predict(learner, model, theta, uneven);
        Assert.Equal([episode.Query.Count, AnyLearner.Ways], predictions.Shape);
        Assert.All(predictions.ToArray<float>(), logit => Assert.True(float.IsFinite(logit)));
        var trained = learner is SimClr ? episode : uneven; // it is trained on pairs of a support and a query example, which have no classes, and adapts to any support set
        Assert.True(double.IsFinite(learner.MetaGradient(model, theta, trained, Generator.Seed(2)).Loss.ToDouble()));
    }

    // The query labels must not reach the predictions, nor the queries each other where nothing normalises by batch.
    [Theory]
    [MemberData(nameof(Learners))]
    public void Predictions_of_a_query_depend_on_no_other_query(Type type)
    {
        Assert.SkipWhen(type.IsDefined(typeof(TransductiveAttribute)), "The queries answer for each other by design, and its results say so.");
        var (learner, model, theta, episode) = Setting(type, DType.Float64);
        var predictor = learner.Adapt(model, theta, episode.Support, Generator.Seed(2)).Predict;
        var together = predictor(episode.Query.Inputs);
        Assert.Equal(0, Distance(together[1..2], predictor(episode.Query.Inputs[1..2])), 1e-12);
    }

    // A step's tensors, or the smallest part of its graph, take kilobytes: kept 1,000 times, they would exceed the bound.
    [Theory]
    [MemberData(nameof(Learners))]
    public void Memory_stays_where_it_was_over_many_meta_iterations(Type type)
    {
        var (learner, model, theta, _) = Setting(type);
        var episodes = AnyLearner.Episodes(images: false, 1);
        var iterations = theta.Count > 0 ? 2000 : 200;
        var baseline = 0L;
        for (var i = 0; i < iterations; i++)
        {
            using var scope = new TensorScope();
            MetaBatch.Mean(learner, model, theta, episodes, Generator.Seed(5), Execution.Loop);
            if (i == iterations / 2)
            {
                baseline = Memory.ResidentMegabytes();
            }
        }

        Assert.InRange(Memory.ResidentMegabytes() - baseline, long.MinValue, 8);
    }

    private static bool IsOfHead(string name) =>
        name.EndsWith("linear2.weight", StringComparison.Ordinal) || name.EndsWith("linear2.bias", StringComparison.Ordinal);

    // The slope of the logarithm of a spread that is next to nothing makes much of a rounding: float64 alone can tell that from a mistake.
    private static Leo Rounded(Leo leo) => leo with { DivergenceWeight = 0 };

    // Adam's step depends on the sign of gradients that are zero up to rounding.
    private static IMetaLearner Smooth(IMetaLearner learner) => learner is Reptile ? new Reptile { BatchSize = 5, InnerAdam = false, InnerRate = 0.1 } : learner;

    // Samples are drawn for a class by its place, not its name: only what they are drawn from moves with the names, as many of them show, or those of
    // a distribution without width.
    private static (IMetaLearner Learner, double Tolerance) Averaged(IMetaLearner learner) => learner switch
    {
        Versa versa => (versa with { Samples = 50_000 }, 0.02),
        Platipus platipus => (platipus with { Deviation = 1e-9 }, 1e-5),
        _ => (learner, 1e-5),
    };

    private static (IMetaLearner Learner, IModel Model, Parameters Theta, Episode Episode) Setting(Type type, DType dtype = DType.Float32)
    {
        var learner = AnyLearner.Create(type);
        var model = AnyLearner.Dense(learner);
        return (learner, model, learner.Init(model, Generator.Seed(1)).To(dtype), AnyLearner.Episodes(images: false, 1, dtype)[0]);
    }

    private static Tensor Predict(IMetaLearner learner, IModel model, Parameters theta, Episode episode) =>
        learner.Adapt(model, theta, episode.Support, Generator.Seed(2)).Predict(episode.Query.Inputs);

    private static double Distance(Tensor expected, Tensor actual) =>
        ((expected - actual).Square().Sum().ToDouble() is var difference && difference == 0) ? 0 : Math.Sqrt(difference / expected.Square().Sum().ToDouble());
}
