using Deutero.Torch;

namespace Deutero.Models;

/// <summary>A graph isomorphism network (Xu, Hu, Leskovec and Jegelka, ICLR 2019) over dense graphs of one size.</summary>
/// <remarks>
/// <para>An input is <c>[atoms, atoms + features]</c>: the adjacency matrix A beside the features X of the nodes, whose last feature is 1 for a node and 0 where
/// there is none. With H_0 = relu(X W + b), layer l is H_l = MLP_l((1 + ε_l) H_{l−1} + A H_{l−1}), with a hidden layer in the MLP. The features of a graph are
/// read out of the H_l by <see cref="Readout"/>.</para>
/// <para><b>Differs from the paper:</b> the mean and the maximum read out instead of the sum, and there is no BatchNorm.</para>
/// </remarks>
public sealed record Gin : IModel
{
    /// <summary>The most nodes of a graph; default 40.</summary>
    public int Nodes { get; init; } = 40;

    /// <summary>The features of a node; default 19.</summary>
    public int NodeFeatures { get; init; } = 19;

    /// <summary>The width of the layers; default 64.</summary>
    public int Width { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Width), value, "Width must be at least 1."); } = 64;

    /// <summary>The layers, each of which looks one bond further; default 3.</summary>
    public int Layers { get; init => field = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(Layers), value, "Layers must be at least 1."); } = 3;

    /// <summary>What of the nodes the features of a graph are; default the mean and the largest value of each layer.</summary>
    public GraphReadout Readout { get; init; }

    /// <summary>The width of the last linear layer; 0 leaves it out; default 0.</summary>
    public int Outputs { get; init; }

    /// <inheritdoc/>
    public BatchNormPolicy? BatchNorm => null;

    /// <inheritdoc/>
    public int OutputWidth => Outputs > 0 ? Outputs : Features;

    private int Features => Readout == GraphReadout.Layers ? 2 * Width * (Layers + 1) : Width;

    /// <inheritdoc/>
    public Parameters Init(Generator random)
    {
        var parameters = new List<KeyValuePair<string, Tensor>>();
        void Linear(string name, int inputs, int outputs)
        {
            parameters.Add(new($"{name}.weight", Models.Layers.Xavier(random, inputs, outputs, [outputs, inputs])));
            parameters.Add(new($"{name}.bias", Tensor.Zeros([outputs], DType.Float32)));
        }

        Linear("nodes", NodeFeatures, Width);
        for (var layer = 1; layer <= Layers; layer++)
        {
            parameters.Add(new($"layer{layer}.epsilon", Tensor.Of(0)));
            Linear($"layer{layer}.first", Width, Width);
            Linear($"layer{layer}.second", Width, Width);
        }

        if (Outputs > 0)
        {
            Linear("head", Features, Outputs);
        }

        return Parameters.Create(parameters.ToArray());
    }

    /// <inheritdoc/>
    public Tensor Forward(Parameters parameters, Tensor inputs)
    {
        var (bonds, nodes) = (inputs.Narrow(2, 0, Nodes), inputs.Narrow(2, Nodes, NodeFeatures)); // [N, A, A], [N, A, F]
        var exists = nodes.Narrow(2, NodeFeatures - 1, 1); // [N, A, 1]
        Tensor Linear(string name, Tensor values) => values.Matmul(parameters[name + ".weight"].T()) + parameters[name + ".bias"];
        var hidden = Linear("nodes", nodes).Relu() * exists;
        var states = new List<Tensor> { hidden };
        for (var layer = 1; layer <= Layers; layer++)
        {
            var heard = ((1 + parameters[$"layer{layer}.epsilon"]) * hidden) + bonds.Matmul(hidden);
            hidden = Linear($"layer{layer}.second", Linear($"layer{layer}.first", heard).Relu()).Relu() * exists;
            states.Add(hidden);
        }

        var features = Readout switch // [N, features]
        {
            GraphReadout.Layers => Tensor.Cat([.. states.SelectMany(state => (Tensor[])[Mean(state, exists), state.Amax([1])])], 1), // nodes that are not there are 0, which no activation is below
            GraphReadout.Neighbourhoods => Mean(hidden, exists),
            _ => hidden.Select(1, 0),
        };
        return Outputs > 0 ? Transforms.Linear(features, parameters["head.weight"], parameters["head.bias"]) : features;
    }

    /// <inheritdoc/>
    public Parameters BatchStatistics(Parameters parameters, Tensor inputs) => Parameters.Empty;

    /// <inheritdoc/>
    public IModel WithStatistics(Parameters statistics) => this;

    /// <inheritdoc/>
    public IModel WithShape(IReadOnlyList<long> itemShape, int outputs) =>
        itemShape is [var nodes, var width] && width > nodes
            ? this with { Nodes = (int)nodes, NodeFeatures = (int)(width - nodes), Outputs = outputs }
            : throw new ArgumentException(
                $"A graph network takes items of shape [nodes, nodes + features] but found [{string.Join(", ", itemShape)}]: for molecules set data.moleculeAtoms, for example to 40.");

    private static Tensor Mean(Tensor hidden, Tensor exists) => hidden.Sum([1]) / (exists.Sum([1]) + 1e-6);
}
