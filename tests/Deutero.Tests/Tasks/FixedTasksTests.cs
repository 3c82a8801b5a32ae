using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

public sealed class FixedTasksTests
{
    private static readonly GroupedPool s_grouped = new([2, 3], [4, 5, 6, 7], [8, 9, 10]);

    [Fact]
    public void Label_is_the_task_and_the_place_of_the_class_in_it_in_every_minibatch()
    {
        var pool = new SyntheticPool(11, 3, 4);
        var tasks = new FixedTasks(pool, 3, 3, 4, Generator.Seed(1));
        Assert.Equal(9, tasks.Classes.SelectMany(task => task).Distinct().Count());
        foreach (var seed in new ulong[] { 1, 2, 3 })
        {
            var episode = tasks.Sample(Generator.Seed(seed));
            var (labels, items) = (episode.Query.Targets.ToArray<long>(), episode.Identity.Split(';'));
            Assert.Equal(9, episode.Ways);
            Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], labels.Select(label => label / 3));
            Assert.All(labels.Zip(items), pair => Assert.Equal($"class{tasks.Classes[(int)pair.First / 3][(int)pair.First % 3]}", pair.Second.Split(':')[0]));
        }
    }

    [Fact]
    public void Seed_determines_the_tasks()
    {
        int[][] Of(ulong seed) => [.. new FixedTasks(new SyntheticPool(40, 3, 4), 4, 5, 2, Generator.Seed(seed)).Classes.Select(task => task.ToArray())];
        Assert.Equal(Of(1), Of(1));
        Assert.NotEqual(Of(1), Of(2));
    }

    [Fact]
    public void Tasks_within_groups_are_of_one_group_each()
    {
        var tasks = new FixedTasks(s_grouped, 2, 3, 2, Generator.Seed(1), withinGroups: true);
        Assert.Equal(2, tasks.Classes.Select(task => Assert.Single(task.Select(s_grouped.Group).Distinct())).Distinct().Count());
    }

    [Theory]
    [InlineData(4, 3, false, "4 tasks of 3 classes need 12 classes but grouped has 9.")]
    [InlineData(3, 3, true, "3 tasks of 3 classes of a group each were asked for but grouped has 2 groups of as many.")]
    [InlineData(2, 1, false, "Fixed tasks are at least 1, of 2 ways, with 1 item in a minibatch, but 2, 1 and 2 were asked for.")]
    public void Too_few_classes_are_refused(int tasks, int ways, bool withinGroups, string sentence) => Assert.Equal(
        sentence, Assert.Throws<ArgumentException>(() => new FixedTasks(s_grouped, tasks, ways, 2, Generator.Seed(1), withinGroups)).Message);
}
