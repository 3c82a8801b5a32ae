using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>The losses that learners minimise.</summary>
public static class Objectives
{
    /// <summary>Cross-entropy for class labels, mean squared error for values: the mean over the examples.</summary>
    /// <param name="predictions">Shape <c>[N, ways]</c> or <c>[N, outputs]</c>.</param>
    /// <param name="examples">The examples with their targets.</param>
    public static Tensor Standard(Tensor predictions, Examples examples) =>
        examples.IsClassification ? CrossEntropy(predictions, examples) : MeanSquaredError(predictions, examples);

    /// <summary>The mean over examples of -log softmax(logits)[label], shape <c>[]</c>.</summary>
    /// <param name="logits">Shape <c>[N, ways]</c>.</param>
    /// <param name="examples">Examples with class labels.</param>
    public static Tensor CrossEntropy(Tensor logits, Examples examples) =>
        (logits.LogSoftmax(-1) * examples.OneHot()).Sum([-1]).Mean().Neg();

    /// <summary>The mean over examples and outputs of the squared difference, shape <c>[]</c>.</summary>
    /// <param name="values">Shape <c>[N, outputs]</c>.</param>
    /// <param name="examples">Examples with values.</param>
    public static Tensor MeanSquaredError(Tensor values, Examples examples) => (values - examples.Targets).Square().Mean();
}
