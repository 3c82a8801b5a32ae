using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Tests.Training;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Learners;

public sealed class MamlPlusPlusTests
{
    // K = 5, E = 15 of 100 epochs; the schedule's figures for these epochs are known.
    [Theory]
    [InlineData(0, 0.2, 0.2)]
    [InlineData(5, 2.0 / 15, 7.0 / 15)]
    [InlineData(10, 1.0 / 15, 11.0 / 15)]
    [InlineData(14, 0.2 / 15, 14.2 / 15)]
    [InlineData(15, 0, 1)]
    [InlineData(99, 0, 1)]
    public void Outer_loss_weighs_the_steps_by_the_papers_schedule(int epoch, double earlier, double last)
    {
        var (model, theta, episode) = Setting(5);
        var learner = new MamlPlusPlus { MultiStepEpochs = 15 };
        var path = learner.Adapt(model, theta, episode.Support, Generator.Seed(1)).Path;
        var losses = path.Select(predictor => Objectives.Standard(predictor(episode.Query.Inputs), episode.Query).ToDouble()).ToArray();
        Assert.Equal(1, (4 * earlier) + last, 1e-12);
        var actual = learner.At(7 * epoch, 700).MetaGradient(model, theta, episode, Generator.Seed(1)).Loss.ToDouble();
        Assert.Equal((earlier * losses[1..5].Sum()) + (last * losses[5]), actual, 1e-12);
    }

    [Fact]
    public void Weight_of_an_earlier_step_does_not_fall_below_its_least()
    {
        var (model, theta, episode) = Setting(2);
        var learner = new MamlPlusPlus { Steps = 2, MultiStepEpochs = 100 };
        var path = learner.Adapt(model, theta, episode.Support, Generator.Seed(1)).Path;
        var losses = path.Select(predictor => Objectives.Standard(predictor(episode.Query.Inputs), episode.Query).ToDouble()).ToArray();
        var actual = learner.At(99, 100).MetaGradient(model, theta, episode, Generator.Seed(1)).Loss.ToDouble(); // 1 - 99/100 is below 0.03
        Assert.Equal((0.015 * losses[1]) + (0.985 * losses[2]), actual, 1e-12);
    }

    // h = 2, a = 0, g = 3, b = .5 at θ = 1, α = .1: φ = .8; dα = −∇L_S ∇L_Q = −2 · .9.
    [Fact]
    public void Meta_gradient_of_a_parabola_is_that_of_the_closed_form()
    {
        var learner = new MamlPlusPlus { Steps = 1, Objective = Linear.HalfSquare };
        Parameters theta = [new("w", Tensor.From([1.0], 1, 1)), new("rates.w", Tensor.From([0.1]))];
        Episode episode = new(Linear.Point([Math.Sqrt(2)], 0), Linear.Point([Math.Sqrt(3)], Math.Sqrt(3) * 0.5), "by hand");
        var result = learner.MetaGradient(new Linear(1, 1), theta, episode, Generator.Seed(1));
        Assert.Equal(0.135, result.Loss.ToDouble(), 1e-9);
        MamlTests.AssertClose([0.72, -1.8], result.Direction.Flatten().ToArray<double>());
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(49, true)]
    public void With_equal_rates_and_the_last_loss_alone_it_is_maml_of_first_order_in_the_first_epochs(int iteration, bool firstOrder)
    {
        var (model, theta, episode) = Setting(3);
        var learner = new MamlPlusPlus { Steps = 3 }.At(iteration, 100);
        var maml = new Maml { InnerRate = 0.1, Steps = 3, Unrolling = firstOrder ? new Unrolling.FirstOrder() : new Unrolling.Full() };
        var (actual, expected) = (learner.MetaGradient(model, theta, episode, Generator.Seed(1)), maml.MetaGradient(model, theta.Without("rates"), episode, Generator.Seed(1)));
        Assert.Equal(expected.Loss.ToDouble(), actual.Loss.ToDouble(), 1e-7);
        MamlTests.AssertClose(expected.Direction.Flatten().ToArray<double>(), actual.Direction.Without("rates").Flatten().ToArray<double>(), 1e-7); // 0.1 is a float32
    }

