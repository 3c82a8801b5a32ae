using Deutero.Edge;
using Deutero.Torch;

namespace Deutero.Service.Tests;

public sealed class AdaptationModelTests
{
    public static TheoryData<bool> Learners => [true, false];

    [Theory]
    [MemberData(nameof(Learners))]
    public void Predictions_are_those_of_the_learner_itself(bool metric)
    {
        using var model = metric ? Small.ProtoNet() : Small.Maml(3);
        var support = Small.Support(3, 2);
        using var adapted = model.Adapt(support);
        Assert.Equal(["class0", "class1", "class2"], adapted.Classes);
        var prediction = adapted.Predict(Small.Glyph(37, 9));
        Assert.Equal(1, prediction.Probabilities.Sum(), 12);
        Assert.Equal(prediction.Probabilities.Max(), prediction.Probability);
        Assert.Equal(prediction.Probability, prediction.Probabilities[prediction.Class]);
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void The_same_examples_give_the_same_bits_whatever_was_adapted_to_before(bool metric)
    {
        using var model = metric ? Small.ProtoNet() : Small.Maml(3);
        var item = Small.Glyph(37, 9);
        IReadOnlyList<double> Ask(SupportClass[] support)
        {
            using var adapted = model.Adapt(support);
            return adapted.Predict(item).Probabilities;
        }

        var first = Ask(Small.Support(3, 2));
        Assert.NotEqual(first, Ask(Small.Support(3, 3)));
        Assert.Equal(first, Ask(Small.Support(3, 2)));
    }

    [Theory]
    [MemberData(nameof(Learners))]
    public void A_prediction_does_not_depend_on_earlier_ones(bool metric)
    {
        using var model = metric ? Small.ProtoNet() : Small.Maml(3);
        using var adapted = model.Adapt(Small.Support(3, 2));
        var before = adapted.Predict(Small.Glyph(37, 9));
        adapted.Predict(Small.Glyph(74, 3));
        Assert.Equal(before.Probabilities, adapted.Predict(Small.Glyph(37, 9)).Probabilities);
    }

    [Fact]
    public void A_classifier_needs_no_scope_and_frees_only_what_is_its_own()
    {
        using var model = Small.ProtoNet();
        using (new TensorScope())
        {
            model.Adapt(Small.Support(2, 1)).Dispose();
        }

        using var adapted = model.Adapt(Small.Support(2, 1));
        Assert.Equal(2, adapted.Predict(Small.Glyph(0, 5)).Probabilities.Count);
        model.Dispose();
        Assert.Throws<ObjectDisposedException>(() => adapted.Predict(Small.Glyph(0, 5)));
    }

    [Fact]
    public void What_cannot_be_adapted_to_is_refused_in_one_sentence()
    {
        using var model = Small.ProtoNet();
        using var fixedWays = Small.Maml(3);
        var two = Small.Support(2, 1);
        void Refused(AdaptationModel asked, IReadOnlyList<SupportClass> support, string said) =>
            Assert.Contains(said, Assert.Throws<ArgumentException>(() => asked.Adapt(support)).Message, StringComparison.Ordinal);

        Refused(model, two[..1], "at least 2 classes but has 1");
        Refused(fixedWays, two, "classifies 3 ways but the support set has 2");
        Refused(model, [two[0], two[0]], "have one name");
        Refused(model, [two[0], new("empty", [])], "Class 'empty' has no example");
        Refused(model, [two[0], new("short", [[0, 1]])], "has 2 numbers, but this model takes 784 (1 x 28 x 28)");
        var bright = Small.Glyph(0, 0);
        bright[5] = 2;
        Refused(model, [two[0], new("bright", [bright])], "has the value 2");
        bright[5] = float.NaN;
        Refused(model, [two[0], new("nan", [bright])], "has the value NaN");
    }
}
