using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Draws a task's classifier by a diffusion model over class weights, with the task's gradient to lead it, in place of an inner loop of descent.</summary>
/// <remarks>
/// <para>A class's weights w_0 are the mean features of the class, from a frozen body. Noise turns them into w_t = √ᾱ_t w_0 + √(1 − ᾱ_t) ε, and a
/// denoiser (<c>denoiser.*</c>), the same for all classes, learns to tell ε from w_t and the support set: λ_t G + (1 − λ_t) U(G, t), with
/// G = ∇_w Σ ‖w − z‖² at w_t. A new task's weights are drawn from noise by T steps back; the logit of a class is the cosine of features and weights,
/// times <see cref="Scale"/>. Only the weights' direction means something, not their length.</para>
/// <para>The direction of the outer loop is the gradient of the mean of (ε − ε̂)²; nothing is differentiated through steps. The loss and the predictions that are
/// reported while training are those of the weights that the denoiser guesses in one step from the first of its draws. The body is a part of θ along which the direction
/// is zero, so that its bits stay (under every outer optimiser but AdamW, which lets weights decay): take it from an earlier training.</para>
/// <para><b>Differs from the authors' program:</b> w_0 is the mean over the support and query set of the class, where theirs is over all its images; G is that
/// of the mean over a class's examples, where theirs is the sum, so that one model serves any number of shots; all classes start from the same noise, so
/// that their names do not matter; and there is no average of the denoiser over training.</para>
/// <para><b>Cost:</b> training embeds an episode once; adaptation calls the denoiser, which is small, T times.</para>
/// </remarks>
[Paper("Zhang, Luo, Yu, Li, Lin, Ye and Zhang: MetaDiff: Meta-Learning with Conditional Diffusion for Few-Shot Learning", "AAAI 2024", "https://arxiv.org/abs/2307.16424")]
[NotAGradient("the gradient of the mean of (ε − ε̂(w_t, S, t))² with respect to the denoiser, and zero in the frozen body")]
public sealed record MetaDiff : IMetaLearner
{
    private const string Prefix = "denoiser";
    private const int TimeFeatures = 320;
    private const int Layers = 5;

    /// <summary>Steps T from weights to noise and back, at least 1; default 1000.</summary>
    public int Steps { get; init => field = Setting.AtLeast(value, 1, nameof(Steps)); } = 1000;

    /// <summary>The variance β of the noise in the first step; those between grow linearly; default 1e-4.</summary>
    public double FirstVariance { get; init => field = Inside(value, nameof(FirstVariance)); } = 1e-4;

    /// <summary>The variance β of the noise in the last step; default 0.02.</summary>
    public double LastVariance { get; init => field = Inside(value, nameof(LastVariance)); } = 0.02;

    /// <summary>Units of the denoiser's outer hidden layers, and twice those of its inner ones; default 256.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 2, nameof(Width)); } = 256;

    /// <summary>Whether U sees w_t, too, without which it cannot tell noise from what the support set is off by; default false, the paper's.</summary>
    public bool SeesWeights { get; init; }

    /// <summary>Pairs of a step t and noise ε for each class of an episode in meta-training; default 8.</summary>
    public int Draws { get; init => field = Setting.AtLeast(value, 1, nameof(Draws)); } = 8;

    /// <summary>What cosines are multiplied by; default 10.</summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 10;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var (body, features) = (model.Init(random), model.OutputWidth);
        var denoiser = new List<KeyValuePair<string, Tensor>>();
        void Add(string name, int inputs, int outputs)
        {
            var bound = 1 / Math.Sqrt(inputs);
            denoiser.Add(new($"{name}.weight", random.Uniform([outputs, inputs], -bound, bound)));
            denoiser.Add(new($"{name}.bias", random.Uniform([outputs], -bound, bound)));
        }

        int[] widths = [SeesWeights ? 2 * features : features, Width, Width / 2, Width / 2, Width, features];
        for (var layer = 1; layer <= Layers; layer++)
        {
            Add($"layer{layer}", widths[layer - 1], widths[layer]);
            Add($"time{layer}", TimeFeatures, widths[layer]);
        }