    [Fact]
    public void There_is_a_rate_for_each_adapted_tensor_and_step_and_a_row_of_each_norm_for_each_step()
    {
        var theta = new MamlPlusPlus { Steps = 3 }.Init(new Conv4 { Height = 16, Width = 16, Filters = 4, Outputs = 2 }, Generator.Seed(1));
        Assert.Equal(["conv1.weight", "conv2.weight", "conv3.weight", "conv4.weight", "head.weight", "head.bias"], theta.Under("rates").Names);
        Assert.All(theta.Under("rates").Leaves, leaf => Assert.Equal([3], leaf.Shape));
        Assert.Equal(8, theta.Under("later").Count);
        Assert.All(theta.Under("later").Leaves, leaf => Assert.Equal([2, 4], leaf.Shape));
        Assert.Empty(new MamlPlusPlus { Steps = 1 }.Init(new Conv4 { Outputs = 2 }, Generator.Seed(1)).Under("later"));
    }

    // Predictions before and after the first step normalise by the first row, those after the second by the second.
    [Theory]
    [InlineData("norm2.weight", 0, new[] { true, true, true })]
    [InlineData("later.norm2.weight", 0, new[] { false, false, true })]
    [InlineData("later.norm2.weight", 1, new[] { false, false, false })]
    public void Step_reads_its_own_row_of_a_norm(string name, int row, bool[] changes)
    {
        var learner = new MamlPlusPlus { Steps = 3 };
        var model = new Conv4 { Height = 16, Width = 16, Filters = 4, Outputs = 2 };
        var theta = learner.Init(model, Generator.Seed(1));
        var support = new Examples(Generator.Seed(2).Normal([4, 1, 16, 16]), Tensor.From([0L, 0, 1, 1]), Ways: 2);
        var moved = theta.Map((key, leaf) => key != name ? leaf : leaf.Rank == 1 ? leaf * 2 : leaf * Tensor.From([row == 0 ? 2f : 1f, row == 1 ? 2f : 1f], 2, 1));
        var (before, after) = (learner.Adapt(model, theta, support, Generator.Seed(1)).Path, learner.Adapt(model, moved, support, Generator.Seed(1)).Path);
        Assert.Equal(changes, before.Zip(after, (one, other) => !one(support.Inputs).BitEquals(other(support.Inputs))).Take(3));
        Assert.False(before[3](support.Inputs).BitEquals(after[3](support.Inputs)));
    }

    // Killed in the first-order epochs with losses after every step, resumed beyond both.
    [Fact]
    public void Training_that_was_resumed_ends_with_the_bits_of_one_that_was_not()
    {
        var run = new MetaTraining
        {
            Learner = new MamlPlusPlus { Steps = 2 },
            Model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 3 },
            Tasks = new Nuisance20(3, 2, 2),
            Settings = new() { Iterations = 20, MetaBatch = 2, Threads = 1, ValidateEvery = 0, Execution = Execution.Loop, CheckpointSeconds = 0 },
        };
        var path = Path.Combine(Path.GetTempPath(), $"deutero-{Guid.NewGuid():N}.safetensors");
        try
        {
            using var cancellation = new CancellationTokenSource();
            run.Run(
                run.Start(), state => state.Save(path, ""), new Immediate<TrainingProgress>(_ => cancellation.Cancel()), cancellation.Token);
            var half = TrainingState.Load(path, "");
            Assert.Equal(1, half.Iteration);
            Assert.True(run.Run(run.Start()).State.Theta.BitEquals(run.Run(half).State.Theta));
            Assert.False((run with { Learner = new MamlPlusPlus { Steps = 2, MultiStepEpochs = 0 } }).Run(run.Start()).State.Theta.BitEquals(run.Run(run.Start()).State.Theta));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("Epochs", Assert.Throws<ArgumentOutOfRangeException>(() => new MamlPlusPlus { Epochs = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("MultiStepEpochs", Assert.Throws<ArgumentOutOfRangeException>(() => new MamlPlusPlus { MultiStepEpochs = -1 }).Message, StringComparison.Ordinal);
    }

    private static (IModel Model, Parameters Theta, Episode Episode) Setting(int steps)
    {
        using var random = Generator.Seed(2);
        var model = new Mlp { Inputs = 20, Hidden = [6], Outputs = 5, Activation = Activation.Tanh };
        var theta = new MamlPlusPlus { Steps = steps }.Init(model, random).To(DType.Float64);
        return (model, theta, new Nuisance20(5, 2, 2).Sample(random).To(DType.Float64));
    }
}
