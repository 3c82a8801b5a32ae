using Deutero.Learners;
using Deutero.Tasks;
using Deutero.Testing;
using Deutero.Torch;

namespace Deutero.Tests.Learners;

public sealed class SiameseTests
{
    private static readonly Linear s_identity = new(1, 1);

    // Pairs at .5 of one class and at .5 and 1.5 of different ones: (.25 + (.25 + 0)/2)/2 with m = 1.
    [Fact]
    public void Contrastive_loss_is_that_worked_out_by_hand()
    {
        var distances = Tensor.From([0, 0.5, 0.5, 0.5, 0, 1.5, 0.5, 1.5, 0], 3, 3);
        var positive = Tensor.From([0.0, 1, 0, 1, 0, 0, 0, 0, 0], 3, 3);
        var negative = Tensor.From([0.0, 0, 1, 0, 0, 1, 1, 1, 0], 3, 3);
        Assert.Equal((0.25 + 0.125) / 2, new PairLoss.Contrastive().Of(distances, positive, negative).ToDouble(), 1e-12);
    }

    // Embeddings 0, 1 and 3, 1.5. Hardest positives 1, 1, 1.5, 1.5, hardest negatives 1.5, .5, 2, .5.
    [Theory]
    [InlineData(TripletMining.Hardest, false, 0.625)]
    [InlineData(TripletMining.Hardest, true, 0.808873)]
    [InlineData(TripletMining.SemiHard, false, 0.125)] // negatives 1.5, 2, 2 and, as none is beyond 1.5, the farthest, 1.5: excess −.5, −1, −.5, 0
    [InlineData(TripletMining.All, false, 0.375)] // excess −2, −.5, −1, .5, −1.5, −.5, 0, 1
    public void Triplet_losses_are_those_worked_out_by_hand(TripletMining mining, bool soft, double expected)
    {
        var loss = new PairLoss.Triplet { Mining = mining, Soft = soft };
        Assert.Equal(expected, OfScalars(loss, [0, 1, 3, 1.5]), 1e-6);
    }

    [Theory]
    [InlineData(TripletMining.Hardest)]
    [InlineData(TripletMining.SemiHard)]
    [InlineData(TripletMining.All)]
    public void Embeddings_that_are_all_equal_cost_the_margin(TripletMining mining)
    {
        Assert.Equal(0.7, OfScalars(new PairLoss.Triplet { Mining = mining, Soft = false, Margin = 0.7 }, [2, 2, 2, 2]), 1e-9);
        Assert.Equal(Math.Log(2), OfScalars(new PairLoss.Triplet { Mining = mining }, [2, 2, 2, 2]), 1e-9);
    }

    public static TheoryData<PairLoss> Losses => new()
    {
        new PairLoss.Contrastive { Margin = 2 },
        new PairLoss.Triplet { Soft = false, Margin = 1 },
        new PairLoss.Triplet { Mining = TripletMining.SemiHard },
        new PairLoss.Triplet { Mining = TripletMining.All },
    };

    [Theory]
    [MemberData(nameof(Losses))]
    public void Every_loss_is_certified(PairLoss loss)
    {
        var certificate = Certificates.Of(new Siamese { Loss = loss });
        Assert.True(certificate.Holds, certificate.ToString());
    }

    // Slopes at a distance of 0 are 0, not undefined.
    [Theory]
    [MemberData(nameof(Losses))]
    public void Examples_that_coincide_have_a_gradient(PairLoss loss)
    {
        var examples = new Examples(Tensor.From([2.0, 2, 2], 3, 1), Tensor.From([0L, 0, 1]), Ways: 2);
        var direction = s_identity.Run(new Siamese { Loss = loss }, examples, examples).Direction;
        Assert.True(double.IsFinite(direction.Flatten().Sum().ToDouble()));
    }

    [Fact]
    public void Queries_go_to_the_class_of_the_nearest_support_example()
    {
        var support = new Examples(Tensor.From([0.0, 10, 3, 4], 4, 1), Tensor.From([0L, 0, 1, 1]), Ways: 2);
        var logits = new Siamese().Adapt(s_identity, s_identity.Init(Generator.Seed(1)), support, Generator.Seed(1)).Predict(Tensor.From([9.0, 2], 2, 1));
        MamlTests.AssertClose([-1, -5, -2, -1], logits.ToArray<double>(), 1e-6);
    }

    [Fact]
    public void Distances_of_pairs_are_symmetric()
    {
        var (model, theta) = (new Linear(2, 3, 0, 0, 4), new Linear(2, 3, 0, 0, 4).Init(Generator.Seed(1)));
        var (first, second) = (Tensor.From([1.0, 1, 0, 0], 2, 2), Tensor.From([0.0, 0, 0, 0], 2, 2));
        MamlTests.AssertClose([5, 0], Siamese.Distances(model, theta, first, second).ToArray<double>(), 1e-5);
        Assert.True(Siamese.Distances(model, theta, first, second).BitEquals(Siamese.Distances(model, theta, second, first)));
    }

    // Sorted: .1 same, .2 same, .3 different, .4 same, .9 different. Between .2 and .3, 4 of 5 are right; between .4 and .9 as many: the first is taken.
    [Fact]
    public void Threshold_is_where_most_pairs_are_decided_rightly()
    {
        var chosen = Verification.Choose([0.9, 0.1, 0.4, 0.3, 0.2], [false, true, true, false, true]);
        Assert.Equal(0.25, chosen.Threshold, 1e-12);
        Assert.Equal(0.8, chosen.Accuracy, 1e-12);
        Assert.True(Verification.Choose([1, 2], [false, false]).Threshold < 1);
        Assert.True(Verification.Choose([1, 2], [true, true]).Threshold > 2);
        Assert.Throws<ArgumentException>(() => Verification.Choose([1], []));
    }

    [Fact]
    public void Regression_and_impossible_settings_are_refused()
    {
        Assert.Contains(
            "class labels", Assert.Throws<ArgumentException>(() => s_identity.Run(new Siamese(), Linear.Point([1], 0), Linear.Point([1], 0))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PairLoss.Contrastive { Margin = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new PairLoss.Triplet { Margin = -1 });
    }

    // Two of class 0 and two of class 1.
    private static double OfScalars(PairLoss loss, double[] embedded)
    {
        var column = Tensor.From(embedded, 4, 1);
        var labels = Tensor.From([0L, 0, 1, 1]);
        var same = labels.Unsqueeze(0).Eq(labels.Unsqueeze(1)).To(DType.Float64);
        return loss.Of((column - column.T()).Abs(), same - Tensor.Eye(4, DType.Float64), 1 - same).ToDouble();
    }
}
