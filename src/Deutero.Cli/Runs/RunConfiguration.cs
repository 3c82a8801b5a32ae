using Deutero.Learners;
using Deutero.Models;
using Deutero.Training;

namespace Deutero.Cli.Runs;

/// <summary>Everything that determines a run: what a configuration file holds.</summary>
public sealed record RunConfiguration
{
    /// <summary>Where the tasks come from.</summary>
    public DataSettings Data { get; init; } = new();

    /// <summary>The shape of the episodes.</summary>
    public EpisodeSettings Episodes { get; init; } = new();

    /// <summary>The architecture; its input and output sizes follow from the data and the learner.</summary>
    public IModel Model { get; init; } = new Conv4();

    /// <summary>The algorithm.</summary>
    public IMetaLearner Learner { get; init; } = new ProtoNet();

    /// <summary>
    /// A run folder whose model meta-training begins with, for example to go on longer, on other data, or with another learner on the same body: parameters
    /// of the same names are taken, others are drawn, and so is a head for another number of classes; empty begins anew; default empty.
    /// </summary>
    public string StartFrom { get; init; } = "";

    /// <summary>Meta-training.</summary>
    public TrainingSettings Training { get; init; } = new();

    /// <summary>Evaluation on the meta-test classes.</summary>
    public EvaluationSettings Evaluation { get; init; } = new();

    /// <summary>cpu, cuda or cuda:N; default cpu.</summary>
    public string Device { get; init => field = Torch.Device.Parse(value).ToString(); } = "cpu";
}
