using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>What the learners share: predicting under a BatchNorm policy, and the gradient of the query loss.</summary>
internal static class Episodic
{
    // Queries beside a support set: under the Episode policy both are normalised in one batch, of which the last rows are the queries'.
    internal static Tensor ForwardBeside(IModel model, Parameters parameters, Tensor support, Tensor inputs)
    {
        if (model.BatchNorm != BatchNormPolicy.Episode)
        {
            return model.Forward(parameters, inputs);
        }

        var together = model.Forward(parameters, Tensor.Cat([support, inputs])); // [support + N, outputs]
        return together.Narrow(0, support.Size(0), inputs.Size(0));
    }

    // d/dθ of L(A(θ, S), Q), through everything that `adapt` does.
    internal static MetaGradient QueryGradient(Parameters theta, Episode episode, Objective objective, Func<Parameters, Predictor> adapt)
    {
        var (loss, predictions, gradient) = Transforms.ValueAndGrad(
            parameters =>
            {
                var outputs = adapt(parameters)(episode.Query.Inputs);
                return (objective(outputs, episode.Query), outputs);
            },
            theta);
        return new(gradient, loss, predictions);
    }

    // A learner that meta-learns nothing still has a loss and predictions to report.
    internal static MetaGradient NothingToLearn(Parameters theta, Episode episode, Adaptation adaptation)
    {
        var predictions = adaptation.Predict(episode.Query.Inputs);
        return new(theta.Map(leaf => leaf.ZerosLike()), Objectives.Standard(predictions, episode.Query), predictions);
    }

    // What IModel promises of a model that ends in a linear layer.
    internal static Parameters HeadOf(Parameters theta) =>
        theta.Count >= 2 && theta.Leaves[^2].Rank == 2 && theta.Leaves[^1].Rank == 1
            ? Parameters.Create([.. theta.TakeLast(2)])
            : throw new ArgumentException(
                $"The weight and the bias of a last linear layer should be the last two parameters, but these are {string.Join(", ", theta.Names)}.");

    internal static T AtLeast<T>(T value, T minimum, string name)
        where T : IComparable<T> =>
        value.CompareTo(minimum) >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {minimum}.");

    internal static double Positive(double value, string name) =>
        value > 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a positive number.");
}
