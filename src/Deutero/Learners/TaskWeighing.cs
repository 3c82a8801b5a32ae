using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>How the losses of tasks that are trained together, or their gradients, become one direction: one of the records in here.</summary>
/// <remarks>In a configuration: <c>"weighing": "uncertainty"</c>, or <c>"weighing": { "type": "grad-norm", "exponent": 0.12 }</c>.</remarks>
public abstract record TaskWeighing
{
    /// <summary>What the names of a weighing's own parameters begin with, before a dot.</summary>
    public const string Prefix = "weighing";

    // Under quotients that may be 0/0, far below any square of a gradient that matters.
    private const double Least = 1e-30;

    private TaskWeighing()
    {
    }

    /// <summary>The parameters that the weighing learns beside the tasks': names under <see cref="Prefix"/>, float32; empty where it learns none.</summary>
    /// <param name="tasks">The number of tasks.</param>
    public abstract Parameters Init(int tasks);

    /// <summary>What an optimiser is to descend along.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <param name="theta">The tasks' parameters, and those of <see cref="Init"/>.</param>
    /// <param name="random">The only source of randomness.</param>
    /// <returns>A direction of the structure of <paramref name="theta"/>, and what the tasks returned beside their losses.</returns>
    public abstract (Parameters Direction, Tensor Outputs) Weigh(JointTasks tasks, Parameters theta, Generator random);

    // The gradient of a function of all losses: one pass backward.
    private static (Parameters Direction, Tensor Outputs) Descend(JointTasks tasks, Parameters theta, Func<Parameters, Tensor, Tensor> total)
    {
        var (_, outputs, direction) = Transforms.ValueAndGrad(
            at =>
            {
                var (losses, outputs) = tasks.Evaluate(at);
                return (total(at, losses), outputs);
            },
            theta);
        return (direction, outputs);
    }

    // The losses [T], and the gradient of each: as many passes as there are tasks.
    private static (Tensor Losses, Parameters[] Gradients, Tensor Outputs) Each(JointTasks tasks, Parameters theta)
    {
        var gradients = new Parameters[tasks.Initial.Count];
        Parameters both = [];
        for (var task = 0; task < gradients.Length; task++)
        {
            (_, both, gradients[task]) = Transforms.ValueAndGrad<Parameters, Parameters>(
                at =>
                {
                    var (losses, outputs) = tasks.Evaluate(at);
                    return (losses[task], [new("losses", losses), new("outputs", outputs)]);
                },
                theta);
        }

        return (both["losses"], gradients, both["outputs"]);
    }

    // The shared part of each gradient as a row: [T, P]
    private static Tensor Shared(JointTasks tasks, Parameters[] gradients) => Tensor.Stack(Array.ConvertAll(gradients, gradient => gradient.Where(tasks.IsShared).Flatten()));

    private static Parameters SumOf(IEnumerable<Parameters> gradients) => gradients.Aggregate((sum, next) => sum + next);

    /// <summary>The plain sum Σ L of the tasks' losses.</summary>
    public sealed record Sum : TaskWeighing
    {
        /// <inheritdoc/>
        public override Parameters Init(int tasks) => Parameters.Empty;

        /// <inheritdoc/>
        public override (Parameters Direction, Tensor Outputs) Weigh(JointTasks tasks, Parameters theta, Generator random) =>
            Descend(tasks, theta, (_, losses) => losses.Sum());
    }

    /// <summary>Σ exp(−s) L + s/2, with a log-variance s of each task that is learned beside them (Kendall, Gal and Cipolla, CVPR 2018).</summary>
    /// <remarks>
    /// It is the paper's form for classes, smallest at s = log 2L. Its form for values, with half of the first term, weighs tasks alike once s is where
    /// each is smallest. The log-variances <c>weighing.logVariances</c> begin at 0, which is the plain sum.
    /// </remarks>
    public sealed record Uncertainty : TaskWeighing
    {
        private const string LogVariances = $"{Prefix}.logVariances";

        /// <summary>The weighed sum, shape <c>[]</c>; it can be negative.</summary>
        /// <param name="logVariances">The tasks' s, shape <c>[tasks]</c>.</param>
        /// <param name="losses">The tasks' losses, shape <c>[tasks]</c>.</param>
        public static Tensor Total(Tensor logVariances, Tensor losses) => (((-logVariances).Exp() * losses) + (0.5 * logVariances)).Sum();

        /// <inheritdoc/>
        public override Parameters Init(int tasks) => [new(LogVariances, Tensor.Zeros([tasks]))];

