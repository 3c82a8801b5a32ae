using Deutero.Evaluation;
using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Data.Tests;

public sealed class OneShotEpisodesTests
{
    // The figures here, and the hash below, are those of a program that reads the zip with no part of Deutero.
    [Fact]
    public void Nearest_drawing_by_pixels_is_right_in_76_of_400_at_full_size()
    {
        var episodes = Open(Omniglot.OriginalSize);
        var result = new Evaluator { Threads = 2 }.Run(
            new NearestCentroid(), new Mlp(), Parameters.Empty, new(episodes, 1, 20), cancellation: TestContext.Current.CancellationToken);
        int[] right = [7, 1, 4, 7, 6, 4, 2, 2, 3, 3, 4, 3, 4, 2, 4, 6, 0, 7, 3, 4];
        var differences = result.Episodes.Select(episode => Math.Abs((20 * episode.Score) - right[episode.Index])).ToArray();
        Assert.InRange(differences.Sum(), 0, 1.01); // one query is equally far from two drawings
    }

    [Fact]
    public void Episodes_have_20_ways_one_shot_and_a_query_of_each_class_and_no_seed_changes_them()
    {
        var episodes = Open(Omniglot.Size);
        Assert.Equal(20, episodes.Count);
        for (var i = 0; i < episodes.Count; i++)
        {
            var episode = episodes[i];
            EpisodeGuard.Check(episode);
            Assert.Equal([20L, 1, 28, 28], episode.Query.Inputs.Shape);
            Assert.Equal(Enumerable.Range(0, 20).Select(label => (long)label), episode.Support.Targets.ToArray<long>());
            Assert.Equal(Enumerable.Range(0, 20).Select(label => (long)label), episode.Query.Targets.ToArray<long>().Order());
            Assert.StartsWith($"run{i + 1:00}/class01:class01|item", episode.Identity, StringComparison.Ordinal);
        }

        Assert.Equal(Hash(episodes, 1), Hash(episodes, 2));
        Assert.Equal("add4faa5e5ddbec0e4d26ad666248586343d97ef43a3578ef36123b7ef11179e", Hash(episodes, 1));
    }

    [Fact]
    public void Training_within_an_alphabet_turns_all_its_characters_alike()
    {
        var data = TestData.Omniglot.Lake(rotations: true);
        var plain = TestData.Omniglot.Lake();
        Assert.Equal(
            (4 * plain.Train.ClassCount, plain.Validation.ClassCount, plain.Test.ClassCount), (data.Train.ClassCount, data.Validation.ClassCount, data.Test.ClassCount));
        Assert.Equal(100, Enumerable.Range(0, data.Train.ClassCount).Select(data.Train.Group).Distinct().Count());
        var tasks = new FewShotClassification(data.Train, 20, 1, 1, withinGroups: true);
        var names = tasks.Sample(Generator.Seed(1)).Identity.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.Split(':')[0].Split('/')).ToArray();
        Assert.Single(names.Select(name => (name[0], name[2])).Distinct());
    }

    private static OneShotEpisodes Open(int size) => new(Omniglot.OneShotRuns(TestData.Folder(DataSets.Omniglot), size));

    private static string Hash(OneShotEpisodes episodes, ulong seed)
    {
        var frozen = new FrozenEpisodes(episodes, seed, 20);
        return FrozenEpisodes.HashOf(Enumerable.Range(0, 20).Select(i => frozen[i].Identity));
    }
}
