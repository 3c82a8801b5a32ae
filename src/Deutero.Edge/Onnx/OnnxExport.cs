using System.Text.Json;
using Deutero.Models;
using Deutero.Torch;

namespace Deutero.Edge.Onnx;

/// <summary>Writes models as ONNX files, which run where Deutero does not.</summary>
/// <remarks>
/// Items are float32 <c>[N, ...item]</c> under the name <c>items</c>, as the model's <see cref="InputContract"/> has them. Answers are <c>logits</c> <c>[N, ways]</c> and
/// <c>probabilities</c> <c>[N, ways]</c>, calibrated where the model is; the names of the classes are in the file's metadata as <c>classes</c>, a JSON array.
/// The files are of operator set 13.
/// </remarks>
public static class OnnxExport
{
    private const string Items = "items";
    private const string Features = "features";

    /// <summary>The encoder: <c>items</c> to <c>features</c> <c>[N, D]</c>.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The ONNX file.</returns>
    /// <exception cref="ArgumentException">The architecture is neither Conv4 nor an MLP, normalises by the batch, or has nothing that was meta-learned.</exception>
    public static byte[] Encoder(AdaptationModel model)
    {
        OnnxModels.Require(model.Architecture);
        var (body, weights) = Body(model);
        var graph = new OnnxGraph();
        graph.Output(Features, OnnxModels.Add(graph, body, weights, graph.Input(Items, model.Input.ItemShape)), body.OutputWidth);
        return graph.ToModel("encoder");
    }

    /// <summary>What was learned from a support set: <c>features</c> of <see cref="Encoder"/> to <c>logits</c> and <c>probabilities</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="support">The classes, each with its examples.</param>
    /// <returns>The ONNX file, of a few kilobytes.</returns>
    /// <exception cref="ArgumentException">
    /// The support set does not fit the model, or the learner's head is neither prototypes by squared distance nor linear on the encoder's features.
    /// </exception>
    public static byte[] Head(AdaptationModel model, IReadOnlyList<SupportClass> support)
    {
        OnnxModels.Require(model.Architecture);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var (body, _) = Body(model);
        var graph = new OnnxGraph();
        var head = OnnxHead.Of(model, support) ?? throw new ArgumentException(
            $"{model.Learner.GetType().Name} adapts more than a head on the encoder's features: export the whole classifier.");
        Answer(graph, model, support, head.Add(graph, graph.Input(Features, [body.OutputWidth])));
        return graph.ToModel("head");
    }

    /// <summary>The adapted model as a whole: <c>items</c> to <c>logits</c> and <c>probabilities</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="support">The classes, each with its examples.</param>
    /// <returns>The ONNX file.</returns>
    /// <exception cref="ArgumentException">
    /// The support set does not fit the model, or what it becomes is neither an adapted Conv4 or MLP nor one with prototypes by squared distance or a linear head.
    /// </exception>
    public static byte[] Classifier(AdaptationModel model, IReadOnlyList<SupportClass> support)
    {
        OnnxModels.Require(model.Architecture);
        using var scope = new TensorScope();
        using var noGrad = Autograd.NoGrad();
        var graph = new OnnxGraph();
        var items = graph.Input(Items, model.Input.ItemShape);
        if (OnnxHead.Of(model, support) is { } head)
        {
            var (body, weights) = Body(model);
            Answer(graph, model, support, head.Add(graph, OnnxModels.Add(graph, body, weights, items)));
        }
        else
        {
            Answer(graph, model, support, OnnxModels.Add(graph, model.Architecture, OnnxHead.Adapted(model, support), items));
        }

        return graph.ToModel("classifier");
    }

    internal static (IModel Body, Parameters Weights) Body(AdaptationModel model)
    {
        using var scope = new TensorScope();
        using var random = Generator.Seed(0);
        var body = model.Architecture.WithShape(model.Input.ItemShape, outputs: 0);
        var names = body.Init(random).Names.ToHashSet(StringComparer.Ordinal);
        return model.Embedding is not null && names.All(model.Theta.Contains)
            ? (body, model.Theta.Where(names.Contains))
            : throw new ArgumentException($"{model.Learner.GetType().Name} has no encoder of its own that could be exported.");
    }

    private static void Answer(OnnxGraph graph, AdaptationModel model, IReadOnlyList<SupportClass> support, string logits)
    {
        graph.Output("logits", logits, support.Count);
        var cooled = graph.Add("Div", [logits, graph.Constant("temperature", (float)(model.Calibration?.Temperature ?? 1))]);
        graph.Output("probabilities", graph.Add("Softmax", [cooled], OnnxGraph.Attribute("axis", 1L)), support.Count);
        graph.Note("classes", JsonSerializer.Serialize(support.Select(one => one.Name)));
    }
}
