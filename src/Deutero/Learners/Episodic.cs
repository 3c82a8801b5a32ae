using Deutero.Models;
using Deutero.Optimisers;
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

    // A head that is fitted to the support's features and applied to the queries'. Under the Episode policy the support's features depend on the
    // queries that share the batch, so that both are embedded, and the head is fitted, at prediction.
    internal static Predictor OnFeatures(IModel model, Parameters parameters, Examples support, Func<Tensor, Func<Tensor, Tensor>> fit)
    {
        if (model.BatchNorm == BatchNormPolicy.Episode)
        {
            return inputs =>
            {
                var together = model.Forward(parameters, Tensor.Cat([support.Inputs, inputs])); // [NK + M, D]
                return fit(together.Narrow(0, 0, support.Count))(together.Narrow(0, support.Count, inputs.Size(0)));
            };
        }

        return new FeaturePredictor(model, parameters, fit(model.Forward(parameters, support.Inputs))).Predict;
    }

    // The features of the support's examples and then of the queries, under the model's BatchNorm policy: [NK + M, D]
    internal static Tensor AllFeatures(IModel model, Parameters parameters, Examples support, Tensor queries) =>
        OnFeatures(model, parameters, support, features => embedded => Tensor.Cat([features, embedded]))(queries);

    // Plain descent to parameters that are constants to whoever differentiates.
    internal static Parameters Minimise(Func<Parameters, Tensor> loss, Parameters from, GradientTransform optimiser, int steps)
    {
        var (phi, state) = (from, optimiser.Init(from));
        for (var step = 0; step < steps; step++)
        {
            using var scope = new TensorScope();
            var (next, nextState) = optimiser.Step(phi, state, Transforms.Grad(loss, phi, constant: true));
            (phi, state) = (scope.Keep(next), scope.Keep(nextState));
        }

        return phi;
    }

    // The model's own parameters, without those that a learner has added under a prefix.
    internal static Parameters OfModel(Parameters theta, string prefix) =>
        theta.Where(name => !name.StartsWith(prefix + ".", StringComparison.Ordinal));

    internal static void RequireClasses(Examples support, string learner)
    {
        if (!support.IsClassification)
        {
            throw new ArgumentException($"{learner} classifies, but the support set has values instead of class labels.");
        }
    }

    // What is known of each class beside its examples: [ways, width]
    internal static Tensor AttributesOf(Examples support, int width, string learner)
    {
        RequireClasses(support, learner);
        var attributes = support.Attributes ?? throw new ArgumentException($"{learner} needs attributes of the classes, but the support set has none: set data.attributes.");
        return attributes.Size(-1) == width
            ? attributes
            : throw new ArgumentException($"{learner} was made for {width} attributes of a class but found {attributes.Size(-1)}: set learner.attributes={attributes.Size(-1)}.");
    }

    // The mean over an ensemble's members of values, or of probabilities, which is given as logits: its logarithm.
    internal static Tensor MeanPrediction(Tensor[] outputs, bool areLogits)
    {
        var stacked = Tensor.Stack(outputs); // [M, N, outputs]
        return areLogits ? stacked.LogSoftmax(-1).Logsumexp([0]) - Math.Log(outputs.Length) : stacked.Mean([0]);
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

    // The parameters of a model that is not meta-learned, for a task.
    internal static Parameters Drawn(IModel model, Examples support, Generator random) =>
        model.Init(random).Map(leaf => leaf.To(support.Inputs.DType).To(support.Inputs.Device));

    // A learner that meta-learns nothing still has a loss and predictions to report.
    internal static MetaGradient NothingToLearn(Parameters theta, Episode episode, Adaptation adaptation)
    {
        var predictions = adaptation.Predict(episode.Query.Inputs);
        return new(theta.Map(leaf => leaf.ZerosLike()), Objectives.Standard(predictions, episode.Query), predictions);
    }

    // Scale and shift of the normalising layers: of those whose weight is a vector.
    internal static Parameters NormsOf(Parameters theta)
    {
        const string Weight = ".weight";
        var layers = theta.Where(item => item.Key.EndsWith(Weight, StringComparison.Ordinal) && item.Value.Rank == 1).Select(item => item.Key[..^Weight.Length]).ToHashSet();
        return theta.Where(name => layers.Contains(LayerOf(name)));
    }

    // The part of a parameter's name before its last dot.
    internal static string LayerOf(string name) => name[..Math.Max(0, name.LastIndexOf('.'))];

    // What IModel promises of a model that ends in a linear layer.
    internal static Parameters HeadOf(Parameters theta) =>
        theta.Count >= 2 && theta.Leaves[^2].Rank == 2 && theta.Leaves[^1].Rank == 1
            ? Parameters.Create([.. theta.TakeLast(2)])
            : throw new ArgumentException(
                $"The weight and the bias of a last linear layer should be the last two parameters, but these are {string.Join(", ", theta.Names)}.");

    // The enclosing scope would do it at the end: a set of parameters for every step of a loop.
    internal static void Free(Parameters parameters)
    {
        foreach (var leaf in parameters.Leaves)
        {
            leaf.Dispose();
        }
    }
}
