using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Latent embedding optimisation: each class has a few latent numbers, which decode to its classifier's weights, and descends in those.</summary>
/// <remarks>
/// <para>The support's features are encoded linearly, all ordered pairs pass a relation network, and the means over pairs and over a class's examples are the
/// mean and spread of its latent vector z. A linear decoder makes mean and spread of its weights w from z; logits are w·f(x), with f(x) of length 1. Inner steps are
/// z ← z − α_z ⊙ ∇L(w(z); S), then w ← w − α_w ⊙ ∇L(w; S), with learned rates for each latent and each feature. The outer loop descends along the gradient of
/// L(w; Q) + β KL + γ ||z′ − z||² + λ ||C − I||², a mean in each term, with z′ the adapted latents as constants and C the cosines between the decoder's
/// rows. In meta-training z and w are sampled; a new task has their means. The loss that is reported is L(w; Q).</para>
/// <para>f is the model. It is trained along unless <see cref="FrozenBody"/> says otherwise; for features that were computed before, it is an
/// <see cref="Mlp"/> without layers, the identity.</para>
/// <para><b>Differs from the authors' program:</b> inner losses are means, theirs sums; one latent vector for each class, where theirs has a copy for each
/// example; no dropout; spreads are bounded; weight decay is the outer loop's.</para>
/// <para><b>Cost:</b> the relation network sees (NK)² pairs; steps run on features.</para>
/// </remarks>
[Paper("Rusu, Rao, Sygnowski, Vinyals, Pascanu, Osindero and Hadsell: Meta-Learning with Latent Embedding Optimization", "ICLR 2019", "https://arxiv.org/abs/1807.05960")]
[NotAGradient("the gradient of the query loss and its penalties, with the adapted latents of the penalty held fixed")]
public sealed record Leo : IUnrolledLearner
{
    private const string Prefix = "leo";
    private const string Features = "features";
    private const string First = "latents.first";
    private const string Adapted = "latents";
    private const string ClassWeights = "weights";
    private const string Divergence = "divergence";
    private const double LeastSpread = 1e-10;
    private const double MostCode = 3; // a step that goes too far must not make spreads infinite

    /// <summary>The latent numbers of a class, at least 1; default 64, the paper's.</summary>
    public int Latents { get; init => field = Setting.AtLeast(value, 1, nameof(Latents)); } = 64;

    /// <summary>The learned rates α_z of the latents before training, for a loss that is a mean; default 1; the paper has 1 for a sum, which is 5 for a mean over five examples.</summary>
    public double InnerRate { get; init => field = Setting.Positive(value, nameof(InnerRate)); } = 1;

    /// <summary>Steps in the latents, at least 1; default 5, the paper's.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 5;

    /// <summary>The learned rates α_w of the weights before training, for a loss that is a mean; default 0.005, which is the paper's for five examples.</summary>
    public double FineTuningRate { get; init => field = Setting.Positive(value, nameof(FineTuningRate)); } = 0.005;

    /// <summary>Further steps in the weights, at least 0; default 5, the paper's.</summary>
    public int FineTuningSteps { get; init => field = Setting.AtLeast(value, 0, nameof(FineTuningSteps)); } = 5;

    /// <summary>The weight β of the latents' divergence from N(0, 1), estimated from the sample, at least 0; default 0.01; the paper tuned 0.76 for 1 shot of miniImageNet.</summary>
    public double DivergenceWeight { get; init => field = Setting.NotNegative(value, nameof(DivergenceWeight)); } = 0.01;

    /// <summary>The weight γ of the distance between the latents and the adapted ones, at least 0; default 1e-6, about the paper's.</summary>
    public double EncoderWeight { get; init => field = Setting.NotNegative(value, nameof(EncoderWeight)); } = 1e-6;

    /// <summary>The weight λ of what the decoder's rows are short of orthogonal, at least 0; default 0.1; the paper tuned 0.19 for 1 shot of miniImageNet.</summary>
    public double OrthogonalityWeight { get; init => field = Setting.NotNegative(value, nameof(OrthogonalityWeight)); } = 0.1;

    /// <summary>Whether the model keeps its first parameters, as the paper's does, which was trained before; default false.</summary>
    public bool FrozenBody { get; init; }

