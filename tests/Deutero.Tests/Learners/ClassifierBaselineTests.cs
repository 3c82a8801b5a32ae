using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class ClassifierBaselineTests
{
    // Class means (1, 0) and (4, 5) of the identity's features, query (3, 3): cosines 1/√2 and 27/√(41·18).
    [Fact]
    public void Logits_are_cosines_of_class_means_times_the_scale()
    {
        var model = new Mlp { Inputs = 2, Hidden = [2], Outputs = 2 };
        var theta = model.Init(Generator.Seed(1)).To(DType.Float64)
            .With([new("linear1.weight", Tensor.Eye(2, DType.Float64)), new("linear1.bias", Tensor.Zeros([2], DType.Float64))]);
        var support = new Examples(Tensor.From([0.0, 0, 2, 0, 4, 4, 4, 6], 4, 2), Tensor.From([0L, 0, 1, 1]), Ways: 2);
        var logits = new ClassifierBaseline { Scale = 2 }.Adapt(model, theta, support, Generator.Seed(1)).Predict(Tensor.From([3.0, 3], 1, 2));
        MamlTests.AssertClose([Math.Sqrt(2), 54 / Math.Sqrt(41 * 18)], logits.ToArray<double>(), 1e-9);
    }

    [Fact]
    public void Any_number_of_new_classes_is_told_apart_whatever_the_number_of_base_classes()
    {
        var (model, random) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 40 }, Generator.Seed(3));
        var episode = new Nuisance20(6, 1, 3).Sample(random);
        var adaptation = new ClassifierBaseline().Adapt(model, model.Init(random), episode.Support, random);
        Assert.Equal([18, 6], adaptation.Predict(episode.Query.Inputs).Shape);
    }

    [Fact]
    public void Direction_is_the_gradient_of_the_minibatchs_cross_entropy()
    {
        var (model, random) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 7 }, Generator.Seed(3));
        var (theta, batch) = (model.Init(random), new BaseClasses(new NuisancePool(7, 5), 30).Sample(random));
        var result = new ClassifierBaseline().MetaGradient(model, theta, batch, random);
        var expected = Transforms.Grad(at => Objectives.CrossEntropy(model.Forward(at, batch.Query.Inputs), batch.Query), theta);
        MamlTests.AssertClose(
            expected.To(DType.Float64).Flatten().ToArray<double>(), result.Direction.To(DType.Float64).Flatten().ToArray<double>(), 1e-7);
    }
}
