using Deutero.Learners;
using Deutero.Torch;
using Deutero.Torch.Distributed;

namespace Deutero.Compression;

/// <summary>Sends the elements of largest magnitude alone; what a process did not send, it adds to its next gradient (error feedback).</summary>
/// <remarks>
/// <para>With g the gradient and e the carried error: v = g + e; the k largest of |v| are sent, and e becomes v without them.</para>
/// <para><b>Cost:</b> a selection over all elements, and 8 bytes for each element sent to each other process.</para>
/// </remarks>
[Paper("Stich, Cordonnier and Jaggi: Sparsified SGD with Memory", "NeurIPS 2018", "https://arxiv.org/abs/1809.07599")]
public sealed record TopK : IGradientCompression
{
    private const string Residual = "residual";

    /// <summary>The fraction of the elements that is sent, in (0, 1]; default 0.01.</summary>
    public double Fraction
    {
        get;
        init => field = value is > 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Fraction), value, "Fraction must be in (0, 1].");
    } = 0.01;

    /// <inheritdoc/>
    public Parameters Init(Parameters theta) =>
        Parameters.Create([KeyValuePair.Create(Residual, Tensor.Zeros([theta.ElementCount]).To(theta.Leaves[0].Device))]);

    /// <inheritdoc/>
    public (Tensor Sum, Parameters State) Sum(ProcessGroup group, Tensor vector, Parameters state)
    {
        var owed = vector.To(DType.Float32) + state[Residual];
        var count = (long)Math.Ceiling(Fraction * vector.Count);
        var (_, chosen) = owed.Abs().Topk(count, sorted: false);
        var values = group.AllGather(owed.Gather(0, chosen)); // [size, count]
        var indices = group.AllGather(chosen.To(DType.Int32)).To(DType.Int64);
        var sum = owed.ZerosLike();
        for (var rank = 0; rank < group.Size; rank++)
        {
            sum = sum.ScatterAdd(0, indices[rank], values[rank]); // one rank's indices are distinct, so the order of additions is fixed
        }

        return (sum, Parameters.Create([KeyValuePair.Create(Residual, owed.Scatter(0, chosen, 0))]));
    }
}