    /// <summary>What the meta-gradient flows through; default all inner steps.</summary>
    public Unrolling Unrolling { get; init; } = new Unrolling.Full();

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var (width, pair) = (model.OutputWidth, 2 * Latents);
        Tensor Matrix(int rows, int columns) => Layers.Xavier(random, rows, columns, [rows, columns]);
        var body = model.Init(random);
        Parameters added =
        [
            new("encoder", Matrix(width, Latents)),
            .. Enumerable.Range(1, 3).Select(layer => KeyValuePair.Create($"relation{layer}", Matrix(pair, pair))),
            new("decoder", Matrix(Latents, 2 * width)),
            new("rates.latents", Tensor.Full([Latents], InnerRate)),
            new("rates.weights", Tensor.Full([width], FineTuningRate)),
        ];
        return body.With(added.Prefixed(Prefix));
    }

    /// <inheritdoc/>
    public IMetaLearner WithUnrolling(Unrolling unrolling) => this with { Unrolling = unrolling };

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: classifiers need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) =>
        Descent(model, support, noise: null).Adapt(theta, Steps + FineTuningSteps, Unrolling);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: classifiers need classes.</exception>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var descent = Descent(model, episode.Support, Noise(theta, episode.Support, random));
        var result = descent.MetaGradient(theta, Steps + FineTuningSteps, Unrolling, (meta, phi) =>
        {
            var predictions = descent.Predict(meta, phi)(episode.Query.Inputs);
            return (Objectives.CrossEntropy(predictions, episode.Query) + Penalty(meta, phi, phi[Adapted].Detach()), predictions);
        });
        return result with { Loss = Objectives.CrossEntropy(result.Predictions, episode.Query) };
    }

    internal Tensor Penalty(Parameters theta, Parameters phi, Tensor adapted) =>
        (DivergenceWeight * phi[Divergence])
        + (EncoderWeight * (adapted - phi[First]).Square().Mean())
        + (OrthogonalityWeight * Obliqueness(theta[$"{Prefix}.decoder"]));

    // Of z, once, and of w for each time that it is decoded.
    internal (Tensor Latents, Tensor Weights) Noise(Parameters theta, Examples support, Generator random)
    {
        var decoder = theta[$"{Prefix}.decoder"];
        Tensor Draw(long[] shape) => random.Normal(shape).To(decoder.DType).To(decoder.Device);
        return (Draw([support.Ways, Latents]), Draw([Steps + 1, support.Ways, decoder.Size(1) / 2]));
    }

    internal InnerLoop Descent(IModel model, Examples support, (Tensor Latents, Tensor Weights)? noise)
    {
        Episodic.RequireClasses(support, "LEO");
        Parameters Body(Parameters theta) => FrozenBody ? theta.Without(Prefix).Detach() : theta.Without(Prefix);
        Tensor Weights(Parameters theta, Tensor latents, int step) =>
            Decoded(latents.Matmul(theta[$"{Prefix}.decoder"]), support.Ways, noise?.Weights[step]);
        Tensor Loss(Tensor features, Tensor weights) => Objectives.CrossEntropy(features.Matmul(weights.T()), support);
        return new(
            Start: theta =>
            {
                var features = Unit(model.Forward(Body(theta), support.Inputs)); // [NK, D]
                var (latents, divergence) = Sampled(Related(theta.Under(Prefix), features, support), noise?.Latents);
                return [new(Features, features), new(First, latents), new(Divergence, divergence), new(Adapted, latents), new(ClassWeights, Weights(theta, latents, 0))];
            },
            Step: (theta, phi, step, constant) =>
            {
                var (features, latents, weights) = (phi[Features], phi[Adapted], phi[ClassWeights]);
                if (step >= Steps)
                {
                    return phi.With([new(ClassWeights, weights - (theta[$"{Prefix}.rates.weights"] * Transforms.Grad(at => Loss(features, at), weights, constant)))]);
                }

                var slope = Transforms.Grad(at => Loss(features, Weights(theta, at, step)), latents, constant);
                var moved = latents - (theta[$"{Prefix}.rates.latents"] * slope);
                return phi.With([new(Adapted, moved), new(ClassWeights, Weights(theta, moved, step + 1))]);
            },
            Predict: (theta, phi) => inputs => Unit(Episodic.ForwardBeside(model, Body(theta), support.Inputs, inputs)).Matmul(phi[ClassWeights].T()));
    }

    // Of each class, mean and spread of its latents, [N, 2L]: over its examples, of the means over all examples that they are paired with.
    private Tensor Related(Parameters leo, Tensor features, Examples support)
    {
        var codes = features.Matmul(leo["encoder"]); // [NK, L]
        long[] all = [codes.Size(0), codes.Size(0), Latents];
        var pairs = Tensor.Cat([codes.Unsqueeze(1).Expand(all), codes.Unsqueeze(0).Expand(all)], -1).Reshape([-1, 2 * Latents]);
        var related = pairs.Matmul(leo["relation1"]).Relu().Matmul(leo["relation2"]).Relu().Matmul(leo["relation3"]);
        return support.ClassMeans(related.Reshape([codes.Size(0), codes.Size(0), -1]).Mean([1]));
    }

    // z and the mean of log q(z) − log p(z), in which the constants of the two densities cancel.
    private (Tensor Latents, Tensor Divergence) Sampled(Tensor code, Tensor? noise)
    {
        var (mean, spread) = (code.Narrow(1, 0, Latents), Spread(code.Narrow(1, Latents, Latents), 0));
        var drawn = noise ?? mean.ZerosLike();
        var latents = mean + (spread * drawn);
        return (latents, ((latents.Square() - drawn.Square()) * 0.5 - spread.Log()).Mean());
    }

    private static Tensor Decoded(Tensor code, int ways, Tensor? noise)
    {
        var width = code.Size(1) / 2;
        var mean = code.Narrow(1, 0, width);
        return noise is null ? mean : mean + (Spread(code.Narrow(1, width, width), Math.Sqrt(2.0 / (width + ways))) * noise);
    }

    // max(exp(s) − 1 + offset, least), with s at most 3.
    internal static Tensor Spread(Tensor code, double offset) => (code.Clamp(max: MostCode).Exp() - 1 + offset).Clamp(min: LeastSpread);

    private static Tensor Unit(Tensor rows) => rows / (rows.Square().Sum([1], keepdim: true) + 1e-20).Sqrt();

    // The mean square of the cosines between different rows, and of what is missing to 1 on the diagonal.
    internal static Tensor Obliqueness(Tensor matrix)
    {
        var unit = Unit(matrix);
        return (unit.Matmul(unit.T()) - Tensor.Eye(matrix.Size(0), matrix.DType, matrix.Device)).Square().Mean();
    }
}
