using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Stein variational gradient descent (Liu and Wang, NeurIPS 2016): particles that climb a log-density together and keep apart.</summary>
internal static class SteinDescent
{
    // 1/M Σ_j [k(θ_j, θ_m) s_j + ∇_θj k(θ_j, θ_m)] with k = exp(−d²/h) and s_j the slope of the log-density at θ_j: all of shape [M, D]. The kernel's
    // gradient is 2/h (θ_m − θ_j) k; `pull` is that factor.
    internal static Tensor Direction(Tensor particles, Tensor slopes, double pull = 2)
    {
        var centred = particles - particles.Mean([0], keepdim: true); // the same differences, of smaller numbers
        var squares = centred.Square().Sum([1]);
        var distances = (squares.Unsqueeze(0) + squares.Unsqueeze(1) - (2 * centred.Matmul(centred.T()))).Clamp(min: 0);
        var bandwidth = Bandwidth(distances.Detach());
        var kernel = (-(distances / bandwidth)).Exp(); // [M, M]
        var repulsion = (kernel.Sum([1], keepdim: true) * centred) - kernel.Matmul(centred);
        return (kernel.Matmul(slopes) + (pull / bandwidth * repulsion)) / particles.Size(0);
    }

    // The median of the squared distances between particles over log M: about 1/M of each kernel is then felt. One particle has no distances and
    // particles that coincide have none but 0; whatever h is then, nothing repels.
    internal static Tensor Bandwidth(Tensor distances)
    {
        var count = (int)distances.Size(0);
        if (count == 1)
        {
            return distances.OnesLike().Sum();
        }

        var pairs = Enumerable.Range(0, count).SelectMany(row => Enumerable.Range(row + 1, count - row - 1).Select(column => (row * (long)count) + column)).ToArray();
        var sorted = distances.Reshape([-1]).IndexSelect(0, Tensor.From(pairs).To(distances.Device)).Sort().Item1;
        var median = (sorted[(pairs.Length - 1) / 2] + sorted[pairs.Length / 2]) / 2;
        return (median / Math.Log(count)).Clamp(min: 1e-12);
    }
}
