using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>One forward pass gives a Gaussian posterior over a task's linear classifier; predictions are averaged over samples of it.</summary>
/// <remarks>
/// <para>With h̄_k the mean feature of class k's support, four networks give means and log-variances of the weights w_k and of the bias b_k from h̄_k
/// alone, so that any number of classes and shots will do. A query's logit of class k is then Gaussian with mean w̄_k·h + b̄_k and variance
/// Σ_j σ²_kj h_j² + σ²_bk, and that is what is sampled. The predictions are the logarithm of the mean over samples of softmax(logits), whose cross-entropy
/// is the paper's loss −log 1/L Σ_l p(y | w_l).</para>
/// <para><b>Differs from the authors' program:</b> it predicts by the mean of unnormalised exp(logits), where this averages probabilities, as the paper
/// does; no dropout; log-variances are kept within −10 and 5, and start at −5. Outside of meta-training, queries share their samples.</para>
/// <para><b>Cost:</b> no gradient at adaptation; L softmaxes for each query.</para>
/// </remarks>
[Paper("Gordon, Bronskill, Bauer, Nowozin and Turner: Meta-Learning Probabilistic Inference for Prediction", "ICLR 2019", "https://arxiv.org/abs/1805.09921")]
public sealed record Versa : IMetaLearner
{
    private const string Prefix = "posterior";
    private const double Least = -10;
    private const double Most = 5;

    /// <summary>The width of the two hidden layers of each network, at least 1; default 256, the paper's.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 256;

    /// <summary>The samples L of each logit, at least 1; default 10, the paper's.</summary>
    public int Samples { get; init => field = Setting.AtLeast(value, 1, nameof(Samples)); } = 10;

    /// <summary>The logarithm of the variances before training, up to the networks' random part, between −10 and 5; default −5, so that logits are not all noise at first.</summary>
    public double InitialLogVariance
    {
        get;
        init => field = value is >= Least and <= Most
            ? value
            : throw new ArgumentOutOfRangeException(nameof(InitialLogVariance), value, $"{nameof(InitialLogVariance)} must be between {Least} and {Most}.");
    } = -5;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random)
    {
        var theta = model.Init(random);
        foreach (var (name, width) in new[] { ("weight", model.OutputWidth), ("bias", 1) })
        {
            var (mean, variance) = (Network(model.OutputWidth, width).Init(random), Network(model.OutputWidth, width).Init(random));
            variance = variance.With([new("linear3.bias", variance["linear3.bias"] + InitialLogVariance)]);
            theta = theta.With(mean.Prefixed($"{Prefix}.{name}.mean")).With(variance.Prefixed($"{Prefix}.{name}.variance"));
        }

        return theta;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: classifiers need classes.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random)
    {
        Episodic.RequireClasses(support, "VERSA");
        var noise = random.Normal([Samples, 1, support.Ways]); // the same for every query, so that none depends on what it is predicted with
        return new([Predictor(model, theta, support, noise)]);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression: classifiers need classes.</exception>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        Episodic.RequireClasses(episode.Support, "VERSA");
        var noise = random.Normal([Samples, episode.Query.Count, episode.Support.Ways]); // independent: the variance of the meta-gradient is smaller
        return Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => Predictor(model, parameters, episode.Support, noise));
    }

    private Predictor Predictor(IModel model, Parameters theta, Examples support, Tensor noise) =>
        Episodic.OnFeatures(model, Episodic.OfModel(theta, Prefix), support, features =>
        {
            var means = support.ClassMeans(features); // [N, D]
            Tensor Moment(string name, int width) =>
                Network((int)features.Size(1), width).Forward(theta.Under($"{Prefix}.{name}"), means);
            var weights = (Moment("weight.mean", (int)features.Size(1)), Moment("weight.variance", (int)features.Size(1)));
            var biases = (Moment("bias.mean", 1), Moment("bias.variance", 1));
            return queries =>
            {
                var (mean, variance) = Logits(queries, weights, biases);
                return LogProbabilities(mean, variance, noise.To(queries.DType).To(queries.Device));
            };
        });

    // The moments of each logit, [M, N], from those of weights, [N, D], and biases, [N, 1]; variances are given by their logarithms.
    internal static (Tensor Mean, Tensor Variance) Logits(Tensor features, (Tensor Mean, Tensor LogVariance) weights, (Tensor Mean, Tensor LogVariance) biases) => (
        features.Matmul(weights.Mean.T()) + biases.Mean.T(),
        features.Square().Matmul(Variance(weights.LogVariance).T()) + Variance(biases.LogVariance).T());

    // log 1/L Σ_l softmax(mean + deviation · noise_l): [M, N] from noise [L, M, N] or [L, 1, N].
    internal static Tensor LogProbabilities(Tensor mean, Tensor variance, Tensor noise) =>
        (mean + (variance.Sqrt() * noise)).LogSoftmax(-1).Logsumexp([0]) - Math.Log(noise.Size(0));

    private static Tensor Variance(Tensor logarithm) => logarithm.Clamp(Least, Most).Exp();

    private Mlp Network(int inputs, int outputs) => new() { Inputs = inputs, Hidden = [Width, Width], Outputs = outputs, Activation = Activation.Elu };
}
