using Deutero.Learners;
using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class FastWeightsTests
{
    private static readonly Mlp s_model = new() { Inputs = 3, Hidden = [], Outputs = 2 };

    private static Tensor Draw(int seed, params long[] shape) => Generator.Seed((ulong)seed).Normal(shape, dtype: DType.Float64);

    private static Parameters Weights(FastWeights learner) => learner.Init(s_model, Generator.Seed(1)).To(DType.Float64).Under("fast");

    // A(t) = λ A(t − 1) + η h hᵀ, written down.
    [Theory]
    [InlineData(0.9, 0.5)]
    [InlineData(0, 0.5)] // A = η h hᵀ of the last state
    public void Attention_to_the_past_is_a_fading_sum_of_outer_products(double decay, double rate)
    {
        var (states, hidden) = (Draw(1, 4, 5), Draw(2, 3, 5));
        var matrix = Tensor.Zeros([5, 5], DType.Float64);
        for (var t = 0; t < 4; t++)
        {
            matrix = (decay * matrix) + (rate * states[t].Outer(states[t]));
        }

        var actual = new FastWeights { Decay = decay, Rate = rate }.Attend(states, hidden);
        MamlTests.AssertClose(hidden.Matmul(matrix.T()).ToArray<double>(), actual.ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Boundary_is_held_while_fast_weights_are_applied()
    {
        var learner = new FastWeights { Hidden = 5, Steps = 2 };
        var weights = Weights(learner);
        Tensor[] states = [Draw(1, 1, 5).Relu(), Draw(2, 1, 5).Relu()];
        var item = Draw(3, 1, 6);
        var boundary = Dense.Linear(weights, "input", item) + states[1].Matmul(weights["recurrent"].T());
        Tensor Unit(Tensor values) => ((values - values.Mean()) / ((values - values.Mean()).Square().Mean() + 1e-5).Sqrt()).Relu();
        var matrix = 0.5 * ((0.95 * states[0].T().Matmul(states[0])) + states[1].T().Matmul(states[1]));
        var hidden = Unit(boundary);
        hidden = Unit(boundary + hidden.Matmul(matrix));
        hidden = Unit(boundary + hidden.Matmul(matrix));
        MamlTests.AssertClose(hidden.ToArray<double>(), learner.Step(weights, states, item).ToArray<double>(), 1e-12);
    }

    [Fact]
    public void Without_a_rate_it_is_a_recurrent_network()
    {
        var learner = new FastWeights { Hidden = 5 };
        var weights = Weights(learner);
        Tensor[] states = [Draw(1, 1, 5).Relu(), Draw(2, 1, 5).Relu()];
        var plain = (learner with { Steps = 0 }).Step(weights, states, Draw(3, 2, 6)).ToArray<double>();
        MamlTests.AssertClose(plain, (learner with { Rate = 0 }).Step(weights, states, Draw(3, 2, 6)).ToArray<double>(), 1e-12);
        Assert.NotEqual(plain, learner.Step(weights, states, Draw(3, 2, 6)).ToArray<double>());
    }

    [Fact]
    public void Impossible_settings_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FastWeights { Decay = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FastWeights { Rate = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FastWeights { Hidden = 0 });
    }
}
