using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Several tasks that share parameters, as <see cref="TaskWeighing"/> needs them.</summary>
/// <param name="Evaluate">From parameters to the tasks' losses, shape <c>[tasks]</c>, and whatever else is wanted of the same pass, such as predictions.</param>
/// <param name="Initial">The tasks' losses before training, positive, one for each task; of classes the logarithm of their number serves.</param>
/// <param name="IsShared">Whether a parameter of this name is of all tasks, rather than of one task's head.</param>
public sealed record JointTasks(Func<Parameters, (Tensor Losses, Tensor Outputs)> Evaluate, IReadOnlyList<double> Initial, Func<string, bool> IsShared);
