using Deutero.Models;
using Deutero.Torch;
using static Deutero.Edge.Onnx.OnnxGraph;

namespace Deutero.Edge.Onnx;

/// <summary>Architectures as ONNX operators.</summary>
internal static class OnnxModels
{
    /// <exception cref="ArgumentException">There is no ONNX for the model, or it normalises by the batch.</exception>
    internal static void Require(IModel model)
    {
        if (model is not (Conv4 or Mlp))
        {
            throw new ArgumentException($"{model.GetType().Name} cannot be exported: Conv4 or Mlp was expected.");
        }

        if (model is Conv4 { Statistics: null })
        {
            throw new ArgumentException(
                $"This model normalises each batch by its own statistics (BatchNorm policy {model.BatchNorm}), so that it has no answer to one item: train with model.batchNorm=running.");
        }
    }

    /// <summary>Adds a model that <see cref="Require"/> lets pass, with its last linear layer where it has one.</summary>
    /// <returns>The name of its output <c>[N, outputs]</c>.</returns>
    internal static string Add(OnnxGraph graph, IModel model, Parameters parameters, string items) =>
        model is Conv4 convolutional ? AddConv4(graph, convolutional, parameters, items) : AddMlp(graph, (Mlp)model, parameters, items);

    private static string AddConv4(OnnxGraph graph, Conv4 model, Parameters parameters, string values)
    {
        var statistics = model.Statistics!;
        var pools = model.Downsampling == Downsampling.MaxPool;
        for (var block = 1; block <= Conv4.Blocks; block++)
        {
            var halve = block <= model.Halvings ? 2 : 1;
            values = graph.Add(
                "Conv", [values, Constant(graph, parameters, $"conv{block}.weight")],
                Attribute("kernel_shape", 3, 3), Attribute("pads", 1, 1, 1, 1), Attribute("strides", pools ? 1 : halve, pools ? 1 : halve));
            values = graph.Add(
                "BatchNormalization",
                [
                    values, Constant(graph, parameters, $"norm{block}.weight"), Constant(graph, parameters, $"norm{block}.bias"),
                    Constant(graph, statistics, $"norm{block}.mean"), Constant(graph, statistics, $"norm{block}.variance"),
                ], Attribute("epsilon", (float)Layers.Epsilon));
            values = graph.Add("Relu", [values]);
            if (pools && halve == 2)
            {
                values = graph.Add("MaxPool", [values], Attribute("kernel_shape", 2, 2), Attribute("strides", 2, 2));
            }
        }

        values = graph.Add("Flatten", [pools ? values : graph.Add("GlobalAveragePool", [values])]);
        return model.Outputs > 0 ? Linear(graph, parameters, "head", values) : values;
    }

    private static string AddMlp(OnnxGraph graph, Mlp model, Parameters parameters, string items)
    {
        var values = graph.Add("Flatten", [items]);
        var layers = model.Hidden.Count + (model.Outputs > 0 ? 1 : 0);
        for (var layer = 1; layer <= layers; layer++)
        {
            values = Linear(graph, parameters, $"linear{layer}", values);
            values = layer > model.Hidden.Count ? values : graph.Add($"{model.Activation}", [values]); // whose names are ONNX's
        }

        return values;
    }

    private static string Linear(OnnxGraph graph, Parameters parameters, string layer, string values) => graph.Add(
        "Gemm", [values, Constant(graph, parameters, $"{layer}.weight"), Constant(graph, parameters, $"{layer}.bias")], Attribute("transB", 1L));

    private static string Constant(OnnxGraph graph, Parameters parameters, string name) => graph.Constant(name, parameters[name]);
}
