using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>A support set as the beginning of a sequence, of which each query is the end: all queries share what came before, and none sees another.</summary>
internal static class Sequences
{
    // An order of the examples, for a learner that depends on it.
    internal static Tensor Order(Generator random, long count, Device device) =>
        Tensor.From(Array.ConvertAll(random.Choose((int)count, (int)count), place => (long)place)).To(device);

    // A state [1, ...] goes through the items [T, C] one after the other, and what follows from it for each of the ends [M, C] is returned.
    internal static Tensor Read(Parameters state, Tensor items, Tensor ends, Func<Parameters, Tensor, (Tensor Output, Parameters State)> step)
    {
        for (var place = 0; place < items.Size(0); place++)
        {
            (_, state) = step(state, items.Narrow(0, place, 1));
        }

        return step(state.Map(leaf => leaf.Expand([ends.Size(0), .. leaf.Shape.Skip(1)])), ends).Output;
    }
}
