using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class TNetTests
{
    // T = ((1, .5), (0, 2)), W = ((1, 0), (1, 1)), x = (1, 2), y = (0, 1), α = .1, half the squared error: TW moves by −α T Tᵀ (TWx − y) xᵀ.
    [Fact]
    public void Step_moves_the_weights_along_the_learned_metric()
    {
        var learner = new TNet { InnerRate = 0.1, Objective = (predictions, examples) => (predictions - examples.Targets).Square().Sum() * 0.5 };
        Parameters theta =
        [
            new("linear1.weight", Tensor.From([1.0, 0, 1, 1], 2, 2)), new("linear1.bias", Tensor.From([0.0, 0])),
            new("transforms.linear1", Tensor.From([1, 0.5, 0, 2], 2, 2)),
        ];
        var support = new Examples(Tensor.From([1.0, 2], 1, 2), Tensor.From([0.0, 1], 1, 2), Ways: 0);
        var path = learner.Adapt(new Mlp { Inputs = 2, Hidden = [], Outputs = 2 }, theta, support, Generator.Seed(1)).Path;
        Tensor Product(int step) => path[step](Tensor.Eye(2, DType.Float64)) - path[step](Tensor.Zeros([1, 2], DType.Float64)); // (TW)ᵀ
        MamlTests.AssertClose([1.5, 2, 0.5, 2], Product(0).ToArray<double>(), 1e-12);
        MamlTests.AssertClose([-0.8125, -2.25, -1.625, -4.5], (Product(1) - Product(0)).ToArray<double>(), 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Identities_give_the_meta_gradient_of_maml(int steps)
    {
        var (model, theta, episode) = Setting();
        var actual = new TNet { InnerRate = 0.2, Steps = steps }.MetaGradient(model, theta, episode, Generator.Seed(1));
        var expected = new Maml { InnerRate = 0.2, Steps = steps }.MetaGradient(model, theta.Without("transforms"), episode, Generator.Seed(1));
        Assert.Equal(expected.Loss.ToDouble(), actual.Loss.ToDouble(), 1e-12);
        MamlTests.AssertClose(expected.Direction.Flatten().ToArray<double>(), actual.Direction.Without("transforms").Flatten().ToArray<double>(), 1e-12);
    }

    // T in c-fold and W in 1/c: the same function, the step of a rate c² as great.
    [Fact]
    public void Scale_of_the_transforms_is_that_of_the_steps()
    {
        var (model, theta, episode) = Setting();
        var scaled = theta.Map((name, leaf) => name.StartsWith("transforms", StringComparison.Ordinal) ? leaf * 2 : leaf / 2);
        double Loss(double rate, Parameters at) => new TNet { InnerRate = rate, Steps = 2 }.MetaGradient(model, at, episode, Generator.Seed(1)).Loss.ToDouble();
        Assert.Equal(Loss(0.4, theta), Loss(0.1, scaled), 1e-12);
        Assert.NotEqual(Loss(0.1, theta), Loss(0.1, scaled), 1e-6);
    }

    // T of a convolution is a 1x1 convolution behind it, before the normalisation.
    [Fact]
    public void Every_layer_with_a_matrix_or_a_kernel_has_a_transform_as_wide_as_its_output()
    {
        var theta = new TNet().Init(new Conv4 { Height = 16, Width = 16, Filters = 4, Outputs = 3 }, Generator.Seed(1));
        Assert.Equal(["conv1", "conv2", "conv3", "conv4", "head"], theta.Under("transforms").Names);
        Assert.All(theta.Under("transforms").Where(name => name != "head").Leaves, leaf => Assert.Equal([4, 4], leaf.Shape));
        Assert.Equal([3, 3], theta["transforms.head"].Shape);
    }

    [Fact]
    public void Transform_of_a_convolution_mixes_its_filters()
    {
        var model = new Formula([], (at, images) => Tensor.Conv2d(images, at["conv1.weight"], null, [1, 1], [1, 1]).Reshape([images.Size(0), -1]));
        var (kernel, mix, images) = (Generator.Seed(1).Normal([4, 2, 3, 3]), Generator.Seed(2).Normal([4, 4]), Generator.Seed(3).Normal([5, 2, 6, 6]));
        Parameters theta = [new("conv1.weight", kernel), new("transforms.conv1", mix)];
        var actual = new TNet().Adapt(model, theta, new(images, Tensor.Zeros([5, 144]), Ways: 0), Generator.Seed(1)).Path[0](images);
        var expected = Tensor.Conv2d(Tensor.Conv2d(images, kernel, null, [1, 1], [1, 1]), mix.Reshape([4, 4, 1, 1]), null, [1, 1], [0, 0]);
        Assert.Equal(0, (actual - expected.Reshape([5, -1])).Abs().Max().ToDouble(), 1e-4);
    }

    internal static (IModel Model, Parameters Theta, Episode Episode) Setting()
    {
        using var random = Generator.Seed(2);
        var model = new Mlp { Inputs = 20, Hidden = [6], Outputs = 5, Activation = Activation.Tanh };
        return (model, new TNet().Init(model, random).To(DType.Float64), new Nuisance20(5, 2, 2).Sample(random).To(DType.Float64));
    }
}
