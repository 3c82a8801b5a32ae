using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Tests.Models;

/// <summary>What learners that adapt the head alone rely on, for every exported model.</summary>
public sealed class HeadTests
{
    public static TheoryData<Type> Models => new(
        typeof(IModel).Assembly.GetExportedTypes().Where(type => type is { IsInterface: false } && type.IsAssignableTo(typeof(IModel))));

    [Theory]
    [MemberData(nameof(Models))]
    public void Model_is_its_features_and_a_linear_layer_of_the_last_two_parameters(Type type)
    {
        var item = Item(type);
        var model = ((IModel)Activator.CreateInstance(type)!).WithShape(item, outputs: 5);
        var theta = model.Init(Generator.Seed(1));
        var inputs = Generator.Seed(2).Uniform([4, .. item]);
        var features = model.WithShape(item, outputs: 0).Forward(theta, inputs);
        var expected = features.Matmul(theta.Leaves[^2].T()) + theta.Leaves[^1];
        Assert.Equal(0, (expected - model.Forward(theta, inputs)).Abs().Max().ToDouble(), 1e-5);
        Assert.Equal(5, model.OutputWidth);
        Assert.Equal(features.Size(1), model.WithShape(item, outputs: 0).OutputWidth);
    }

    // What a model takes: images and numbers, a graph of 6 nodes, a bag of a text's grams with 2 words.
    private static long[] Item(Type type) => type == typeof(Gin) ? [6, 6 + 5] : type == typeof(TextEncoder) ? [4096 + (2 * 101)] : [3, 16, 16];
}
