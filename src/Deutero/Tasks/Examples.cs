using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Inputs with their targets: a support set or a query set.</summary>
/// <param name="Inputs">Shape <c>[N, ...item]</c>, floating-point.</param>
/// <param name="Targets">Class labels, shape <c>[N]</c>, Int64 in <c>[0, Ways)</c>; or values to predict, shape <c>[N, outputs]</c>, floating-point.</param>
/// <param name="Ways">The number of classes of the episode; 0 for regression.</param>
public sealed record Examples(Tensor Inputs, Tensor Targets, int Ways) : ITensors<Examples>
{
    /// <summary>The number of examples.</summary>
    public long Count => Inputs.Size(0);

    /// <summary>Whether the targets are class labels.</summary>
    public bool IsClassification => Ways > 0;

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Leaves => [Inputs, Targets];

    /// <inheritdoc/>
    public Examples WithLeaves(IReadOnlyList<Tensor> leaves) => this with { Inputs = leaves[0], Targets = leaves[1] };

    /// <summary>The labels as rows with a single 1, shape <c>[N, Ways]</c>, in the inputs' element type.</summary>
    public Tensor OneHot()
    {
        var classes = Tensor.Arange(0, Ways, 1, DType.Int64, Targets.Device);
        return Targets.Unsqueeze(-1).Eq(classes).To(Inputs.DType);
    }

    /// <summary>The mean of values over the examples of each class, shape <c>[Ways, D]</c>: prototypes, when the values are embeddings.</summary>
    /// <param name="values">Shape <c>[N, D]</c>.</param>
    public Tensor ClassMeans(Tensor values)
    {
        var membership = OneHot().T(); // [ways, N]
        return membership.Matmul(values) / membership.Sum([1], keepdim: true);
    }

    /// <summary>These examples followed by others.</summary>
    /// <param name="other">Examples of the same task.</param>
    public Examples Concat(Examples other) =>
        this with { Inputs = Tensor.Cat([Inputs, other.Inputs]), Targets = Tensor.Cat([Targets, other.Targets]) };

    /// <summary>Refuses examples that no learner can use.</summary>
    /// <exception cref="ArgumentException">The counts differ, there are no examples, a label lies outside of the ways, or a class has no example.</exception>
    public void Validate()
    {
        if (Inputs.Rank == 0 || Targets.Rank == 0 || Inputs.Size(0) != Targets.Size(0) || Inputs.Size(0) == 0)
        {
            throw new ArgumentException(
                $"Inputs [{string.Join(", ", Inputs.Shape)}] and targets [{string.Join(", ", Targets.Shape)}] must have the same, positive number of examples.");
        }

        if (!IsClassification)
        {
            return;
        }

        if (Targets.DType != DType.Int64 || Targets.Rank != 1)
        {
            throw new ArgumentException($"Class labels must be Int64 of shape [N] but are {Targets.DType} of shape [{string.Join(", ", Targets.Shape)}].");
        }

        var labels = Targets.ToArray<long>();
        foreach (var label in labels)
        {
            if (label < 0 || label >= Ways)
            {
                throw new ArgumentException($"Label {label} lies outside of the {Ways} ways of the episode (0 to {Ways - 1}).");
            }
        }
    }
}
