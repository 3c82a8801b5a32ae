using Deutero.Evaluation;
using Deutero.Tasks;

namespace Deutero.Data.Tests;

public sealed class OmniglotTests
{
    [Fact]
    public void Counts_are_those_of_the_papers()
    {
        var omniglot = TestData.Omniglot;
        Assert.Equal(1623, omniglot.Characters.Count);
        Assert.Equal(964, omniglot.Characters.Count(c => c.IsBackground));
        Assert.Equal(50, omniglot.Characters.Select(c => c.Alphabet).Distinct().Count());
        Assert.All(omniglot.Characters, c => Assert.Equal(20, c.Rows.Count));
        Assert.Equal(32_460, omniglot.Images.Count);
    }

    [Fact]
    public void Vinyals_split_has_4112_688_and_1692_classes_that_are_those_of_the_published_lists()
    {
        var data = TestData.Omniglot.Vinyals();
        Assert.Equal((4112, 688, 1692), (data.Train.ClassCount, data.Validation.ClassCount, data.Test.ClassCount));
        var published = File.ReadAllLines(Path.Combine(TestData.Folder(DataSets.Omniglot), "omniglot", "vinyals_test.txt"));
        Assert.Equal(published.Order(StringComparer.Ordinal), Names(data.Test).Order(StringComparer.Ordinal));
        EpisodeGuard.RefuseClassOverlap(data.Train, data.Validation, data.Test);
    }

    [Fact]
    public void Random_split_has_4400_400_and_1692_classes_that_share_alphabets_but_no_character()
    {
        var data = TestData.Omniglot.Random();
        Assert.Equal((4400, 400, 1692), (data.Train.ClassCount, data.Validation.ClassCount, data.Test.ClassCount));
        EpisodeGuard.RefuseClassOverlap(data.Train, data.Validation, data.Test);
        Assert.Equal(Alphabets(data.Train), Alphabets(data.Test)); // in the split of Vinyals all but one alphabet are of one pool alone

        static IEnumerable<string> Alphabets(IClassPool pool) => Names(pool).Select(name => name.Split('/')[0]).Distinct().Order();
    }

    [Fact]
    public void Lake_split_keeps_the_evaluation_alphabets_for_the_test()
    {
        var data = TestData.Omniglot.Lake();
        Assert.Equal(964, data.Train.ClassCount + data.Validation.ClassCount);
        Assert.Equal(659, data.Test.ClassCount);
        Assert.Equal(5, Names(data.Validation).Select(name => name.Split('/')[0]).Distinct().Count());
    }

    [Theory]
    [InlineData(1, 41.8)]
    [InlineData(5, 68.8)]
    public void Pixel_class_mean_reaches_its_known_accuracy_on_test_characters(int shots, double percent) =>
        Assert.Equal(percent, NearestMean.Accuracy(TestData.Omniglot.Vinyals(rotations: false).Test, shots, 300, seed: 1), 1.5);

    [Fact]
    public void Originals_resized_here_are_the_derivative_to_within_one_level()
    {
        var folder = TestData.Folder(DataSets.Omniglot);
        var derived = TestData.Omniglot;
        using var zip = new ZipImages(Path.Combine(folder, "omniglot", "images_evaluation.zip"));
        var first = derived.Characters.First(c => !c.IsBackground);
        var names = zip.Names.Where(name => name.Contains($"/{first.Name}/", StringComparison.Ordinal)).ToArray();
        Assert.Equal(20, names.Length);
        for (var i = 0; i < names.Length; i++)
        {
            var expected = derived.Images.Image(first.Rows[i]).ToArray();
            var differences = zip.ReadDrawing(names[i], 28).Zip(expected, (a, b) => Math.Abs(a - b)).ToArray();
            Assert.InRange(differences.Max(), 0, 1);
            Assert.InRange(differences.Average(), 0, 0.01);
        }
    }

    [Fact]
    public void Originals_have_the_classes_of_the_derivative()
    {
        var originals = Omniglot.OpenOriginals(TestData.Folder(DataSets.Omniglot), size: 7);
        Assert.Equal(Names(TestData.Omniglot.Vinyals().Test), Names(originals.Vinyals().Test));
        Assert.Equal(32_460, originals.Images.Count);
    }

    [Fact]
    public void Modified_Hausdorff_distance_errs_on_38_75_percent_of_the_official_runs()
    {
        var runs = Omniglot.OneShotRuns(TestData.Folder(DataSets.Omniglot), Omniglot.OriginalSize);
        Assert.Equal(20, runs.Count);
        var wrong = runs.AsParallel().Sum(run =>
        {
            var training = run.Training.Select(image => ModifiedHausdorff.Ink(image, run.Size)).ToArray();
            return run.Test.Index().Count(test =>
            {
                var ink = ModifiedHausdorff.Ink(test.Item, run.Size);
                var distances = training.Select(other => ModifiedHausdorff.Distance(ink, other)).ToArray();
                return Array.IndexOf(distances, distances.Min()) != run.Answers[test.Index];
            });
        });
        Assert.Equal(38.75, wrong / 4.0);
    }

    [Fact]
    public void One_shot_runs_at_28_pixels_are_evaluation_drawings()
    {
        var run = Omniglot.OneShotRuns(TestData.Folder(DataSets.Omniglot))[0];
        var omniglot = TestData.Omniglot;
        var rows = omniglot.Characters.Where(c => !c.IsBackground).SelectMany(c => c.Rows);
        var nearest = rows.Min(row => omniglot.Images.Image(row).ToArray().Zip(run.Test[0], (a, b) => Math.Abs(a - (b * 255))).Max());
        Assert.InRange(nearest, 0, 1.01);
        Assert.Equal(Enumerable.Range(0, 20), run.Answers.Order());
    }

    private static IEnumerable<string> Names(IClassPool pool) => Enumerable.Range(0, pool.ClassCount).Select(pool.ClassName);
}
