using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>A last layer whose connections are w + α Hebb, with Hebb written by the support examples one after the other.</summary>
/// <param name="Codes">The model, of whose last layer the rows are w.</param>
/// <param name="Plasticity">α, shape <c>[N, F]</c>.</param>
internal sealed record PlasticLayer(LabelCodes Codes, Tensor Plasticity)
{
    internal const string Prefix = "plastic";

    // The greatest α before training, the authors'.
    private const double Greatest = 0.01;

    /// <summary>A rule: from Hebb and a trace of activity, [N, F] both, and an example's activities x [1, F] and labels y [N, 1] to the next Hebb and trace.</summary>
    internal delegate (Tensor Hebb, Tensor Trace) Rule(Tensor hebb, Tensor trace, Tensor inputs, Tensor labels);

    // With what a rule adds for a number of features.
    internal static Parameters Init(IModel model, Generator random, Func<int, Parameters> rule)
    {
        var own = model.Init(random);
        var alpha = Parameters.Create([Episodic.HeadOf(own).First()]).Map(weight => random.Uniform([.. weight.Shape], 0, Greatest));
        return alpha.With(rule(LabelCodes.Width(own))).Prefixed(Prefix).With(own);
    }

    internal static PlasticLayer Of(IModel model, Parameters theta, Examples support)
    {
        var codes = LabelCodes.Of(model, Episodic.OfModel(theta, Prefix), support);
        return new(codes, theta.Under(Prefix).Leaves[0].Narrow(0, 0, codes.Rows.Size(0)));
    }

    internal Predictor OnFeatures(Examples support, Tensor order, Rule rule) => Codes.OnFeatures(support, features =>
    {
        var (inputs, labels) = (features.Tanh().IndexSelect(0, order), (support.IsClassification ? support.OneHot() : support.Targets).IndexSelect(0, order));
        var (hebb, trace) = (Codes.Rows.ZerosLike(), Codes.Rows.ZerosLike());
        for (var place = 0; place < support.Count; place++)
        {
            (hebb, trace) = rule(hebb, trace, inputs.Narrow(0, place, 1), labels.Narrow(0, place, 1).T());
        }

        return queries => Logits(hebb, queries.Tanh());
    });

    // Of inputs [M, F]: [M, N]
    internal Tensor Logits(Tensor hebb, Tensor inputs) => Transforms.Linear(inputs, Codes.Rows + (Plasticity * hebb), Codes.Bias);
}
