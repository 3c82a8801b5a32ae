using Deutero.Torch;

namespace Deutero.Models;

/// <summary>One forward pass's view of BatchNorm: by the batch's own statistics, by given ones, or collecting them.</summary>
internal sealed class Normalisation
{
    private readonly Parameters? _fixed;
    private readonly List<KeyValuePair<string, Tensor>>? _collected;

    private Normalisation(Parameters? given, List<KeyValuePair<string, Tensor>>? collected)
    {
        _fixed = given;
        _collected = collected;
    }

    /// <summary>Whether layers are normalised by the statistics of the batch at hand, which nobody wants to see.</summary>
    internal bool ByBatch => _fixed is null && _collected is null;

    internal static Normalisation By(Parameters? statistics) => new(statistics, null);

    internal static Parameters Collect(Action<Normalisation> forward)
    {
        var collected = new List<KeyValuePair<string, Tensor>>();
        using var noGrad = Autograd.NoGrad();
        forward(new(null, collected));
        return Parameters.Create(collected.ToArray());
    }

    // Ioffe and Szegedy, ICML 2015; weight and bias of shape [C] under the layer's name.
    internal Tensor Apply(Parameters parameters, string layer, Tensor values)
    {
        if (_collected is not null)
        {
            _collected.Add(new($"{layer}.mean", values.Mean([0, 2, 3])));
            _collected.Add(new($"{layer}.variance", values.Var([0, 2, 3], 1)));
        }

        return Tensor.BatchNorm(
            values, parameters[$"{layer}.weight"], parameters[$"{layer}.bias"], _fixed?[$"{layer}.mean"], _fixed?[$"{layer}.variance"],
            training: _fixed is null, momentum: 0, Layers.Epsilon, cudnnEnabled: false);
    }
}
