using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;
using Deutero.Training;

namespace Deutero.Tests.Learners;

public sealed class MetaTransferTests
{
    private static readonly Conv4 s_images = new() { Height = 16, Width = 16, Filters = 4, Outputs = 3 };

    [Fact]
    public void Body_begins_as_it_was_trained()
    {
        var theta = new MetaTransfer().Init(s_images, Generator.Seed(1));
        var body = MetaTransfer.Transferred(theta);
        Assert.Equal(s_images.Init(Generator.Seed(1)).Names.SkipLast(2), body.Names);
        Assert.All(body, item => Assert.True(item.Value.BitEquals(theta[item.Key])));
    }

    [Fact]
    public void There_is_a_scale_for_each_filter_and_input_and_a_shift_for_each_number_of_a_vector()
    {
        var theta = new MetaTransfer().Init(s_images, Generator.Seed(1));
        Assert.Equal([4, 4, 1, 1], theta["scale.conv2.weight"].Shape);
        Assert.Equal([4, 1, 1, 1], theta["scale.conv1.weight"].Shape);
        Assert.Equal([4], theta["shift.norm3.bias"].Shape);
        Assert.Equal(4 + (3 * 16), theta.Under("scale").ElementCount);
        Assert.Equal(4 * 2 * 4, theta.Under("shift").ElementCount);
        Assert.Equal([3, 4], theta["head.head.weight"].Shape);
    }

    // dL/ds[o, i] is the sum over the window of W ⊙ dL/dW, with W as it is used.
    [Fact]
    public void Gradient_of_a_scale_is_that_of_the_weights_it_multiplies_summed_over_the_window()
    {
        var learner = new MetaTransfer { Unrolling = new Unrolling.FirstOrder(), Steps = 1 };
        var theta = learner.Init(s_images, Generator.Seed(1)).To(DType.Float64);
        theta = theta.With(theta.Under("scale").Map(leaf => leaf * 1.3).Prefixed("scale"));
        var episode = Images();
        var actual = learner.MetaGradient(s_images, theta, episode, Generator.Seed(1)).Direction["scale.conv2.weight"];

        // In the first-order approximation the adapted head is a constant.
        var used = MetaTransfer.Transferred(theta);
        var head = theta.Under("head");
        var slope = Transforms.Grad(at => Objectives.CrossEntropy(s_images.Forward(used.With(at), episode.Support.Inputs), episode.Support), head);
        var adapted = used.With(head - (0.01 * slope));
        var full = Transforms.Grad(at => Objectives.CrossEntropy(s_images.Forward(at, episode.Query.Inputs), episode.Query), adapted)["conv2.weight"];
        MamlTests.AssertClose((full * theta["conv2.weight"]).Sum([2, 3], keepdim: true).ToArray<double>(), actual.ToArray<double>(), 1e-9);
    }

    [Fact]
    public void Scaling_a_layer_before_its_normalisation_changes_nothing()
    {
        var theta = new MetaTransfer().Init(s_images, Generator.Seed(1)).To(DType.Float64);
        var scaled = theta.Map((name, leaf) => name == "scale.conv2.weight" ? leaf * 3 : leaf);
        var inputs = Images().Query.Inputs;
        Tensor Features(Parameters at) => s_images.WithShape([1, 16, 16], 0).Forward(MetaTransfer.Transferred(at), inputs);
        MamlTests.AssertClose(Features(theta).ToArray<double>(), Features(scaled).ToArray<double>(), 1e-2); // but for BatchNorm's ε
    }

    [Fact]
    public void Inner_steps_are_those_of_anil_on_the_transferred_body()
    {
        var learner = new MetaTransfer { InnerRate = 0.3, Steps = 4 };
        var theta = learner.Init(s_images, Generator.Seed(1)).To(DType.Float64).Map((name, leaf) => name.StartsWith("shift.", StringComparison.Ordinal) ? leaf + 0.1 : leaf);
        var (episode, anil) = (Images(), new Anil { InnerRate = 0.3, Steps = 4 });
        var whole = MetaTransfer.Transferred(theta).With(theta.Under("head"));
        var expected = anil.Adapt(s_images, whole, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs);
        Assert.True(expected.BitEquals(learner.Adapt(s_images, theta, episode.Support, Generator.Seed(1)).Predict(episode.Query.Inputs)));
    }

    [Fact]
    public void Frozen_parameters_are_bit_identical_after_meta_training_and_all_others_learn()
    {
        var pool = new SyntheticPool(9, 6, 1, 16, 16);
        var pretraining = new MetaTraining
        {
            Learner = new ClassifierBaseline(), Model = s_images with { Outputs = 9 }, Tasks = new BaseClasses(pool, 16),
            Settings = new() { Iterations = 3, MetaBatch = 1, Threads = 1, ValidateEvery = 0 },
        };
        var body = pretraining.Run(pretraining.Start()).State.Theta;
        var training = new MetaTraining
        {
            Learner = new MetaTransfer(), Model = s_images, Tasks = new FewShotClassification(pool, 3, 2, 2),
            Settings = new() { Iterations = 5, MetaBatch = 2, Threads = 1, ValidateEvery = 0, Outer = new() { ClipNorm = 1 } },
        };
        var start = TensorScope.Adopt(training.Start(body).Theta.Map(leaf => leaf.Clone()));
        var end = training.Run(training.Start(body)).State.Theta;
        foreach (var (name, leaf) in end)
        {
            Assert.Equal(body.Contains(name), leaf.BitEquals(start[name]));
            Assert.True(!body.Contains(name) || leaf.BitEquals(body[name]), name);
        }
    }

    [Fact]
    public void Impossible_settings_are_refused_by_name()
    {
        Assert.Contains("InnerRate", Assert.Throws<ArgumentOutOfRangeException>(() => new MetaTransfer { InnerRate = 0 }).Message, StringComparison.Ordinal);
        Assert.Contains("Steps", Assert.Throws<ArgumentOutOfRangeException>(() => new MetaTransfer { Steps = 0 }).Message, StringComparison.Ordinal);
    }

    private static Episode Images() => new FewShotClassification(new SyntheticPool(9, 6, 1, 16, 16), 3, 2, 2).Sample(Generator.Seed(5)).To(DType.Float64);
}
