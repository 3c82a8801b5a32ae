using Deutero.Evaluation;
using Deutero.Torch;

namespace Deutero.Tests.Evaluation;

public sealed class RocAucTests
{
    // Scores 0.1, 0.4, 0.35, 0.8 of the labels 0, 0, 1, 1: of the four pairs three are ranked rightly.
    [Theory]
    [InlineData(new[] { 0.1, 0.4, 0.35, 0.8 }, new[] { 0L, 0, 1, 1 }, 0.75)]
    [InlineData(new[] { 1.0, 2, 3, 4 }, new[] { 0L, 0, 1, 1 }, 1)]
    [InlineData(new[] { 4.0, 3, 2, 1 }, new[] { 0L, 0, 1, 1 }, 0)]
    [InlineData(new[] { 1.0, 1, 1 }, new[] { 0L, 1, 1 }, 0.5)]
    [InlineData(new[] { 1.0, 1, 2 }, new[] { 1L, 0, 0 }, 0.25)]
    public void Area_is_the_fraction_of_pairs_that_are_ranked_rightly(double[] scores, long[] labels, double area)
    {
        var logits = scores.SelectMany(score => new[] { 5 - score, 5.0 }).ToArray(); // the second less the first is the score
        Assert.Equal(area, Evaluator.RocAuc(Tensor.From(logits, [scores.Length, 2]), Tensor.From(labels, [labels.Length])), 1e-12);
    }

    [Fact]
    public void One_class_alone_has_no_area() =>
        Assert.Contains("needs queries of both classes", Assert.Throws<ArgumentException>(() => Evaluator.RocAuc(Tensor.From([0.0, 1], [1, 2]), Tensor.From([1L], [1]))).Message, StringComparison.Ordinal);
}
