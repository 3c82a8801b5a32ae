using Deutero.Evaluation;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Evaluation;

public sealed class EvaluatorTests
{
    private static readonly FewShotClassification s_images = new(new SyntheticPool(9, 6, 1, 16, 16), 3, 2, 3);

    [Fact]
    public void Random_guessing_among_five_ways_scores_a_fifth_with_the_binomial_deviation()
    {
        var result = new Evaluator().Run(new Guess(), new Mlp(), Parameters.Empty, new(new Nuisance20(5, 1, 15), 1, 1000));
        Assert.Equal(0.2, result.Score.Mean, 4 * 0.0462 / Math.Sqrt(1000));
        Assert.Equal(1.96 * 0.0462 / Math.Sqrt(1000), result.Score.HalfWidth, 3e-4);
        Assert.Equal("accuracy", result.Metric);
    }

    [Fact]
    public void Curve_has_the_score_before_and_after_each_inner_step()
    {
        var model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 5 };
        var learner = new Maml { EvaluationSteps = 3 };
        var result = new Evaluator().Run(learner, model, learner.Init(model, Generator.Seed(1)), new(new Nuisance20(5, 1, 3), 1, 8));
        Assert.Equal(4, result.Curve.Count);
        Assert.All(result.Episodes, episode => Assert.Equal(episode.Score, episode.Curve[^1]));
    }

    public static TheoryData<BatchNormPolicy, IMetaLearner, int> HeadLoops => new()
    {
        { BatchNormPolicy.Split, new Anil { InnerRate = 0.5, Steps = 3 }, 1 },
        { BatchNormPolicy.Episode, new Anil { InnerRate = 0.5, Steps = 3 }, 4 },
        { BatchNormPolicy.Split, new MetaTransfer { InnerRate = 0.5, Steps = 3 }, 1 },
    };

    [Theory]
    [MemberData(nameof(HeadLoops))]
    public void Queries_are_embedded_once_along_a_loop_that_leaves_the_body_alone(BatchNormPolicy policy, IMetaLearner learner, int times)
    {
        var passes = new List<long>();
        var model = new Counted(new Conv4 { Height = 16, Width = 16, Filters = 4, Outputs = 3, BatchNorm = policy }, passes);
        var theta = learner.Init(model, Generator.Seed(1));
        var episodes = new FrozenEpisodes(s_images, 3, 1);
        var (support, query) = (episodes[0].Support, episodes[0].Query);
        var alone = Objectives.Standard(learner.Adapt(model, theta, support, Generator.Seed(1)).Predict(query.Inputs), query).ToDouble();
        passes.Clear();
        var result = new Evaluator().Run(learner, model, theta, episodes);
        Assert.Equal(alone, result.Episodes[0].Loss);
        Assert.Equal(times, passes.Count(items => items >= query.Count));
    }

    [Fact]
    public void Regression_is_scored_by_mean_squared_error()
    {
        var model = new Mlp();
        var theta = model.Init(Generator.Seed(1)).Map(leaf => leaf.ZerosLike());
        var source = new Sinusoid { MinimumAmplitude = 2, MaximumAmplitude = 2, Queries = 2000 };
        var result = new Evaluator().Run(new Maml { InnerRate = 1e-12 }, model, theta, new(source, 1, 20));
        Assert.Equal("mean squared error", result.Metric);
        Assert.Equal(2, result.Score.Mean, 0.2); // A² / 2, nearly, over ±5
    }

    [Fact]
    public void Frozen_episodes_are_the_same_on_every_call_and_others_for_another_seed()
    {
        Assert.Equal(Hash(1), Hash(1));
        Assert.NotEqual(Hash(1), Hash(2));
        var episodes = new FrozenEpisodes(s_images, 1, 5);
        Assert.Equal(episodes[3].Identity, episodes[3].Identity);
        Assert.True(episodes[3].Query.Inputs.BitEquals(episodes[3].Query.Inputs));
        Assert.Throws<ArgumentOutOfRangeException>(() => episodes[5]);
    }

    [Fact]
    public void A_given_list_is_taken_in_its_order_whatever_the_seed_and_no_further_than_it_goes()
    {
        var list = new GivenEpisodes([.. Enumerable.Range(0, 3).Select(i => s_images.Sample(Generator.Seed(9).Derive(i)))]);
        Assert.All((ulong[])[1, 2], seed => Assert.Equal([list[0].Identity, list[1].Identity], new[] { 0, 1 }.Select(i => new FrozenEpisodes(list, seed, 2)[i].Identity)));
        Assert.Contains("list of 3 episodes but 4", Assert.Throws<ArgumentException>(() => new FrozenEpisodes(list, 1, 4)).Message, StringComparison.Ordinal);
        Assert.Contains(((ITaskDistribution)list).Sample(Generator.Seed(1)), new List<Episode> { list[0], list[1], list[2] });
    }

    [Fact]
    public void Result_does_not_depend_on_the_number_of_threads()
    {
        var model = new Conv4 { Height = 16, Width = 16, Filters = 4 };
        var theta = model.Init(Generator.Seed(1));
        var episodes = new FrozenEpisodes(s_images, 3, 12);
        Threads.SetForThisThread(1);
        var one = new Evaluator { Threads = 1 }.Run(new ProtoNet(), model, theta, episodes);
        var three = new Evaluator { Threads = 3 }.Run(new ProtoNet(), model, theta, episodes);
        Assert.Equal(one.EpisodeHash, three.EpisodeHash);
        Assert.Equal(one.Episodes.Select(episode => (episode.Score, episode.Loss)), three.Episodes.Select(episode => (episode.Score, episode.Loss)));
    }

    [Theory]
    [InlineData(BatchNormPolicy.Split, false)]
    [InlineData(BatchNormPolicy.Episode, false)]
    [InlineData(BatchNormPolicy.Running, true)]
    public void Queries_alone_and_together_score_the_same_only_with_running_statistics(BatchNormPolicy policy, bool same)
    {
        IModel model = new Conv4 { Height = 16, Width = 16, Filters = 4, BatchNorm = policy };
        var theta = model.Init(Generator.Seed(1));
        var episodes = new FrozenEpisodes(s_images, 3, 6);
        model = policy == BatchNormPolicy.Running ? model.WithStatistics(model.BatchStatistics(theta, episodes[0].Support.Inputs)) : model;
        var together = new Evaluator { DType = DType.Float64 }.Run(new ProtoNet(), Double(model), theta.To(DType.Float64), episodes);
        var alone = new Evaluator { DType = DType.Float64, QueriesTogether = false }.Run(new ProtoNet(), Double(model), theta.To(DType.Float64), episodes);
        var difference = together.Episodes.Zip(alone.Episodes, (a, b) => Math.Abs(a.Loss - b.Loss)).Max();
        Assert.Equal(same, difference < 1e-9);
        Assert.Equal(!same, together.Transductive);
        Assert.False(alone.Transductive);

        IModel Double(IModel single) => policy == BatchNormPolicy.Running
            ? single.WithStatistics(single.BatchStatistics(theta.To(DType.Float64), episodes[0].Support.Inputs.To(DType.Float64)))
            : single;
    }

    [Fact]
    public void Without_BatchNorm_only_a_learner_makes_queries_depend_on_each_other()
    {
        var model = new Mlp { Inputs = 256, Hidden = [], Outputs = 0 };
        EvaluationResult Of(IMetaLearner learner) => new Evaluator().Run(learner, model, Parameters.Empty, new(s_images, 1, 4));
        var (inductive, transductive) = (Of(new ProtoNet()), Of(new LaplacianShot()));
        Assert.Equal("none", inductive.BatchNormStatistics);
        Assert.Equal((false, true), (inductive.Transductive, transductive.Transductive));
    }

    [Fact]
    public void Cancelled_evaluation_says_so()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => new Evaluator().Run(new NearestCentroid(), new Mlp(), Parameters.Empty, new(s_images, 1, 4), null, cancellation.Token));
    }

    private static string Hash(ulong seed)
    {
        var episodes = new FrozenEpisodes(s_images, seed, 10);
        return FrozenEpisodes.HashOf(Enumerable.Range(0, episodes.Count).Select(i => episodes[i].Identity));
    }

    // Notes how many items each pass takes.
    private sealed record Counted(IModel Model, List<long> Passes) : IModel
    {
        public BatchNormPolicy? BatchNorm => Model.BatchNorm;

        public int OutputWidth => Model.OutputWidth;

        public Parameters Init(Generator random) => Model.Init(random);

        public Tensor Forward(Parameters parameters, Tensor inputs)
        {
            Passes.Add(inputs.Size(0));
            return Model.Forward(parameters, inputs);
        }

        public Parameters BatchStatistics(Parameters parameters, Tensor inputs) => Model.BatchStatistics(parameters, inputs);

        public IModel WithStatistics(Parameters statistics) => this with { Model = Model.WithStatistics(statistics) };

        public IModel WithShape(IReadOnlyList<long> itemShape, int outputs) => this with { Model = Model.WithShape(itemShape, outputs) };
    }

    private sealed class GivenEpisodes(Episode[] episodes) : IEpisodeList
    {
        public string Name => "given";

        public int Count => episodes.Length;

        public Episode this[int index] => episodes[index];
    }

    private sealed record Guess : IMetaLearner
    {
        public int HeadWidth(int outputs) => 0;

        public Parameters Init(IModel model, Generator random) => Parameters.Empty;

        public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
            new([inputs => random.Normal([inputs.Size(0), support.Ways])]);

        public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) => throw new NotSupportedException();
    }
}