        /// <inheritdoc/>
        public override (Parameters Direction, Tensor Outputs) Weigh(JointTasks tasks, Parameters theta, Generator random) =>
            Descend(tasks, theta, (at, losses) => Total(at[LogVariances], losses));
    }

    /// <summary>
    /// Weights w under which the gradients of all tasks' shared parameters have norms that follow their pace of learning (Chen et al., ICML 2018): beside Σ w L,
    /// Σ |G − c| is descended along by the weights alone, with G = w ‖∇L‖ and the constant c = mean(G) rᵅ; r is a task's L/L(0) over the mean of all.
    /// </summary>
    /// <remarks>
    /// <b>Differs from the paper:</b> w = T·softmax(<c>weighing.scores</c>) in place of weights that are scaled to a sum of T after every step, so that none becomes
    /// negative; norms are of all shared parameters instead of the last shared layer's.
    /// </remarks>
    public sealed record GradNorm : TaskWeighing
    {
        private const string Scores = $"{Prefix}.scores";

        /// <summary>The exponent α: how much more a task that lags behind is to weigh, at least 0; default 1.5, the paper's for tasks that differ much.</summary>
        public double Exponent { get; init => field = Setting.NotNegative(value, nameof(Exponent)); } = 1.5;

        /// <summary>The weights of scores: positive, with the number of tasks as their sum, shape <c>[tasks]</c>.</summary>
        /// <param name="scores">Shape <c>[tasks]</c>.</param>
        public static Tensor Weights(Tensor scores) => scores.Size(0) * scores.Softmax(-1);

        /// <inheritdoc/>
        public override Parameters Init(int tasks) => [new(Scores, Tensor.Zeros([tasks]))];

        /// <inheritdoc/>
        public override (Parameters Direction, Tensor Outputs) Weigh(JointTasks tasks, Parameters theta, Generator random)
        {
            var (losses, gradients, outputs) = Each(tasks, theta.Without(Prefix));
            var norms = (Shared(tasks, gradients).Square().Sum([1]) + Least).Sqrt(); // [T]
            var (scores, weights) = (theta[Scores], Weights(theta[Scores]));
            var target = Target(weights * norms, losses, tasks.Initial);
            var slope = Transforms.Grad(at => ((Weights(at) * norms) - target).Abs().Sum(), scores);
            var sum = SumOf(gradients.Select((gradient, task) => gradient.Map(leaf => weights[task] * leaf)));
            return (sum.With([new(Scores, slope)]), outputs);
        }

        // The norms that the weighed gradients should have, from those that they have.
        private Tensor Target(Tensor norms, Tensor losses, IReadOnlyList<double> initial)
        {
            var progress = (losses / Tensor.From([.. initial]).To(losses.DType).To(losses.Device)) + Least;
            return norms.Mean() * (progress / progress.Mean()).Pow((Scalar)Exponent);
        }
    }

    /// <summary>Σ g of the gradients after each was made orthogonal to those of the other tasks that it conflicts with (PCGrad: Yu et al., NeurIPS 2020).</summary>
    /// <remarks>Only the shared parameters are treated so: of a head there is one gradient.</remarks>
    public sealed record PcGrad : TaskWeighing
    {
        /// <summary>Each gradient g in turn, for each other task's original gradient h in random order with g·h below 0, becomes g − (g·h/|h|²) h.</summary>
        /// <param name="gradients">One a task, shape <c>[tasks, P]</c>.</param>
        /// <param name="random">Gives the orders.</param>
        /// <returns>Shape <c>[tasks, P]</c>.</returns>
        public static Tensor Project(Tensor gradients, Generator random)
        {
            var tasks = (int)gradients.Size(0);
            Tensor Cleared(int task)
            {
                var gradient = gradients[task];
                foreach (var other in random.Choose(tasks, tasks).Where(other => other != task))
                {
                    var against = gradients[other];
                    var conflict = (-(gradient * against).Sum()).Relu() / (against.Square().Sum() + Least); // 0 where there is none
                    gradient += conflict * against;
                }

                return gradient;
            }

            return Tensor.Stack([.. Enumerable.Range(0, tasks).Select(Cleared)]);
        }

        /// <inheritdoc/>
        public override Parameters Init(int tasks) => Parameters.Empty;

        /// <inheritdoc/>
        public override (Parameters Direction, Tensor Outputs) Weigh(JointTasks tasks, Parameters theta, Generator random)
        {
            var (_, gradients, outputs) = Each(tasks, theta);
            var shared = gradients[0].Where(tasks.IsShared).Unflatten(Project(Shared(tasks, gradients), random).Sum([0]));
            return (SumOf(gradients).With(shared), outputs);
        }
    }
}
