using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Baseline: the nearest class mean of the raw inputs. What a meta-learner must clear to have learned anything.</summary>
public sealed record NearestCentroid : IMetaLearner
{
    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => Parameters.Empty;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: class means need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        if (!support.IsClassification)
        {
            throw new ArgumentException("The nearest-centroid baseline classifies, but the support set has values instead of class labels.");
        }

        var centroids = support.ClassMeans(support.Inputs.Reshape([support.Count, -1])); // [N, D]
        return new([inputs =>
        {
            var flat = inputs.Reshape([inputs.Size(0), -1]);
            return (2 * flat.Matmul(centroids.T())) - centroids.Square().Sum([1]);
        }]);
    }

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random) =>
        Episodic.NothingToLearn(theta, episode, Adapt(model, theta, episode.Support, random));
}
