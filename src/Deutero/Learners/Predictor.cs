using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>What adaptation yields: a function from new inputs to predictions, differentiable in the meta-parameters.</summary>
/// <param name="inputs">Shape <c>[N, ...item]</c>.</param>
/// <returns>Logits of shape <c>[N, ways]</c>, or values of shape <c>[N, outputs]</c> in regression.</returns>
public delegate Tensor Predictor(Tensor inputs);
