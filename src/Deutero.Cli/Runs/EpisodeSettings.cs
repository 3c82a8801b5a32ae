namespace Deutero.Cli.Runs;

/// <summary>The shape of a run's episodes.</summary>
public sealed record EpisodeSettings
{
    /// <summary>Classes of a test episode; default 5.</summary>
    public int Ways { get; init => field = Least(value, 2, nameof(Ways)); } = 5;

    /// <summary>Support examples per class; 0 for the attributes of the classes in place of examples (data.attributes, learner=zero-shot-protonet); default 1.</summary>
    public int Shots { get; init => field = Least(value, 0, nameof(Shots)); } = 1;

    /// <summary>Query examples per class of a test episode; default 15.</summary>
    public int Queries { get; init => field = Least(value, 1, nameof(Queries)); } = 15;

    /// <summary>Classes of a meta-training episode; 0 means as many as in a test episode; default 0.</summary>
    public int TrainWays { get; init => field = Least(value, 0, nameof(TrainWays)); }

    /// <summary>Support examples per class in meta-training; 0 means as many as in a test episode; default 0.</summary>
    public int TrainShots { get; init => field = Least(value, 0, nameof(TrainShots)); }

    /// <summary>Query examples per class in meta-training; 0 means as many as in a test episode; default 0.</summary>
    public int TrainQueries { get; init => field = Least(value, 0, nameof(TrainQueries)); }

    /// <summary>
    /// What meta-training tasks are made of: labelled (classes), or without labels umtra (items and their augmentations), cactus (clusters) or rotations (quarter
    /// turns, in minibatches of trainBatch); or fixed (labelled tasks that stay, trained together by MultiTask in minibatches of trainBatch); default labelled.
    /// </summary>
    public TrainTasks TrainTasks { get; init; } = new TrainTasks.Labelled();

    /// <summary>
    /// Items of a minibatch of all meta-training classes under fixed labels, which takes the place of meta-training episodes: for pre-training with
    /// ClassifierBaseline, on classes or on rotations, or with MultiTask, as many of each task; 0 means episodes; default 0.
    /// </summary>
    public int TrainBatch { get; init => field = Least(value, 0, nameof(TrainBatch)); }

    /// <summary>
    /// Items of a minibatch of all meta-training classes under fixed labels that comes with each meta-training episode, for learners that are trained on both, such as
    /// Tadam with learner.classes; 0 means none; default 0.
    /// </summary>
    public int CoTrainBatch { get; init => field = Least(value, 0, nameof(CoTrainBatch)); }

    /// <summary>
    /// fixed: the ways, shots and queries set here; within-groups: the same, with all classes of one group, such as an Omniglot alphabet or a script; meta-dataset:
    /// Meta-Dataset's rules, in which ways and shots vary, and classes come from one group where there are groups; default fixed.
    /// </summary>
    public EpisodeSampling Sampling { get; init; }

    internal static int Least(int value, int minimum, string name) =>
        value >= minimum ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {minimum}.");
}
