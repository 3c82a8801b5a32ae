using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>One step of an inner loop: from φ_t to φ_(t+1).</summary>
/// <remarks>
/// Whatever the step takes from the meta-parameters, learned rates for example, it takes from <paramref name="theta"/>, and whatever was computed from
/// them before, from <paramref name="phi"/>: the meta-gradient flows through these two arguments alone.
/// </remarks>
/// <param name="theta">The meta-parameters.</param>
/// <param name="phi">What the inner loop changes: task parameters, and any other state of it.</param>
/// <param name="step">The step's number, from 0.</param>
/// <param name="constant">Whether inner gradients are constants of the meta-gradient: for <see cref="Transforms.Grad{TIn}"/>.</param>
/// <returns>φ after the step, of the same structure.</returns>
public delegate Parameters InnerStep(Parameters theta, Parameters phi, int step, bool constant);
