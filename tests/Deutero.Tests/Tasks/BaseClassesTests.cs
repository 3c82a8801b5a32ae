using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

public sealed class BaseClassesTests
{
    [Fact]
    public void Label_is_the_place_of_the_class_in_every_minibatch()
    {
        var pool = new SyntheticPool(7, 3, 4);
        var tasks = new BaseClasses(pool, 50);
        var seen = new HashSet<long>();
        foreach (var seed in new ulong[] { 1, 2 })
        {
            var episode = tasks.Sample(Generator.Seed(seed));
            Assert.Equal(7, episode.Ways);
            Assert.Same(episode.Support, episode.Query);
            var items = episode.Identity.Split(';');
            foreach (var (label, row) in episode.Query.Targets.ToArray<long>().Select((label, row) => (label, row)))
            {
                var item = items[row].Split(':');
                Assert.Equal($"class{label}", item[0]);
                var expected = new float[4];
                pool.Write((int)label, int.Parse(item[1], System.Globalization.CultureInfo.InvariantCulture), expected);
                Assert.Equal(expected, episode.Query.Inputs[row].ToArray<float>());
                seen.Add(label);
            }
        }

        Assert.Equal(7, seen.Count);
    }

    [Fact]
    public void Seed_determines_the_minibatch_and_none_is_empty()
    {
        var tasks = new BaseClasses(new SyntheticPool(7, 3, 4), 5);
        Assert.Equal(tasks.Sample(Generator.Seed(1)).Identity, tasks.Sample(Generator.Seed(1)).Identity);
        Assert.NotEqual(tasks.Sample(Generator.Seed(1)).Identity, tasks.Sample(Generator.Seed(2)).Identity);
        Assert.Throws<ArgumentOutOfRangeException>(() => new BaseClasses(new SyntheticPool(7, 3, 4), 0));
    }
}
