using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Multi-task training: one body with a head for each of several fixed tasks, and for a new task a fresh head on the body.</summary>
/// <remarks>
/// <para>It is trained on minibatches of all tasks together, as <see cref="FixedTasks"/> draws them: of the labels, every <see cref="Ways"/> are one
/// task, and so are as many rows of the model's last layer. A task's loss is the cross-entropy among its own classes; <see cref="Weighing"/> says how the
/// losses become one direction. A new task is solved by <see cref="Probe"/> on the body's features; other learners can begin with the body.</para>
/// <para>The loss and the predictions that are reported while training are those of each example by the head of its task, all examples alike.</para>
/// <para><b>Differs from the paper:</b> nothing in the method; the paper's tasks are labels of several kinds of the same images.</para>
/// </remarks>
[Paper("Kendall, Gal and Cipolla: Multi-Task Learning Using Uncertainty to Weigh Losses for Scene Geometry and Semantics", "CVPR 2018", "https://arxiv.org/abs/1705.07115")]
[NotAGradient("Σ ∇L over tasks, or what the weighing of tasks makes of their losses and gradients")]
public sealed record MultiTask : IMetaLearner
{
    private const double Apart = 1e9; // what logits of other tasks' heads are lowered by, so that they have no share

    /// <summary>Classes of each training task, at least 2; default 5. They must be as many as those of <see cref="FixedTasks"/>.</summary>
    public int Ways { get; init => field = Setting.AtLeast(value, 2, nameof(Ways)); } = 5;

    /// <summary>How the tasks' losses become one direction: sum, uncertainty, grad-norm or pc-grad; default sum.</summary>
    public TaskWeighing Weighing { get; init; } = new TaskWeighing.Sum();

    /// <summary>The head of a new task.</summary>
    public LinearProbe Probe { get; init; } = new();

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => outputs;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var own = model.Init(random);
        return own.With(Weighing.Init(Initial((int)Episodic.HeadOf(own).Leaves[^1].Count).Length));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: heads are of classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "Multi-task training");
        return Probe.Adapt(model.WithShape([.. support.Inputs.Shape.Skip(1)], outputs: 0), theta, support, random);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var (query, head) = (episode.Query, Episodic.HeadOf(theta.Without(TaskWeighing.Prefix)));
        Episodic.RequireClasses(query, "Multi-task training");
        var tasks = new JointTasks(
            at => ByTask(model.Forward(at.Without(TaskWeighing.Prefix), query.Inputs), query), Initial(query.Ways), name => !head.Contains(name));
        var (direction, predictions) = Weighing.Weigh(tasks, theta, random);
        return new(direction, Objectives.CrossEntropy(predictions, query), predictions);
    }

    // The loss of guessing, of each task.
    private double[] Initial(int classes) => [.. WidthsOf(classes).Select(width => Math.Log(Math.Max(2, width)))];

    private IEnumerable<int> WidthsOf(int classes) => Enumerable.Range(0, (classes + Ways - 1) / Ways).Select(task => Math.Min(Ways, classes - (task * Ways)));

    // Losses [T], and logits [N, classes] in which only an example's own task has a share.
    private (Tensor Losses, Tensor Outputs) ByTask(Tensor logits, Examples query)
    {
        var (labels, losses, outputs, start) = (query.OneHot(), new List<Tensor>(), new List<Tensor>(), 0);
        foreach (var width in WidthsOf(query.Ways))
        {
            var (own, right) = (logits.Narrow(1, start, width), labels.Narrow(1, start, width));
            var isOf = right.Sum([1], keepdim: true); // [N, 1]
            losses.Add(-(own.LogSoftmax(-1) * right).Sum() / isOf.Sum().Clamp((Scalar)1));
            outputs.Add(own - (Apart * (1 - isOf)));
            start += width;
        }

        return (Tensor.Stack([.. losses]), Tensor.Cat([.. outputs], 1));
    }
}
