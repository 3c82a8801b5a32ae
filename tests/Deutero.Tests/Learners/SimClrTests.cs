using Deutero.Learners;
using Deutero.Models;
using Deutero.Tests.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class SimClrTests
{
    private static readonly SimClr s_learner = new() { Temperature = 0.5, Width = 6 };

    [Fact]
    public void Loss_of_views_that_are_all_alike_is_the_log_of_the_others() =>
        Assert.Equal(Math.Log(7), s_learner.Contrast(Tensor.Ones([8, 3], DType.Float64)).ToDouble(), 1e-9);

    // Four items at right angles: −log(e² / (e² + 6)).
    [Fact]
    public void Loss_of_perfect_pairs_at_right_angles_is_that_worked_out_by_hand()
    {
        var views = Tensor.Eye(4, DType.Float64).Repeat([2, 1]) * 3;
        Assert.Equal(-Math.Log(Math.Exp(2) / (Math.Exp(2) + 6)), s_learner.Contrast(views).ToDouble(), 1e-9);
    }

    [Fact]
    public void Swapping_the_views_or_scaling_them_changes_nothing_but_swapping_partners_does()
    {
        var views = Generator.Seed(3).Normal([10, 4], dtype: DType.Float64);
        var loss = s_learner.Contrast(views).ToDouble();
        Assert.Equal(loss, s_learner.Contrast(Tensor.Cat([views[5..10], views[0..5]])).ToDouble(), 1e-12);
        Assert.Equal(loss, s_learner.Contrast(7 * views).ToDouble(), 1e-9);
        Assert.NotEqual(loss, s_learner.Contrast(Tensor.Cat([views[0..5], views[5..10].Flip([0])])).ToDouble(), 1e-3);
    }

    [Fact]
    public void No_label_is_read_on_the_way_to_the_direction()
    {
        var (model, random) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 0 }, Generator.Seed(3));
        var (theta, episode) = (s_learner.Init(model, random), new Nuisance20(4, 2, 2).Sample(random));
        var poisoned = Tensor.From([0L, 0, 0, 0, 1, 2, 3, 3]);
        var relabelled = episode with { Support = episode.Support with { Targets = poisoned }, Query = episode.Query with { Targets = poisoned } };
        var (own, other) = (s_learner.MetaGradient(model, theta, episode, random), s_learner.MetaGradient(model, theta, relabelled, random));
        Assert.True(own.Direction.BitEquals(other.Direction));
        Assert.False(own.Loss.BitEquals(other.Loss));
    }

    [Fact]
    public void Classes_are_told_apart_by_the_features_and_not_by_the_projection()
    {
        var (model, random) = (new Mlp { Inputs = 20, Hidden = [8], Outputs = 0 }, Generator.Seed(3));
        var (theta, episode) = (s_learner.Init(model, random), new Nuisance20(3, 2, 2).Sample(random));
        Tensor Predict(Parameters at) => s_learner.Adapt(model, at, episode.Support, random).Predict(episode.Query.Inputs);
        Assert.True(Predict(theta).BitEquals(Predict(theta.Map((name, leaf) => name.StartsWith("projection", StringComparison.Ordinal) ? leaf + 1 : leaf))));
        var baseline = new ClassifierBaseline().Adapt(model with { Outputs = 3 }, theta, episode.Support, random).Predict(episode.Query.Inputs);
        Assert.True(Predict(theta).BitEquals(baseline));
    }

    [Fact]
    public void What_is_no_pairs_of_views_is_refused()
    {
        var model = new Mlp { Inputs = 20, Hidden = [8], Outputs = 0 };
        var episode = new Nuisance20(3, 1, 2).Sample(Generator.Seed(1));
        var refusal = Assert.Throws<ArgumentException>(() => s_learner.MetaGradient(model, s_learner.Init(model, Generator.Seed(1)), episode, Generator.Seed(1)));
        Assert.Contains("3 and 6", refusal.Message, StringComparison.Ordinal);
    }
}
