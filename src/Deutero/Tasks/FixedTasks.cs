using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Minibatches of several classification tasks that are drawn from a pool once and then stay: what multi-task training is of.</summary>
/// <remarks>
/// No class is in two tasks. Class c of task t has the label t·ways + c in every minibatch, of which as many items are of each task. A minibatch is an episode whose
/// support and query set are the same examples.
/// </remarks>
public sealed class FixedTasks : ITaskDistribution
{
    private readonly IClassPool _pool;
    private readonly int _items;
    private readonly int[][] _tasks;
    private readonly bool _withinGroups;

    /// <summary>Draws the tasks.</summary>
    /// <param name="pool">The classes.</param>
    /// <param name="tasks">The number of tasks, at least 1.</param>
    /// <param name="ways">Classes of a task, at least 2.</param>
    /// <param name="items">Items of a task in a minibatch, at least 1.</param>
    /// <param name="random">The only source of randomness of the tasks.</param>
    /// <param name="withinGroups">Whether the classes of a task are of one group, such as an alphabet, and of another than those of the other tasks.</param>
    /// <exception cref="ArgumentException">The pool has too few classes, or too few groups of as many; the message says how many.</exception>
    public FixedTasks(IClassPool pool, int tasks, int ways, int items, Generator random, bool withinGroups = false)
    {
        if (tasks < 1 || ways < 2 || items < 1)
        {
            throw new ArgumentException($"Fixed tasks are at least 1, of 2 ways, with 1 item in a minibatch, but {tasks}, {ways} and {items} were asked for.");
        }

        (_pool, _items, _withinGroups) = (pool, items, withinGroups);
        _tasks = withinGroups ? OfGroups(pool, tasks, ways, random) : OfAll(pool, tasks, ways, random);
    }

    /// <inheritdoc/>
    public string Name => $"{_pool.Name}, {_tasks.Length} fixed tasks of {Ways} classes{(_withinGroups ? " within groups" : "")}, minibatches of {_items} items of each";

    private int Ways => _tasks[0].Length;

    /// <summary>The classes of each task, as their places in the pool, by label.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Classes => _tasks;

    /// <inheritdoc/>
    public Episode Sample(Generator random)
    {
        var size = checked((int)_pool.ItemShape.Aggregate(1L, (product, side) => product * side));
        var count = _tasks.Length * _items;
        var (values, labels, chosen) = (new float[count * size], new long[count], new string[count]);
        for (var row = 0; row < count; row++)
        {
            var (task, place) = (row / _items, random.Next(Ways));
            var classIndex = _tasks[task][place];
            var item = random.Next(_pool.ItemCount(classIndex));
            _pool.Write(classIndex, item, values.AsSpan(row * size, size));
            (labels[row], chosen[row]) = ((task * Ways) + place, $"{_pool.ClassName(classIndex)}:{item}");
        }

        var examples = new Examples(Tensor.Share(values, [count, .. _pool.ItemShape]), Tensor.Share(labels), _tasks.Length * Ways);
        return new(examples, examples, string.Join(';', chosen));
    }

    private static int[][] OfAll(IClassPool pool, int tasks, int ways, Generator random) => tasks * ways <= pool.ClassCount
        ? [.. random.Choose(tasks * ways, pool.ClassCount).Chunk(ways)]
        : throw new ArgumentException($"{tasks} tasks of {ways} classes need {tasks * ways} classes but {pool.Name} has {pool.ClassCount}.");

    private static int[][] OfGroups(IClassPool pool, int tasks, int ways, Generator random)
    {
        var groups = ClassGroups.Of(pool, ways);
        return tasks <= groups.Length
            ? [.. random.Choose(tasks, groups.Length).Select(group => Array.ConvertAll(random.Choose(ways, groups[group].Length), place => groups[group][place]))]
            : throw new ArgumentException($"{tasks} tasks of {ways} classes of a group each were asked for but {pool.Name} has {groups.Length} groups of as many.");
    }
}
