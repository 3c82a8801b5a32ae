using Deutero.Torch;

namespace Deutero.Models;

/// <summary>A multilayer perceptron: linear layers with a non-linearity between them.</summary>
/// <remarks>Weights and biases start uniform within ±1/sqrt(fan-in). Inputs of any shape are flattened.</remarks>
public sealed record Mlp : IModel
{
    /// <summary>The number of values of one input; default 1.</summary>
    public int Inputs { get; init; } = 1;

    /// <summary>The widths of the hidden layers; default 40 and 40, the sinusoid network of Finn et al. (2017).</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [40, 40];

    /// <summary>The width of the last layer; 0 leaves it out; default 1.</summary>
    public int Outputs { get; init; } = 1;

    /// <summary>The non-linearity; default ReLU.</summary>
    public Activation Activation { get; init; }

    /// <inheritdoc/>
    public BatchNormPolicy? BatchNorm => null;

    /// <inheritdoc/>
    public int OutputWidth => Widths[^1];

    private int[] Widths => Outputs > 0 ? [Inputs, .. Hidden, Outputs] : [Inputs, .. Hidden];

    /// <inheritdoc/>
    public Parameters Init(Generator random)
    {
        var widths = Widths;
        var parameters = new List<KeyValuePair<string, Tensor>>();
        for (var layer = 1; layer < widths.Length; layer++)
        {
            var bound = 1 / Math.Sqrt(widths[layer - 1]);
            parameters.Add(new($"linear{layer}.weight", random.Uniform([widths[layer], widths[layer - 1]], -bound, bound)));
            parameters.Add(new($"linear{layer}.bias", random.Uniform([widths[layer]], -bound, bound)));
        }

        return Parameters.Create(parameters.ToArray());
    }

    /// <inheritdoc/>
    public Tensor Forward(Parameters parameters, Tensor inputs)
    {
        var values = inputs.Rank == 2 ? inputs : inputs.Reshape([inputs.Size(0), -1]);
        var layers = Widths.Length - 1;
        for (var layer = 1; layer <= layers; layer++)
        {
            values = Transforms.Linear(values, parameters[$"linear{layer}.weight"], parameters[$"linear{layer}.bias"]); // [N, width]
            values = layer == layers && Outputs > 0 ? values : Layers.Activate(values, Activation);
        }

        return values;
    }

    /// <inheritdoc/>
    public Parameters BatchStatistics(Parameters parameters, Tensor inputs) => Parameters.Empty;

    /// <inheritdoc/>
    public IModel WithStatistics(Parameters statistics) => this;

    /// <inheritdoc/>
    public IModel WithShape(IReadOnlyList<long> itemShape, int outputs) =>
        this with { Inputs = checked((int)itemShape.Aggregate(1L, (count, size) => count * size)), Outputs = outputs };
}
