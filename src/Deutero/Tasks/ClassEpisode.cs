using System.Text;
using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>An episode of chosen items of chosen classes, labelled 0, 1, ... in their order; examples are in class-major order.</summary>
internal static class ClassEpisode
{
    /// <param name="pool">The classes.</param>
    /// <param name="classes">The chosen classes.</param>
    /// <param name="items">The chosen items of each, those of the support set first.</param>
    /// <param name="shots">How many items of each class are of the support set; the others are queries. With none of any class, the support set is the classes' attributes.</param>
    internal static Episode Of(IClassPool pool, int[] classes, int[][] items, int[] shots) => new(
        SupportOf(pool, classes, [.. items.Select((chosen, way) => chosen[..shots[way]])]),
        Gather(pool, classes, [.. items.Select((chosen, way) => chosen[shots[way]..])]),
        Identify(pool, classes, items, shots));

    private static Examples SupportOf(IClassPool pool, int[] classes, int[][] items)
    {
        float[] numbers = [.. classes.SelectMany(pool.Attributes)];
        if (numbers.Length == 0)
        {
            return Gather(pool, classes, items);
        }

        var attributes = Tensor.Share(numbers, [classes.Length, numbers.Length / classes.Length]);
        return items.All(chosen => chosen.Length == 0) ? Examples.OfAttributes(attributes) : Gather(pool, classes, items) with { Attributes = attributes };
    }

    private static Examples Gather(IClassPool pool, int[] classes, int[][] items)
    {
        var size = checked((int)pool.ItemShape.Aggregate(1L, (product, side) => product * side));
        var count = items.Sum(chosen => chosen.Length);
        var (values, labels) = (new float[checked(count * size)], new long[count]);
        var row = 0;
        for (var way = 0; way < classes.Length; way++)
        {
            foreach (var item in items[way])
            {
                pool.Write(classes[way], item, values.AsSpan(row * size, size));
                labels[row++] = way;
            }
        }

        return new(Tensor.Share(values, [count, .. pool.ItemShape]), Tensor.Share(labels), classes.Length);
    }

    // "Greek/character03/rot090:4|7,1,12;..." : class, support items, query items.
    private static string Identify(IClassPool pool, int[] classes, int[][] items, int[] shots)
    {
        var text = new StringBuilder();
        for (var way = 0; way < classes.Length; way++)
        {
            text.Append(pool.ClassName(classes[way])).Append(':').AppendJoin(',', items[way][..shots[way]])
                .Append('|').AppendJoin(',', items[way][shots[way]..]).Append(';');
        }

        return text.ToString();
    }
}