        Add("mix1", TimeFeatures, TimeFeatures / 2);
        Add("mix2", TimeFeatures / 2, 1);
        return body.With(Parameters.Create(denoiser.ToArray()).Prefixed(Prefix));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: class weights need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "MetaDiff");
        return new([Episodic.OnFeatures(model, theta.Without(Prefix), support, features =>
        {
            var (denoiser, means) = (theta.Under(Prefix), support.ClassMeans(features)); // [N, D]
            var times = At(denoiser, [.. Enumerable.Range(1, Steps)], means);
            using var noise = random.Derive(); // the same again, should the head be fitted again
            var start = noise.Normal([1, 1, means.Size(1)], dtype: means.DType).To(means.Device).Expand([1, means.Size(0), means.Size(1)]);
            var weights = Reverse(start, (noisy, t) => Denoise(denoiser, noisy, means, times.Of(t))).Squeeze(0);
            return queries => Scale * Similarities.Between(Similarity.Cosine, queries, weights);
        })]);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: class weights need classes.</exception>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        Episodic.RequireClasses(episode.Support, "MetaDiff");
        var body = theta.Without(Prefix);
        var support = episode.Support with { Inputs = model.Forward(body, episode.Support.Inputs) };
        var query = episode.Query with { Inputs = Episodic.ForwardBeside(model, body, episode.Support.Inputs, episode.Query.Inputs) };
        var all = support.Concat(query);
        var (means, weights) = (support.ClassMeans(support.Inputs), all.ClassMeans(all.Inputs)); // [N, D]
        (means, weights) = (means.Repeat([Draws, 1]).Unsqueeze(1), weights.Repeat([Draws, 1]).Unsqueeze(1)); // [draws · N, 1, D]
        int[] steps = [.. Enumerable.Range(0, Draws * episode.Ways).Select(_ => random.Next(Steps) + 1)];
        var noise = random.Normal([.. weights.Shape], dtype: weights.DType).To(weights.Device);
        var (signal, spread) = (Column(steps, t => Math.Sqrt(Signal(t)), weights), Column(steps, t => Math.Sqrt(1 - Signal(t)), weights));
        var noisy = (signal * weights) + (spread * noise);
        var (_, guess, gradient) = Transforms.ValueAndGrad(
            denoiser =>
            {
                var told = Denoise(denoiser, noisy, means, At(denoiser, steps, means));
                return ((noise - told).Square().Mean(), told);
            },
            theta.Under(Prefix));
        var guessed = ((noisy - (spread * guess)) / signal)[..episode.Ways].Squeeze(1);
        var predictions = Scale * Similarities.Between(Similarity.Cosine, query.Inputs, guessed);
        return new(body.Map(leaf => leaf.ZerosLike()).With(gradient.Prefixed(Prefix)), Objectives.CrossEntropy(predictions, episode.Query), predictions);
    }

    // ᾱ_t, the part of w_t's variance that is w_0's.
    internal double Signal(int t) => Enumerable.Range(1, t).Aggregate(1.0, (product, step) => product * (1 - Variance(step)));

    // The way back from w_T, without new noise: w_(t-1) = (w_t − β_t / √(1 − ᾱ_t) ε̂) / √(1 − β_t).
    internal Tensor Reverse(Tensor noisy, Func<Tensor, int, Tensor> denoise)
    {
        double[] signal = [.. Enumerable.Range(1, Steps).Select(Signal)];
        for (var t = Steps; t >= 1; t--)
        {
            using var scope = new TensorScope();
            var guess = denoise(noisy, t);
            noisy = scope.Keep((noisy - (Variance(t) / Math.Sqrt(1 - signal[t - 1]) * guess)) / Math.Sqrt(1 - Variance(t)));
        }

        return noisy;
    }

    // The noise in weights [R, N, D] at R times, told from means of the support set that broadcast with them.
    internal Tensor Denoise(Parameters denoiser, Tensor noisy, Tensor means, Times times)
    {
        var gradient = 2 * (noisy - means);
        Tensor Layer(int layer, Tensor values) =>
            (values.Matmul(denoiser[$"layer{layer}.weight"].T()) + denoiser[$"layer{layer}.bias"]) * times.Factors[layer - 1];

        var first = Layer(1, SeesWeights ? Tensor.Cat([gradient, noisy], -1) : gradient).Softplus();
        var second = Layer(2, first).Softplus();
        var third = Layer(3, second).Softplus() + second;
        var fourth = Layer(4, third).Softplus() + first;
        var fifth = Layer(5, fourth) + gradient;
        return (times.Mix * gradient) + ((1 - times.Mix) * fifth);
    }

    // What the denoiser makes of times alone, for all of them at once.
    internal static Times At(Parameters denoiser, int[] steps, Tensor like)
    {
        const int Half = TimeFeatures / 2;
        double Angle(int t, int i) => t * Math.Pow(10_000, -(double)i / Half);
        double[] values = [.. steps.SelectMany(t => Enumerable.Range(0, TimeFeatures).Select(i => i < Half ? Math.Cos(Angle(t, i)) : Math.Sin(Angle(t, i - Half))))];
        var features = Tensor.From(values, steps.Length, 1, TimeFeatures).To(like.DType).To(like.Device);
        Tensor Linear(string name, Tensor inputs) => inputs.Matmul(denoiser[$"{name}.weight"].T()) + denoiser[$"{name}.bias"]; // [R, 1, outputs]
        return new(
            Linear("mix2", Linear("mix1", features).Softplus()).Sigmoid(),
            [.. Enumerable.Range(1, Layers).Select(layer => Linear($"time{layer}", features))]);
    }

    private double Variance(int t) => Steps == 1 ? FirstVariance : FirstVariance + ((LastVariance - FirstVariance) * (t - 1) / (Steps - 1));

    private static Tensor Column(int[] steps, Func<int, double> value, Tensor like) =>
        Tensor.From(Array.ConvertAll(steps, t => value(t)), steps.Length, 1, 1).To(like.DType).To(like.Device);

    private static double Inside(double value, string name) =>
        value is > 0 and < 1 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between 0 and 1.");

    // λ_t, and what each layer's outputs are multiplied by: [R, 1, 1] and [R, 1, outputs].
    internal sealed record Times(Tensor Mix, IReadOnlyList<Tensor> Factors)
    {
        internal Times Of(int t) => new(Mix.Narrow(0, t - 1, 1), [.. Factors.Select(factor => factor.Narrow(0, t - 1, 1))]);
    }
}
