using Deutero.Learners;
using Deutero.Torch;
using static Deutero.Edge.Onnx.OnnxGraph;

namespace Deutero.Edge.Onnx;

/// <summary>A head that a support set was fitted to: prototypes <c>[ways, D]</c> that features are compared with, or a linear layer.</summary>
internal sealed record OnnxHead(Tensor Weight, Tensor? Bias, double Scale)
{
    // Of logits, whose rounding in float32 it is well above.
    private const double Tolerance = 1e-4;

    /// <summary>The head of a learner that leaves the encoder alone; null for one that adapts that, too. In the caller's scope.</summary>
    /// <exception cref="ArgumentException">The head is neither prototypes nor linear.</exception>
    internal static OnnxHead? Of(AdaptationModel model, IReadOnlyList<SupportClass> support)
    {
        model.Check(support);
        var examples = model.ExamplesOf(support);
        var adaptation = model.Run(support);
        if (adaptation.Predict.Target is not FeaturePredictor split || adaptation.Adapted is not null)
        {
            var last = adaptation.Adapted is { } adapted ? OfLastLayer(model, adapted) : throw NotLinear(model);
            if (last is not null)
            {
                var (body, weights) = OnnxExport.Body(model);
                Require(last.Logits(body.Forward(weights, examples.Inputs)), adaptation.Predict(examples.Inputs), model);
            }

            return last;
        }

        if (!split.Parameters.Leaves.All(leaf => model.Theta.Leaves.Contains(leaf)))
        {
            throw new ArgumentException($"{model.Learner.GetType().Name} cannot be exported: it scales and shifts the encoder for each support set.");
        }

        var features = split.Embed(examples.Inputs); // [NK, D]
        var head = model.Learner is ProtoNet { Similarity: Similarity.SquaredEuclidean } prototypes
            ? new(examples.ClassMeans(features), null, prototypes.Scale)
            : Probed(split, features);
        Require(head.Logits(features), split.Head(features), model);
        return head;
    }

    /// <summary>The parameters of a model that was adapted as a whole. In the caller's scope.</summary>
    /// <exception cref="ArgumentException">What was adapted is not the architecture with other parameters.</exception>
    internal static Parameters Adapted(AdaptationModel model, IReadOnlyList<SupportClass> support)
    {
        var adaptation = model.Run(support);
        var parameters = adaptation.Adapted is { } adapted ? Merged(model, adapted) : throw NotLinear(model);
        var inputs = model.ExamplesOf(support).Inputs;
        Require(model.Architecture.Forward(parameters, inputs), adaptation.Predict(inputs), model);
        return parameters;
    }

    /// <summary>Adds the head to a graph.</summary>
    /// <returns>The name of the logits <c>[N, ways]</c>.</returns>
    internal string Add(OnnxGraph graph, string features)
    {
        if (Bias is { } bias)
        {
            return graph.Add("Gemm", [features, graph.Constant("head.weight", Weight), graph.Constant("head.bias", bias)], Attribute("transB", 1L));
        }

        // −scale · Σ(f − c)², as it is written: the product form loses digits.
        var apart = graph.Add("Sub", [graph.Add("Unsqueeze", [features, graph.Constant("classes", 1L)]), graph.Constant("prototypes", Weight)]); // [N, ways, D]
        var distances = graph.Add("ReduceSum", [graph.Add("Mul", [apart, apart]), graph.Constant("components", 2L)], Attribute("keepdims", 0L));
        return graph.Add("Mul", [distances, graph.Constant("scale", (float)-Scale)]);
    }

    // A linear head is known by what it makes of nothing and of each direction, as long as features are.
    private static OnnxHead Probed(FeaturePredictor split, Tensor features)
    {
        var width = features.Size(1);
        var length = Math.Sqrt(Math.Max(features.Square().Mean().ToArray<float>()[0], 1e-6));
        var values = new float[(width + 1) * width];
        for (var i = 0L; i < width; i++)
        {
            values[((i + 1) * width) + i] = (float)length;
        }

        var answers = split.Head(Tensor.From(values, [width + 1, width])); // [1 + D, ways]
        var bias = answers.Narrow(0, 0, 1);
        return new(((answers.Narrow(0, 1, width) - bias) / length).T(), bias.Reshape([-1]), 1);
    }

    // Null where the body was adapted, too.
    private static OnnxHead? OfLastLayer(AdaptationModel model, Parameters adapted)
    {
        var (_, body) = OnnxExport.Body(model);
        if (body.Names.Any(name => adapted.Contains(name) && !adapted[name].ToArray<float>().SequenceEqual(model.Theta[name].ToArray<float>())))
        {
            return null;
        }

        using var random = Generator.Seed(0);
        var last = model.Architecture.Init(random).Names.Where(name => !body.Contains(name) && adapted.Contains(name)).ToArray();
        return last is [var weight, var bias] ? new(adapted[weight], adapted[bias], 1) : throw NotLinear(model);
    }

    private static Parameters Merged(AdaptationModel model, Parameters adapted)
    {
        using var random = Generator.Seed(0);
        return Parameters.Create([.. model.Architecture.Init(random).Names.Select(name =>
            KeyValuePair.Create(name, adapted.Contains(name) ? adapted[name] : model.Theta.Contains(name) ? model.Theta[name] : throw NotLinear(model)))]);
    }

    private static void Require(Tensor exported, Tensor expected, AdaptationModel model)
    {
        var (ours, theirs) = (exported.ToArray<float>(), expected.ToArray<float>());
        var size = 1 + theirs.Max(Math.Abs);
        if (ours.Length != theirs.Length || ours.Zip(theirs).Any(pair => !(Math.Abs(pair.First - pair.Second) <= Tolerance * size)))
        {
            throw NotLinear(model);
        }
    }

    private static ArgumentException NotLinear(AdaptationModel model) => new(
        $"{model.Learner.GetType().Name} cannot be exported: prototypes by squared distance, a linear head, or adapted parameters were expected.");

    private Tensor Logits(Tensor features) => Bias is { } bias
        ? Tensor.Linear(features, Weight, bias)
        : -Scale * (features.Unsqueeze(1) - Weight.Unsqueeze(0)).Square().Sum([2]);
}
