using Deutero.Models;
using Deutero.Tasks;
using Deutero.Torch;

namespace Deutero.Learners;

/// <summary>Prototypes of two modalities (AM3): each class is a mixture of the mean of its embedded examples and of what its attributes say, and learns how far to trust which.</summary>
/// <remarks>
/// <para>With p_k the mean of class k's embedded examples and v_k its attributes (<see cref="Examples.Attributes"/>), such as word vectors of its name,
/// w_k = g(v_k), λ_k = σ(h(w_k)), and the prototype is λ_k p_k + (1 − λ_k) w_k; queries are compared with prototypes as in <see cref="ProtoNet"/>. g
/// (<c>semantic.*</c>) and h (<c>mixing.*</c>) have one hidden layer each. With λ = 1 it is <see cref="ProtoNet"/>, with λ = 0 no example is looked at.</para>
/// <para><b>Differs from the paper:</b> dropout in g alone, and not in h; its widths and its dropout were tuned for each number of shots, and its model is a ResNet-12
/// whose scale is learned.</para>
/// </remarks>
[Paper("Xing, Rostamzadeh, Oreshkin and Pinheiro: Adaptive Cross-Modal Few-shot Learning", "NeurIPS 2019", "https://arxiv.org/abs/1902.07104")]
public sealed record CrossModalProtoNet : IMetaLearner
{
    private const string Semantic = "semantic";
    private const string Mixing = "mixing";

    /// <summary>The attributes of a class, at least 1; default 100, the numbers of a word vector.</summary>
    public int Attributes { get; init => field = Setting.AtLeast(value, 1, nameof(Attributes)); } = 100;

    /// <summary>The width of the hidden layers of g and h, at least 1; default 300, the paper's.</summary>
    public int Width { get; init => field = Setting.AtLeast(value, 1, nameof(Width)); } = 300;

    /// <summary>The share of g's hidden units that meta-training leaves out at random, at least 0 and below 1; default 0.5.</summary>
    public double Dropout { get; init => field = Setting.Fraction(value, nameof(Dropout)); } = 0.5;

    /// <summary>How queries and prototypes are compared; default the squared Euclidean distance.</summary>
    public Similarity Similarity { get; init; }

    /// <summary>What similarities are multiplied by, positive; default 1.</summary>
    public double Scale { get; init => field = Setting.Positive(value, nameof(Scale)); } = 1;

    /// <inheritdoc/>
    public int HeadWidth(int outputs) => 0;

    /// <inheritdoc/>
    public Parameters Init(IModel model, Generator random) => model.Init(random)
        .With(TwoLayers(random, Attributes, model.OutputWidth).Prefixed(Semantic))
        .With(TwoLayers(random, model.OutputWidth, 1).Prefixed(Mixing));

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The task is a regression, or the support set has no attributes, or of another number.</exception>
    public Adaptation Adapt(IModel model, Parameters theta, Examples support, Generator random) => new([Predictor(model, theta, support, kept: null)]);

    /// <inheritdoc/>
    public MetaGradient MetaGradient(IModel model, Parameters theta, Episode episode, Generator random)
    {
        var kept = Dropout > 0 ? random.Uniform([episode.Ways, Width]).Ge(Dropout).To(DType.Float32) / (1 - Dropout) : null;
        return Episodic.QueryGradient(theta, episode, Objectives.CrossEntropy, parameters => Predictor(model, parameters, episode.Support, kept));
    }

    private Predictor Predictor(IModel model, Parameters theta, Examples support, Tensor? kept)
    {
        var attributes = Episodic.AttributesOf(support, Attributes, nameof(CrossModalProtoNet));
        var spoken = Forward(theta.Under(Semantic), attributes, kept); // w: [N, D]
        var trust = Forward(theta.Under(Mixing), spoken).Sigmoid(); // λ: [N, 1]
        return Episodic.OnFeatures(model, theta.Without(Semantic).Without(Mixing), support, features =>
            ComparedTo((trust * support.ClassMeans(features)) + ((1 - trust) * spoken)));
    }

    // Prototypes [N, D].
    private Func<Tensor, Tensor> ComparedTo(Tensor prototypes) => queries => Scale * Similarities.Between(Similarity, queries, prototypes);

    private Parameters TwoLayers(Generator random, int inputs, int outputs) =>
        Dense.Linear(random, "hidden", inputs, Width).With(Dense.Linear(random, "output", Width, outputs));

    private static Tensor Forward(Parameters weights, Tensor values, Tensor? kept = null)
    {
        var hidden = Dense.Linear(weights, "hidden", values).Relu();
        return Dense.Linear(weights, "output", kept is null ? hidden : hidden * kept.To(hidden.DType).To(hidden.Device));
    }
}
