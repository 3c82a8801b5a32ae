using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>The dual of Crammer and Singer's support vector machine, solved by an interior-point method and differentiated at its solution.</summary>
/// <remarks>
/// Over A [NK, N], minimise ½ Σ_m A_mᵀ G A_m − Σ_i A_(i, y_i), with A_im ≤ C [m = y_i] and rows that sum to 0. With S = C Y − A, the rows of S lie in
/// simplices, and a barrier keeps them inside: S ∘ Z = μ, where Z = G(S − C Y) + Y + ν is the slope, and ν is the multiplier of the rows' sums. Classes
/// meet in ν alone, so that each of Newton's steps takes one small system for each class. The number of steps is fixed, and no branch depends on a value.
/// </remarks>
internal static class CrammerSinger
{
    private const int Steps = 25;

    // How near to the boundary one step may come, and by how much it tries to lower the barrier.
    private const double Interior = 0.99;
    private const double Centering = 0.1;

    // The barrier at the end: too low, and the systems are too badly conditioned for float64.
    private const double LastBarrier = 1e-11;

    /// <summary>The solution A, shape <c>[NK, N]</c>, differentiable once with respect to the matrix G.</summary>
    /// <param name="gram">G, shape <c>[NK, NK]</c>, symmetric and positive definite.</param>
    /// <param name="labels">Y, shape <c>[NK, N]</c>: rows with a single 1.</param>
    /// <param name="bound">C, positive.</param>
    internal static Tensor Solve(Tensor gram, Tensor labels, double bound)
    {
        var (exact, y) = (gram.To(DType.Float64), labels.To(DType.Float64).T()); // the classes come first: [N, NK]
        var constant = exact.Detach();
        var s = y.FullLike(bound / y.Size(0));
        var slope = Slope(constant, y, s, bound);
        var nu = 1 - slope.Amin([0]);
        var z = slope + nu;
        for (var step = 0; step < Steps; step++)
        {
            var barrier = (Centering * (s * z).Mean()).Clamp(min: LastBarrier);
            var toCentre = (barrier / s) - z;
            var (ds, dnu) = Newton(constant, s, z, toCentre);
            var dz = toCentre - (z / s * ds);
            var length = Tensor.Cat([-ds / s, -dz / z]).Max().Div(Interior).Clamp(min: 1).Reciprocal();
            (s, z, nu) = (s + (length * ds), z + (length * dz), nu + (length * dnu));
        }

        // One more of Newton's steps, from constants: of length 0, but its derivative with respect to G is that of the solution (implicit function theorem).
        var (last, _) = Newton(constant, s, z, z - nu - Slope(exact, y, s, bound));
        return ((bound * y) - s - last).T().To(gram.DType);
    }

    private static Tensor Slope(Tensor gram, Tensor y, Tensor s, double bound) => (s - (bound * y)).Matmul(gram) + y;

    // Solves (G + diag(z/s)) ds + dν = residual for each class, with Σ ds = 0.
    private static (Tensor Ds, Tensor Dnu) Newton(Tensor gram, Tensor s, Tensor z, Tensor residual)
    {
        var diagonal = (z / s).Unsqueeze(-1) * Tensor.Eye(gram.Size(0), gram.DType, gram.Device); // [N, NK, NK]
        var inverse = Tensor.LinalgInv(gram + diagonal);
        var free = inverse.Matmul(residual.Unsqueeze(-1)).Squeeze(-1); // [N, NK]
        var dnu = Tensor.LinalgSolve(inverse.Sum([0]), free.Sum([0]).Unsqueeze(-1)).Squeeze(-1); // [NK]
        return (free - inverse.Matmul(dnu.Unsqueeze(-1)).Squeeze(-1), dnu);
    }
}
