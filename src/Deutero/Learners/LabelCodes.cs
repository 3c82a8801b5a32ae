using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>
/// How labels get into a network that reads a support set, and predictions out of it: row k of the model's last layer is the code of class k, which stands for
/// the label where it is read, and is compared with where it is predicted. A value is a multiple of its row.
/// </summary>
/// <remarks>So the names of classes mean nothing but their rows, and a network that was trained with many classes serves fewer.</remarks>
/// <param name="Body">The model without its last layer.</param>
/// <param name="Own">The model's parameters.</param>
/// <param name="Rows">Shape <c>[N, F]</c>, with F the width of the body's features.</param>
/// <param name="Bias">Shape <c>[N]</c>.</param>
internal sealed record LabelCodes(IModel Body, Parameters Own, Tensor Rows, Tensor Bias)
{
    internal static LabelCodes Of(IModel model, Parameters own, Examples support)
    {
        var (rows, bias) = (Episodic.HeadOf(own).Leaves[0], Episodic.HeadOf(own).Leaves[1]);
        if (support.IsClassification)
        {
            if (support.Ways > rows.Size(0))
            {
                throw new ArgumentException($"The episode has {support.Ways} classes, but the network knows the labels of {rows.Size(0)}: it was made for that many.");
            }

            (rows, bias) = (rows.Narrow(0, 0, support.Ways), bias.Narrow(0, 0, support.Ways));
        }

        return new(model.WithShape([.. support.Inputs.Shape.Skip(1)], outputs: 0), own, rows, bias);
    }

    // The width of the body's features, and so of the codes.
    internal static int Width(Parameters own) => (int)Episodic.HeadOf(own).Leaves[0].Size(1);

    internal Predictor OnFeatures(Examples support, Func<Tensor, Func<Tensor, Tensor>> fit) => Episodic.OnFeatures(Body, Own, support, fit);

    // What the examples' targets are read as: [T, F]
    internal Tensor Of(Examples examples) => (examples.IsClassification ? examples.OneHot() : examples.Targets).Matmul(Rows);

    // What is read out of answers [M, F]: [M, N]
    internal Tensor Predict(Tensor answers) => Transforms.Linear(answers, Rows, Bias);
}
