using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>A loss: predictions and the examples they are judged by, to a scalar of shape <c>[]</c>.</summary>
/// <param name="predictions">Shape <c>[N, ways]</c> or <c>[N, outputs]</c>.</param>
/// <param name="examples">The examples with their targets.</param>
public delegate Tensor Objective(Tensor predictions, Examples examples);
