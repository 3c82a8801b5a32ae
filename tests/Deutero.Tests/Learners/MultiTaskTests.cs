using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Learners;

public sealed class MultiTaskTests
{
    private static readonly Mlp s_model = new() { Inputs = 20, Hidden = [8], Outputs = 6 };

    public static TheoryData<TaskWeighing> Weighings => [new TaskWeighing.Sum(), new TaskWeighing.Uncertainty(), new TaskWeighing.GradNorm(), new TaskWeighing.PcGrad()];

    // Two tasks of three classes: each example is asked about its own task's classes alone.
    [Fact]
    public void Loss_is_the_cross_entropy_among_the_classes_of_an_examples_own_task()
    {
        var (theta, episode) = (s_model.Init(Generator.Seed(1)).To(DType.Float64), Minibatch(DType.Float64));
        var result = new MultiTask { Ways = 3 }.MetaGradient(s_model, theta, episode, Generator.Seed(2));
        var (logits, labels) = (s_model.Forward(theta, episode.Query.Inputs).ToArray<double>().Chunk(6).ToArray(), episode.Query.Targets.ToArray<long>());
        var expected = labels.Select((label, i) => Math.Log(logits[i].Skip((int)label / 3 * 3).Take(3).Sum(Math.Exp)) - logits[i][label]).Average();
        Assert.Equal(expected, result.Loss.ToDouble(), 1e-9);
        Assert.All(result.Predictions.Argmax(-1).ToArray<long>().Zip(labels), pair => Assert.Equal(pair.Second / 3, pair.First / 3));
    }

    [Fact]
    public void Task_that_is_one_of_one_is_the_ordinary_classifier()
    {
        var (theta, episode) = (s_model.Init(Generator.Seed(1)).To(DType.Float64), Minibatch(DType.Float64));
        var classifier = new ClassifierBaseline().MetaGradient(s_model, theta, episode, Generator.Seed(2));
        var multi = new MultiTask { Ways = 6 }.MetaGradient(s_model, theta, episode, Generator.Seed(2));
        MamlTests.AssertClose(classifier.Direction.Flatten().ToArray<double>(), multi.Direction.Flatten().ToArray<double>(), 1e-12);
    }

    [Theory]
    [MemberData(nameof(Weighings))]
    public void Loop_parallel_and_vectorised_execution_agree(TaskWeighing weighing)
    {
        using var scope = new TensorScope();
        var learner = new MultiTask { Ways = 2, Weighing = weighing };
        var theta = learner.Init(s_model, Generator.Seed(1)).To(DType.Float64);
        var episodes = Enumerable.Range(0, 3).Select(i => Minibatch(DType.Float64, (ulong)i)).ToArray();
        MetaGradient Run(Execution execution) => MetaBatch.Mean(learner, s_model, theta, episodes, Generator.Seed(5), execution, threads: 2);
        var loop = Run(Execution.Loop);
        Assert.Equal(theta.Names, loop.Direction.Names);
        foreach (var execution in new[] { Execution.Parallel, Execution.Vectorised })
        {
            MamlTests.AssertClose(loop.Direction.Flatten().ToArray<double>(), Run(execution).Direction.Flatten().ToArray<double>(), 1e-10);
        }
    }

    [Fact]
    public void New_task_gets_a_fresh_head_of_any_width_on_the_body()
    {
        var random = Generator.Seed(3);
        var (learner, episode) = (new MultiTask { Ways = 3, Weighing = new TaskWeighing.GradNorm() }, new Nuisance20(4, 2, 3).Sample(random));
        var theta = learner.Init(s_model, random);
        var own = learner.Adapt(s_model, theta, episode.Support, random).Predict(episode.Query.Inputs);
        var probe = new LinearProbe().Adapt(s_model with { Outputs = 0 }, theta, episode.Support, random).Predict(episode.Query.Inputs);
        Assert.Equal([12, 4], own.Shape);
        Assert.Equal(probe.ToArray<float>(), own.ToArray<float>());
    }

    private static Episode Minibatch(DType dtype, ulong seed = 7) =>
        new BaseClasses(new NuisancePool(6, 5), 30).Sample(Generator.Seed(seed)).To(dtype);
}
