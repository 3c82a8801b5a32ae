using Deutero.Learners;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class SimpleCnapsTests
{
    private static readonly Linear s_identity = new(2, 1, 0, 0, 1);

    private static Examples Support => new(Tensor.From([0.0, 0, 2, 0, 0, 2, 0, 4, 0, 6], 5, 2), Tensor.From([0L, 0, 1, 1, 1]), Ways: 2);

    // Σ = [[.8, −1.2], [−1.2, 6.8]]; Σ_0 = [[2, 0], [0, 0]] with λ = 2/3, Σ_1 = [[0, 0], [0, 4]] with λ = 3/4.
    [Fact]
    public void Covariances_are_those_worked_out_by_hand() => MamlTests.AssertClose(
        [2.6, -0.4, -0.4, 3.266667, 1.2, -0.3, -0.3, 5.7], new SimpleCnaps().Covariances(Support.Inputs, Support).ToArray<double>(), 1e-6);

    [Fact]
    public void Logits_are_minus_the_squared_mahalanobis_distances() =>
        MamlTests.AssertClose([-0.312, -2.17778], Logits(new(), Support, [1, 1]), 1e-5);

    [Fact]
    public void A_class_of_one_example_has_half_the_covariance_of_all()
    {
        var support = new Examples(Tensor.From([0.0, 0, 2, 2], 2, 2), Tensor.From([0L, 1]), Ways: 2);
        MamlTests.AssertClose([2, 1, 1, 2, 2, 1, 1, 2], new SimpleCnaps().Covariances(support.Inputs, support).ToArray<double>(), 1e-12); // .5 · [[2, 2], [2, 2]] + I
    }

    // Covariances vanish beside the ridge: −||z − c||²/β.
    [Fact]
    public void Great_ridge_is_a_prototypical_network()
    {
        var prototypes = new ProtoNet().Adapt(s_identity, s_identity.Init(Generator.Seed(1)), Support, Generator.Seed(1)).Predict(Tensor.From([1.0, 1], 1, 2));
        MamlTests.AssertClose(prototypes.ToArray<double>(), [.. Logits(new() { Ridge = 1e8 }, Support, [1, 1]).Select(value => value * 1e8)], 1e-5);
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        Assert.Contains(
            "class labels", Assert.Throws<ArgumentException>(() => s_identity.Run(new SimpleCnaps(), Linear.Point([1], 0), Linear.Point([1], 0))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimpleCnaps { Ridge = 0 });
    }

    private static double[] Logits(SimpleCnaps learner, Examples support, double[] query) =>
        learner.Adapt(s_identity, s_identity.Init(Generator.Seed(1)), support, Generator.Seed(1)).Predict(Tensor.From(query, 1, 2)).ToArray<double>();
}
