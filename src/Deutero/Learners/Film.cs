using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>FiLM (Perez et al., AAAI 2018): small networks read a scale γ and a shift β of every unit of a body off a task vector.</summary>
/// <remarks>
/// <para>A layer of weights w and biases b that returns γ ⊙ y + β in place of y, before its non-linearity, is the layer of weights γ ⊙ w and biases γ ⊙ b + β.
/// So a modulated body is the same body at other parameters, whatever its architecture. Modulated are the layers that normalise, or in a body without
/// these all that have a weight and a bias.</para>
/// <para>γ = 1 + r ⊙ h(t) and β = r' ⊙ h'(t), with t the task vector, r and r' learned <c>multiplier</c>s, and h and h' networks of three layers as wide as the
/// layer: u = σ(W_1 t + b_1), v = u + σ(W_2 u + b_2), h = v + W_3 v + b_3, with σ(x) = x · sigmoid(x).</para>
/// </remarks>
internal static class Film
{
    private const string Scale = "scale";
    private const string Shift = "shift";
    private const string Multiplier = "multiplier";

    /// <summary>The networks for a body's layers, by the layers' names.</summary>
    /// <param name="body">The body's parameters.</param>
    /// <param name="width">The width of a task vector.</param>
    /// <param name="multiplier">The start of r and r' for a layer of so many units: a scalar, or one number for each of them.</param>
    /// <param name="random">The only source of randomness.</param>
    /// <exception cref="ArgumentException">The body has no such layer.</exception>
    internal static Parameters Init(Parameters body, int width, Func<long, Tensor> multiplier, Generator random)
    {
        var networks = LayersOf(body).SelectMany(layer => new[] { Scale, Shift }
            .SelectMany(part => Network(random, width, (int)layer.Units).With([new(Multiplier, multiplier(layer.Units))]).Prefixed($"{layer.Name}.{part}"))).ToArray();
        return networks.Length > 0
            ? Parameters.Create(networks)
            : throw new ArgumentException($"A task scales and shifts layers with a weight and a bias, but there is none among {string.Join(", ", body.Names)}.");
    }

    /// <summary>The body for a task.</summary>
    /// <param name="body">The body's parameters.</param>
    /// <param name="networks">What <see cref="Init"/> has drawn, trained or not.</param>
    /// <param name="task">The task vector, shape <c>[1, width]</c>.</param>
    internal static Parameters Modulated(Parameters body, Parameters networks, Tensor task)
    {
        var changed = new List<KeyValuePair<string, Tensor>>();
        foreach (var (layer, units) in LayersOf(body))
        {
            Tensor Read(string part) => networks[$"{layer}.{part}.{Multiplier}"] * Apply(networks.Under($"{layer}.{part}"), task).Reshape([units]);
            var (gamma, beta) = (1 + Read(Scale), Read(Shift));
            var (weight, bias) = (body[$"{layer}.weight"], body[$"{layer}.bias"]);
            changed.Add(new($"{layer}.weight", weight * gamma.Reshape([units, .. Enumerable.Repeat(1L, weight.Rank - 1)])));
            changed.Add(new($"{layer}.bias", (bias * gamma) + beta));
        }

        return body.With(Parameters.Create([.. changed]));
    }

    /// <summary>All r and r' of the networks.</summary>
    internal static Parameters Multipliers(Parameters networks) => networks.Where(name => name.EndsWith("." + Multiplier, StringComparison.Ordinal));

    private static IEnumerable<(string Name, long Units)> LayersOf(Parameters body)
    {
        var norms = Episodic.NormsOf(body);
        var among = norms.Count > 0 ? norms : body;
        return among.Where(item => item.Key.EndsWith(".bias", StringComparison.Ordinal))
            .Select(item => (Name: Episodic.LayerOf(item.Key), Units: item.Value.Size(0))).Where(layer => among.Contains($"{layer.Name}.weight"));
    }

    private static Parameters Network(Generator random, int width, int units) =>
        Dense.Linear(random, "linear1", width, units).With(Dense.Linear(random, "linear2", units, units)).With(Dense.Linear(random, "linear3", units, units));

    // [1, width] to [1, units]
    private static Tensor Apply(Parameters network, Tensor task)
    {
        var first = Dense.Linear(network, "linear1", task).Silu();
        var second = first + Dense.Linear(network, "linear2", first).Silu();
        return second + Dense.Linear(network, "linear3", second);
    }
}
