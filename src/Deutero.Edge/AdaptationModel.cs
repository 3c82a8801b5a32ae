using Deutero.Learners;
using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Edge;

/// <summary>A meta-learned model that adapts to support sets of a user's own. Any number of threads may use it at the same time.</summary>
/// <remarks>
/// Adaptation is a function of the model and the support set alone, in the order in which that is given: the same examples give the same bits, whatever was
/// adapted to before. Bits can differ with the number of operator threads (<see cref="Threads"/>).
/// </remarks>
public sealed class AdaptationModel : IDisposable
{
    private readonly IModel _model;
    private readonly ulong _seed;
    private readonly IReadOnlyList<Tensor> _shared;

    /// <summary>Puts a model together.</summary>
    /// <param name="learner">The algorithm.</param>
    /// <param name="model">
    /// The architecture, shaped for the input and for the learner's head. Its BatchNorm policy says how an item is normalised: a query alone has no statistics
    /// of its own, so <see cref="BatchNormPolicy.Episode"/> or, with statistics, <see cref="BatchNormPolicy.Running"/> are sensible.
    /// </param>
    /// <param name="theta">The meta-parameters; they, and statistics in the architecture, are disposed with this object.</param>
    /// <param name="input">What the model takes.</param>
    /// <param name="ways">The number of classes that the learner's last layer tells apart; 0 for a learner that takes any number.</param>
    /// <param name="seed">The seed of learners that draw random numbers when they adapt.</param>
    /// <exception cref="ArgumentException">The meta-parameters have other names or shapes than the architecture.</exception>
    public AdaptationModel(IMetaLearner learner, IModel model, Parameters theta, InputContract input, int ways = 0, ulong seed = 0)
    {
        (Learner, _model, Theta, Input, Ways, _seed) = (learner, model, theta, input, ways, seed);
        RequireFit();
        _shared = CapturedTensors.Of(model, theta).Leaves; // statistics, too, which the model may hold
        Embedding = Embedding.Of(model, theta, input);
    }

    /// <summary>The algorithm.</summary>
    public IMetaLearner Learner { get; }

    /// <summary>What the model takes.</summary>
    public InputContract Input { get; }

    /// <summary>The number of classes that the model tells apart; 0 where it takes any number.</summary>
    public int Ways { get; }

    /// <summary>What was learned on held-out tasks about the model's answers; null where nothing was: probabilities are then uncalibrated.</summary>
    public ModelCalibration? Calibration { get; init; }

    /// <summary>Where BatchNorm takes its statistics from, in words.</summary>
    public string BatchNorm => _model.BatchNorm switch
    {
        null => "none",
        BatchNormPolicy.Running => "Running: statistics of meta-training",
        BatchNormPolicy.Episode => "Episode: each query is normalised with the support set",
        _ => "Split: each query is normalised alone",
    };

    /// <summary>
    /// Whether items that are predicted in one pass leave one another's predictions alone: the learner is not transductive, and BatchNorm takes no
    /// statistics from the items.
    /// </summary>
    public bool ItemsApart => !Learner.GetType().IsDefined(typeof(TransductiveAttribute), inherit: false)
        && _model.BatchNorm is null or BatchNormPolicy.Running;

    /// <summary>Whether the classifiers of this model embed items the same way, so that those of several can be embedded in one pass; known after the first adaptation.</summary>
    public bool SharesEmbedding { get; private set; }

    internal Parameters Theta { get; }

    internal IModel Architecture => _model;

    internal Embedding? Embedding { get; }

    /// <summary>Refuses a number of classes that the model cannot tell apart.</summary>
    /// <param name="classes">The classes of the support set.</param>
    /// <exception cref="ArgumentException">There are fewer than two, or the model's last layer has another width.</exception>
    public void RequireWays(int classes)
    {
        if (classes < 2)
        {
            throw new ArgumentException($"A support set needs at least 2 classes but has {classes}.");
        }

        if (Ways > 0 && Ways != classes)
        {
            throw new ArgumentException(
                $"This model classifies {Ways} ways but the support set has {classes} classes: {Learner.GetType().Name} has a last layer of "
                + "fixed width (a prototypical network takes any number of classes).");
        }
    }

