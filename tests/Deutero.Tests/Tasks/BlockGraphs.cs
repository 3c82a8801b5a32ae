using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Tests.Tasks;

/// <summary>To which of four blocks a node belongs: in each episode a new graph, whose nodes are bonded mostly within blocks and bear the noisy code of theirs, codes being dealt anew.</summary>
/// <remarks>An item is the graph with the node in question first, as <see cref="Deutero.Models.GraphReadout.Centre"/> takes it.</remarks>
internal sealed record BlockGraphs(int Shots, int Queries) : ITaskDistribution
{
    private const int Blocks = 4;
    private const int Each = 10;
    private const int Nodes = Blocks * Each;
    private const int Features = Blocks + 1;

    internal static IReadOnlyList<long> ItemShape => [Nodes, Nodes + Features];

    public string Name => $"block-graphs {Shots}-shot {Queries}-query";

    public Episode Sample(Generator random)
    {
        var (bonds, codes) = (new bool[Nodes, Nodes], random.Choose(Blocks, Blocks));
        for (var a = 0; a < Nodes; a++)
        {
            for (var b = 0; b < a; b++)
            {
                bonds[a, b] = bonds[b, a] = random.NextDouble() < (a / Each == b / Each ? 0.5 : 0.05);
            }
        }

        var features = Enumerable.Range(0, Nodes)
            .Select(node => Enumerable.Range(0, Blocks).Select(place => (float)((place == codes[node / Each] ? 1 : 0) + Nuisance20.Gauss(random))).Append(1).ToArray()).ToArray();
        var chosen = Enumerable.Range(0, Blocks).Select(_ => random.Choose(Shots + Queries, Each)).ToArray();
        return new(Draw(0, Shots), Draw(Shots, Queries), $"{random.NextUInt64()}");

        Examples Draw(int first, int count)
        {
            var nodes = Enumerable.Range(0, Blocks).SelectMany(block => chosen[block].Skip(first).Take(count).Select(place => (block * Each) + place)).ToArray();
            var values = nodes.SelectMany(centre => Item(bonds, features, [centre, .. Enumerable.Range(0, Nodes).Where(node => node != centre)])).ToArray();
            return new(Tensor.From(values, [nodes.Length, .. ItemShape]), Tensor.From(Array.ConvertAll(nodes, node => (long)(node / Each))), Blocks);
        }
    }

    private static IEnumerable<float> Item(bool[,] bonds, float[][] features, int[] order) =>
        order.SelectMany(row => order.Select(column => bonds[row, column] ? 1f : 0f).Concat(features[row]));
}
