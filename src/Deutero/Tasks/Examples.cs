using Deutero.Torch;

namespace Deutero.Tasks;

/// <summary>Inputs with their targets: a support set or a query set.</summary>
/// <param name="Inputs">Shape <c>[N, ...item]</c>, floating-point.</param>
/// <param name="Targets">Class labels, shape <c>[N]</c>, Int64 in <c>[0, Ways)</c>; or values to predict, shape <c>[N, outputs]</c>, floating-point.</param>
/// <param name="Ways">The number of classes of the episode; 0 for regression.</param>
/// <exception cref="ArgumentException">The counts differ, there are no examples, or a label lies outside of the ways.</exception>
/// <remarks>
/// Examples are checked where they are made, so that no learner has to: labels on the processor by value, everything else by shape. Copies by
/// <c>with</c>, which batching and moving to a device use, are not checked again.
/// </remarks>
public sealed record Examples(Tensor Inputs, Tensor Targets, int Ways) : ITensors<Examples>
{
    /// <summary>Class labels, shape <c>[N]</c>, Int64 in <c>[0, Ways)</c>; or values to predict, shape <c>[N, outputs]</c>, floating-point.</summary>
    public Tensor Targets { get; init; } = Checked(Inputs, Targets, Ways);

    /// <summary>
    /// What is known of each class beside its examples, such as word vectors of its name, shape <c>[Ways, A]</c>, floating-point; null where nothing is; default null.
    /// </summary>
    public Tensor? Attributes { get; init; }

    /// <summary>The number of examples.</summary>
    public long Count => Inputs.Size(0);

    /// <summary>Whether the targets are class labels.</summary>
    public bool IsClassification => Ways > 0;

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Leaves => Attributes is null ? [Inputs, Targets] : [Inputs, Targets, Attributes];

    /// <inheritdoc/>
    public Examples WithLeaves(IReadOnlyList<Tensor> leaves) => this with { Inputs = leaves[0], Targets = leaves[1], Attributes = Attributes is null ? null : leaves[2] };

    /// <summary>A support set without examples: what is known of each class stands in their place, one vector each, and is <see cref="Attributes"/> too.</summary>
    /// <param name="attributes">Shape <c>[Ways, A]</c>, floating-point.</param>
    public static Examples OfAttributes(Tensor attributes) =>
        new(attributes, Tensor.Arange(0, attributes.Size(0), 1, DType.Int64, attributes.Device), (int)attributes.Size(0)) { Attributes = attributes };

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

    /// <summary>Refuses a support set in which a class has no example, as a learner has nothing to learn that class from.</summary>
    /// <exception cref="ArgumentException">A class has no example; the message names its label.</exception>
    public void RequireEveryClass()
    {
        if (IsClassification)
        {
            var present = Targets.ToArray<long>().ToHashSet();
            var missing = Enumerable.Range(0, Ways).FirstOrDefault(label => !present.Contains(label), -1);
            if (missing >= 0)
            {
                throw new ArgumentException($"The support set of a {Ways}-way episode has no example of class {missing}.");
            }
        }
    }

    private static Tensor Checked(Tensor inputs, Tensor targets, int ways)
    {
        if (inputs.Rank == 0 || targets.Rank == 0 || inputs.Size(0) != targets.Size(0) || inputs.Size(0) == 0)
        {
            throw new ArgumentException(
                $"Inputs [{string.Join(", ", inputs.Shape)}] and targets [{string.Join(", ", targets.Shape)}] must have the same, positive number of examples.");
        }

        if (ways > 0)
        {
            RequireLabels(targets, ways);
        }

        return targets;
    }

    private static void RequireLabels(Tensor targets, int ways)
    {
        if (targets.DType != DType.Int64 || targets.Rank != 1)
        {
            throw new ArgumentException($"Class labels must be Int64 of shape [N] but are {targets.DType} of shape [{string.Join(", ", targets.Shape)}].");
        }

        // Labels inside a transform have no values, and reading those of another device would wait for it: they were checked before they got there.
        if (!targets.TryRead<long>(out var labels))
        {
            return;
        }

        foreach (var label in labels)
        {
            if (label < 0 || label >= ways)
            {
                throw new ArgumentException($"Label {label} lies outside of the {ways} ways of the episode (0 to {ways - 1}).");
            }
        }
    }
}
