using Deutero.Selection;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Selection;

public sealed class TaskFeaturesTests
{
    // On a line: class 0 at 0, 1 and 5, class 1 at 10 and 6. Means 2 and 8, six apart.
    [Fact]
    public void Features_are_those_worked_out_by_hand()
    {
        var features = TaskFeatures.Of(new(Tensor.From([0.0, 1, 5, 10, 6], 5, 1), Tensor.From([0L, 0, 0, 1, 1]), Ways: 2));
        Assert.Equal(TaskFeatures.Names.Count, features.Length);
        Assert.Equal(Math.Log(2), features[0], 1e-12);
        Assert.Equal(Math.Log(2.5), features[1], 1e-12);
        Assert.Equal(0, features[2], 1e-12);
        Assert.Equal(-((0.6 * Math.Log(0.6)) + (0.4 * Math.Log(0.4))) / Math.Log(2), features[3], 1e-12);
        Assert.Equal(0.6, features[4], 1e-12); // 0 and 1 have each other and 10 has 6, but 5 and 6 have one another
        Assert.Equal((2 + 1 + 3 + 2 + 2) / 5.0 / 6, features[6], 1e-12);
        Assert.Equal(1, features[7], 1e-12);
    }

    // The class means are 2 and 8.25. Without themselves, 0 has one at 3, 1 at 2.5, 5 at 0.5, 10 at 6.5 and 6.5 at 10: only 5 is nearer to the other class.
    [Fact]
    public void Nearest_class_mean_leaves_the_example_itself_out()
    {
        var support = new Examples(Tensor.From([0.0, 1, 5, 10, 6.5], 5, 1), Tensor.From([0L, 0, 0, 1, 1]), Ways: 2);
        Assert.Equal(0.8, TaskFeatures.Of(support)[5], 1e-12);
    }

    [Fact]
    public void One_example_a_class_has_no_landmarks_and_no_spread()
    {
        var features = TaskFeatures.Of(new(Tensor.From([0f, 1, 3], 3, 1), Tensor.From([0L, 1, 2]), Ways: 3));
        Assert.Equal([0, 0, 0], features[4..7]);
        Assert.Equal(0.5, features[7], 1e-12); // distances 1, 2 and 3
    }

    [Fact]
    public void Values_and_missing_classes_are_refused()
    {
        var inputs = Tensor.From([0.0, 1, 3], 3, 1);
        Assert.Throws<ArgumentException>(() => TaskFeatures.Of(new(inputs, inputs, Ways: 0)));
        Assert.Contains("no example of class 2", Assert.Throws<ArgumentException>(() => TaskFeatures.Of(new(inputs, Tensor.From([0L, 1, 1]), Ways: 3))).Message, StringComparison.Ordinal);
    }
}
