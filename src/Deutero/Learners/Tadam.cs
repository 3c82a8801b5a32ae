using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>TADAM: prototypes compared on a learned scale, of features that a body extracts for the task at hand.</summary>
/// <remarks>
/// <para>The body embeds the support set as it is; the mean of the class means is the task vector, off which networks (<c>film.*</c>) read a scale γ and a shift
/// β of each unit of every layer, behind its normalisation. With so modulated a body, c_k the means of the support's features and α (<c>metric.scale</c>), the
/// logit of class k is −α ||f(x) − c_k||². γ = 1 + γ_0 h(t) and β = β_0 h'(t) begin at 1 and 0: the scalars γ_0 and β_0 of each layer start at 0 and are
/// held there by <see cref="Penalty"/>/2 (γ_0² + β_0²) beside the cross-entropy of the queries, of which the outer loop follows the gradient through both passes.</para>
/// <para><b>Co-training</b>, with <see cref="Classes"/> above 0: with probability 0.9 · 0.9^⌊20 t/T⌋ update t of T is one of an ordinary classifier of all
/// meta-training classes, a linear layer on the features of the unmodulated body (<c>classifier.*</c>), which is trained on the minibatch that comes
/// with each episode (<see cref="CoTraining"/>; <c>episodes.coTrainBatch</c> in a configuration). The loss that is reported is that of the queries all the same.</para>
/// <para><b>Differs from the paper:</b> a learned α is the default, and it begins at 1, where the paper chooses a fixed one by validation; a classification
/// step has as many minibatches as there are episodes; shortcuts of a residual network are modulated, too; the networks have the form that <c>Film.cs</c> shows; ResNet12
/// has its own non-linearity instead of swish.</para>
/// <para><b>Cost:</b> the support set is embedded twice.</para>
/// </remarks>
[Paper("Oreshkin, Rodriguez and Lacoste: TADAM: Task dependent adaptive metric for improved few-shot learning", "NeurIPS 2018", "https://arxiv.org/abs/1805.10123")]
[NotAGradient("∇ of the query loss plus λ/2 Σ(γ_0² + β_0²); of a classifier's loss on a minibatch, in updates of co-training")]
public sealed record Tadam : IAnnealedLearner
{
    private const string Metric = "metric";
    private const string Films = "film";
    private const string Classifier = "classifier";

    // Of co-training: the probability at the start, what it is multiplied by, and how often.
    private const double Auxiliary = 0.9;
    private const double Decay = 0.9;
    private const int Decays = 20;

    /// <summary>The scale α of squared distances, or where it starts from if it is learned; at least 0; default 1. The paper tries 0.5 to 20.</summary>
    public double Scale { get; init => field = Setting.NotNegative(value, nameof(Scale)); } = 1;

    /// <summary>Whether α is learned; default true.</summary>
    public bool LearnsScale { get; init; } = true;

    /// <summary>The weight λ of λ/2 (γ_0² + β_0²), at least 0; default 0.01, the paper's.</summary>
    public double Penalty { get; init => field = Setting.NotNegative(value, nameof(Penalty)); } = 0.01;

    /// <summary>All classes of meta-training, which co-training tells apart in the minibatches beside the episodes; 0 means no co-training; default 0.</summary>
    public int Classes { get; init => field = Setting.AtLeast(value, 0, nameof(Classes)); }

    private double Probability { get; init; }

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The model has no layer with a weight and a bias, which a task could modulate.</exception>
    public Parameters Init(IModel model, Generator random)
    {
        var body = model.Init(random);
        var theta = body.With(Film.Init(body, model.OutputWidth, _ => Tensor.Zeros([]), random).Prefixed(Films));
        theta = LearnsScale ? theta.With([new($"{Metric}.scale", Tensor.Of(Scale))]) : theta;
        return Classes > 0 ? theta.With(Dense.Linear(random, Classifier, model.OutputWidth, Classes)) : theta;
    }

    /// <inheritdoc/>
    public IMetaLearner At(int iteration, int iterations) =>
        Classes > 0 ? this with { Probability = ProbabilityAt(iteration, iterations) } : this;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: prototypes need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "TADAM");
        var body = BodyOf(theta);
        var task = support.ClassMeans(model.Forward(body, support.Inputs)).Mean([0], keepdim: true); // [1, D]
        var scale = LearnsScale ? theta[$"{Metric}.scale"] : Tensor.Full([], (Scalar)Scale, support.Inputs.DType, support.Inputs.Device);
        return new([Episodic.OnFeatures(model, Film.Modulated(body, theta.Under(Films), task), support, features => ComparedTo(support.ClassMeans(features), scale))]);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression, or no minibatch of all classes comes with an episode of co-training.</exception>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var query = episode.Query;
        if (Probability > 0 && MinibatchOf(episode) is var minibatch && random.NextDouble() < Probability)
        {
            var slope = Transforms.Grad(at => Objectives.CrossEntropy(Dense.Linear(at, Classifier, model.Forward(BodyOf(at), minibatch.Inputs)), minibatch), theta);
            var answers = Adapt(model, theta, episode.Support, random).Predict(query.Inputs);
            return new(slope, Objectives.CrossEntropy(answers, query), answers);
        }

        var (_, predictions, gradient) = Transforms.ValueAndGrad(
            at =>
            {
                var logits = Adapt(model, at, episode.Support, random).Predict(query.Inputs);
                var multipliers = Film.Multipliers(at.Under(Films));
                return (Objectives.CrossEntropy(logits, query) + (Penalty / 2 * multipliers.Dot(multipliers)), logits);
            },
            theta);
        return new(gradient, Objectives.CrossEntropy(predictions, query), predictions);
    }

    // That an update is one of the classifier of all classes.
    internal static double ProbabilityAt(int iteration, int iterations) => Auxiliary * Math.Pow(Decay, (long)Decays * iteration / iterations);

    private static Parameters BodyOf(Parameters theta) => theta.Without(Films).Without(Metric).Without(Classifier);

    // A function of its own, so that who keeps the comparison keeps no more than it needs.
    private static Func<Tensor, Tensor> ComparedTo(Tensor prototypes, Tensor scale) =>
        queries => scale * Similarities.Between(Similarity.SquaredEuclidean, queries, prototypes);

    private Examples MinibatchOf(Episode episode) => episode.Minibatch is not { } minibatch
        ? throw new ArgumentException($"TADAM is co-trained on {Classes} classes, but no minibatch of these comes with the episodes: set episodes.coTrainBatch, for example to 64.")
        : minibatch.Ways == Classes
            ? minibatch
            : throw new ArgumentException($"TADAM is co-trained on {Classes} classes, but the minibatch is of {minibatch.Ways}: set learner.classes={minibatch.Ways}.");
}