    /// <summary>Learns the classes of a support set.</summary>
    /// <param name="support">The classes, each with its examples.</param>
    /// <param name="onStep">Told how many inner steps are done and of how many, where the learner takes steps.</param>
    /// <exception cref="ArgumentException">The classes are too few or too many, two have one name, one has no example, or an item does not fit the model.</exception>
    public AdaptedClassifier Adapt(IReadOnlyList<SupportClass> support, Action<int, int>? onStep = null)
    {
        Check(support);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        using var watching = onStep is null ? null : InnerLoop.Watch(onStep);
        var predictor = Run(support).Predict;
        var kept = scope.Release(CapturedTensors.Of(predictor));
        SharesEmbedding = ItemsApart && predictor.Target is FeaturePredictor split && split.Parameters.Leaves.All(leaf => Theta.Leaves.Contains(leaf));
        return new(this, [.. support.Select(one => one.Name)], predictor, [.. kept.Leaves.Except(_shared)]);
    }

    /// <summary>Finds what is doubtful about a support set: its sizes, near-duplicates, examples in the wrong class or unlike anything in meta-training.</summary>
    /// <remarks>
    /// The last two need a <see cref="Calibration"/>: of the examples of held-out tasks, one in a hundred is said to be in the wrong class, and one in five hundred
    /// to be unlike meta-training. Examples are said to be in the
    /// wrong class by the embedding: one that is farther from the mean of its class's others than from the mean of another class.
    /// </remarks>
    /// <param name="support">The classes, each with its examples.</param>
    /// <exception cref="ArgumentException">The support set cannot be adapted to.</exception>
    public IReadOnlyList<SupportDoubt> Doubts(IReadOnlyList<SupportClass> support)
    {
        Check(support);
        return SupportChecks.Of(support, Input, Embedding, Calibration);
    }

    /// <summary>Finds out why an item is classified as it is: adapts once more for every example of the support set.</summary>
    /// <param name="support">The classes, each with its examples.</param>
    /// <param name="item">The item.</param>
    /// <param name="threshold">As in <see cref="AdaptedClassifier.Predict(float[], double?)"/>.</param>
    /// <param name="cancellation">Stops between adaptations.</param>
    /// <exception cref="ArgumentException">The support set or the item does not fit the model.</exception>
    public Explanation Explain(IReadOnlyList<SupportClass> support, float[] item, double? threshold = null, CancellationToken cancellation = default) =>
        Explaining.Of(this, support, item, threshold, cancellation);

    /// <summary>Frees the meta-parameters; classifiers that were adapted from them cannot predict any more.</summary>
    public void Dispose()
    {
        foreach (var leaf in _shared)
        {
            leaf.Dispose();
        }
    }

    // In the caller's scope.
    internal Adaptation Run(IReadOnlyList<SupportClass> support)
    {
        using var random = Generator.Seed(_seed);
        return Learner.Adapt(_model, Theta, ExamplesOf(support), random);
    }

    // In the caller's scope.
    internal Examples ExamplesOf(IReadOnlyList<SupportClass> support)
    {
        var values = support.SelectMany(one => one.Examples).SelectMany(item => item).ToArray();
        var labels = support.SelectMany((one, label) => one.Examples.Select(_ => (long)label)).ToArray();
        return new(Tensor.From(values, [labels.Length, .. Input.ItemShape]), Tensor.From(labels), support.Count);
    }

    internal void Check(IReadOnlyList<SupportClass> support)
    {
        RequireWays(support.Count);
        if (support.Select(one => one.Name).Distinct(StringComparer.Ordinal).Count() != support.Count)
        {
            throw new ArgumentException($"Two classes of the support set have one name: {string.Join(", ", support.Select(one => one.Name))}.");
        }

        foreach (var one in support)
        {
            if (one.Examples.Count == 0)
            {
                throw new ArgumentException($"Class '{one.Name}' has no example; at least one is expected.");
            }

            for (var i = 0; i < one.Examples.Count; i++)
            {
                Input.Check(one.Examples[i], $"Example {i + 1} of class '{one.Name}'");
            }
        }
    }

    private void RequireFit()
    {
        using var scope = new TensorScope();
        using var random = Generator.Seed(0);
        var expected = Learner.Init(_model, random);
        var fits = expected.Names.Order(StringComparer.Ordinal).SequenceEqual(Theta.Names.Order(StringComparer.Ordinal))
            && expected.All(item => item.Value.Shape.SequenceEqual(Theta[item.Key].Shape));
        if (!fits)
        {
            throw new ArgumentException("The meta-parameters have other names or shapes than the architecture.");
        }
    }
}
